"""Zero-shot evaluation of single-cell embeddings.

The parts, in the order data flows through them: :mod:`zslib.datasets` (cards and loaders),
:mod:`zslib.datasets.prepare` (the cells every method gets), :mod:`zslib.methods` (one file a method),
:mod:`zslib.metrics` (arrays in, numbers out), :mod:`zslib.core.stats` (uncertainty), :mod:`zslib.plots`
and :mod:`zslib.tables` (what the book shows), :mod:`zslib.workflow` (the grid).
"""

__version__ = "0.1.0"
