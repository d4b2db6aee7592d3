"""What this build has to say about the claims: its scores, the networks that it tuned, and those it pre-trained."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from zslib.core import stats
from zslib.results import comparison
from zslib.results.comparison import Comparison
from zslib.studies.composition import live
from zslib.studies.tuning import results as tuned
from zslib.studies.tuning.results import Tuned

BUILD = "this build"
"""Where evidence is from that is not in the record."""


@dataclass(frozen=True)
class Build:
    """The results that claims are asked of; all empty where nothing was run."""

    runs: Sequence[Comparison] = ()
    tuned: Sequence[Tuned] = ()
    pretrained: pd.DataFrame | None = None
    """Scores of models pre-trained on subsets; see :mod:`zslib.studies.composition.live`."""

    @classmethod
    def of(cls, grid) -> "Build":
        """Read what a grid has left (see :class:`zslib.workflow.grid.Grid`)."""
        runs = [comparison.load_grid(grid, dataset) for dataset in grid.datasets]
        return cls(runs, tuned.of_grid(grid), live.read(grid.results))


def lead(run: Comparison, method: str, rival: str, metric: str, space: str = "native"):
    """How much higher a method scores than a rival on one dataset, with the interval over its cells.

    Returns
    -------
    Row with difference, ci_low, ci_high; None where one of them did not run or the metric is not defined.
    """
    table = run.differences(rival, metric, space).set_index("method")
    return table.loc[method] if method in table.index else None


def moved(run: Comparison, method: str, rival: str, metric: str) -> stats.Difference | None:
    """How much of a lead is gone when both embeddings are reduced to 50 components."""
    found = [run.scored(metric, [method, rival], space) for space in comparison.SPACES]
    if any(len(names) < 2 for names, *_ in found):
        return None
    leads = [values[0] - values[1] for _, values, _ in found]
    again = [replicates[:, 0] - replicates[:, 1] for *_, replicates in found]
    return stats.paired_difference(*again, estimate=leads[0] - leads[1])
