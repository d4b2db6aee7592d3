"""Zero-shot evaluation of single-cell embeddings.

:func:`embed`, :func:`score` and :func:`compare` take an AnnData and keys, :func:`robustness` an AnnData and methods. The rooms, in the order data flow through
them: :mod:`zslib.datasets` (cards, and reading of any file), :mod:`zslib.methods` (one file a method),
:mod:`zslib.frozen` (scGPT and Geneformer), :mod:`zslib.metrics` (arrays in, numbers out), :mod:`zslib.results` (what lies
where, and what it says together), :mod:`zslib.plots` and :mod:`zslib.tables` (what the book shows),
:mod:`zslib.studies` (questions beside the grid), :mod:`zslib.workflow` (the grid).
"""

__version__ = "0.1.0"
__all__ = ["compare", "embed", "robustness", "score"]
ROOMS = ("datasets", "methods", "metrics", "plots", "results", "tables")


def __getattr__(name: str):
    """Load what takes seconds to import when it is first asked for."""
    import importlib

    if name in ROOMS:
        return importlib.import_module(f"zslib.{name}")
    if name not in __all__:
        raise AttributeError(f"module 'zslib' has no attribute {name!r}")
    module = "robustness" if name == "robustness" else "keys"
    return getattr(importlib.import_module(f"zslib.results.{module}"), name)
