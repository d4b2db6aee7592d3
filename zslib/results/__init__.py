"""Results of the grid: one method on one dataset run and scored, and what all of them say together."""

from zslib.results.run import SCORED, Run
from zslib.results.stages import embed, score

__all__ = ["SCORED", "Run", "embed", "score"]
