"""How sure the order of methods is: from paired resamples on a dataset, and from ranks over datasets."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from zslib.core import stats
from zslib.core.stats import ranks
from zslib.results.comparison import Comparison


@dataclass(frozen=True)
class Stability:
    """How much of an order survives resampling."""

    tau: float
    """Mean Kendall's τ between the order in a resample and that of all cells."""
    same: float
    """Share of the resamples with the very same order."""


def ranking(runs: Comparison, metric: str, names: Sequence[str]) -> pd.DataFrame:
    """Where each method stands, and how sure that is.

    Returns
    -------
    One row a method that was scored, the best first: method, value, rank with rank_low and rank_high (95 % of the
    paired replicates), behind with all_low and all_high: how much worse it scores than the first, with intervals that
    hold for all methods at once, whichever comes out first.
    """
    names, values, replicates = runs.scored(metric, names)
    columns = ["method", "value", "rank", "rank_low", "rank_high", "behind", "all_low", "all_high"]
    if not names:
        return pd.DataFrame(columns=columns)
    order = np.argsort(-values, kind="stable")
    low, high = stats.interval(ranks.ranks(replicates))
    _, all_low, all_high = stats.behind_best(replicates, values)
    found = ranks.ranks(values[None])[0], low, high, values.max() - values, all_low, all_high
    return pd.DataFrame(dict(zip(columns, (names, np.abs(values), *found), strict=True))).iloc[order]


def stability(runs: Comparison, metric: str, names: Sequence[str]) -> Stability | None:
    """How much of the order of methods survives resampling; ``None`` for fewer than two methods."""
    names, values, replicates = runs.scored(metric, names)
    if len(names) < 2:
        return None
    taus = ranks.kendall_tau(replicates, np.broadcast_to(values, replicates.shape))
    return Stability(tau=float(np.nanmean(taus)), same=float(np.mean(taus >= 1 - 1e-9)))


def over_datasets(all_runs: Sequence[Comparison], metric: str) -> tuple[list[str], ranks.Ranking | None]:
    """Rank the methods that compete over datasets.

    Returns
    -------
    The methods that were scored on every dataset where the metric is defined, and their ranking: ``None`` where
    fewer than two datasets or methods are left.
    """
    tables = [table for runs in all_runs if (table := _of_rivals(runs, metric))]
    names = [m for m in tables[0] if all(m in table for table in tables)] if tables else []
    if len(tables) < 2 or len(names) < 2:
        return names, None
    return names, ranks.rank_datasets([[table[m] for m in names] for table in tables])


def agreement(
    all_runs: Sequence[Comparison], metric: str, names: Sequence[str]
) -> dict[tuple[str, str], float]:
    """Kendall's τ between the orders of methods on every two datasets."""
    tables = {runs.dataset: _of_rivals(runs, metric) for runs in all_runs}
    return {
        (a, b): float(ranks.kendall_tau([tables[a][m] for m in names], [tables[b][m] for m in names])[0])
        for a, b in combinations([d for d, table in tables.items() if set(names) <= set(table)], 2)
    }


def _of_rivals(runs: Comparison, metric: str) -> dict[str, float]:
    names, values, _ = runs.scored(metric, runs.rivals)
    return dict(zip(names, values, strict=True))
