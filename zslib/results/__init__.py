"""Results of the grid: one method on one dataset run and scored, and what all of them say together."""

from zslib.results.run import SCORED, Run

__all__ = ["SCORED", "Run", "embed", "score"]


def __getattr__(name: str):
    """Load what computes when it is asked for: who only asks what lies where waits for no torch."""
    if name not in __all__:
        raise AttributeError(f"module 'zslib.results' has no attribute {name!r}")
    from zslib.results import stages

    return getattr(stages, name)
