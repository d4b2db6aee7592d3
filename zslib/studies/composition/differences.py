"""Does more data help, beyond seeds? Differences between sizes, baselines and schemes, with intervals.

A seed holds the draw of the subset and the luck of the training. Seeds of two sizes have nothing in common, so means
are compared by Welch's t, which lets each size have a spread of its own. The intervals say what other seeds would
change; other cells of the same dataset, or other datasets, would change more.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

KEYS = ["model", "dataset"]
ENDS = ["value", "ci_low", "ci_high", "p"]
LEVEL = 0.95


def welch(a, b) -> tuple[float, float, float, float]:
    """How much larger the mean of `a` is than that of `b`.

    Parameters
    ----------
    a, b
        Scores of seeds, shapes (n_a,) and (n_b,), two or more each.

    Returns
    -------
    The difference, the ends of its 95 % interval, and p of no difference.
    """
    found = stats.ttest_ind(a, b, equal_var=False)
    return float(np.mean(a) - np.mean(b)), *map(float, found.confidence_interval(LEVEL)), float(found.pvalue)


def beyond(a, value: float) -> tuple[float, float, float, float]:
    """How much larger the mean of `a`, shape (n,), is than one number; as :func:`welch`."""
    found = stats.ttest_1samp(np.asarray(a) - value, 0)
    return float(np.mean(a) - value), *map(float, found.confidence_interval(LEVEL)), float(found.pvalue)


def between(scores: pd.DataFrame, small: float, large: float) -> pd.DataFrame:
    """How much better models of one size are than those of a smaller one.

    Parameters
    ----------
    scores
        Columns model, dataset, size, value, suspect; see :func:`~zslib.studies.composition.published.at_random`.
    small, large
        Sizes. A model that lacks one of them on a dataset has no row there.

    Returns
    -------
    Columns model, dataset, suspect, value, ci_low, ci_high, p.
    """
    rows = []
    for key, some in _curves(scores):
        a, b = (some.loc[some["size"] == size, "value"] for size in (large, small))
        if len(a) and len(b):
            rows.append((*key, some["suspect"].iloc[0], *welch(a, b)))
    return pd.DataFrame(rows, columns=[*KEYS, "suspect", *ENDS])


def against(scores: pd.DataFrame, baselines: pd.DataFrame) -> pd.DataFrame:
    """How much better trained models of every size are than baselines of the same cells, which have one score each.

    Parameters
    ----------
    scores
        As for :func:`between`.
    baselines
        A row a dataset, a column a baseline.

    Returns
    -------
    Columns model, dataset, suspect, size, baseline, value, ci_low, ci_high, p.
    """
    rows = []
    for key, some in _curves(scores):
        for size, at in some[some["size"] > 0].groupby("size"):
            for name, value in baselines.loc[key[1]].items():
                rows.append((*key, some["suspect"].iloc[0], size, name, *beyond(at["value"], value)))
    return pd.DataFrame(rows, columns=[*KEYS, "suspect", "size", "baseline", *ENDS])


def of_schemes(table: pd.DataFrame) -> pd.DataFrame:
    """How much better cells chosen by a scheme are than as many at random.

    Parameters
    ----------
    table
        From :func:`~zslib.studies.composition.published.read`.

    Returns
    -------
    Columns model, dataset, suspect, size, scheme, value, ci_low, ci_high, p.
    """
    rows = []
    for key, some in _curves(table[table["size"] > 0]):
        for (size, scheme), at in some.groupby(["size", "scheme"], sort=False):
            chance = some.loc[(some["scheme"] == "random") & (some["size"] == size), "value"]
            if scheme != "random" and len(chance):
                rows.append((*key, some["suspect"].iloc[0], size, scheme, *welch(at["value"], chance)))
    return pd.DataFrame(rows, columns=[*KEYS, "suspect", "size", "scheme", *ENDS])


def over_datasets(differences: pd.DataFrame) -> pd.DataFrame:
    """Mean difference of each model over datasets, with what other datasets would change; suspect ones left out.

    Returns
    -------
    Columns model, n, value, ci_low, ci_high, p.
    """
    kept = differences[~differences["suspect"]].groupby("model", sort=False)["value"]
    rows = [(model, len(values), *beyond(values, 0)) for model, values in kept]
    return pd.DataFrame(rows, columns=["model", "n", *ENDS])


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many of several intervals lie beside zero."""

    n: int
    above: int
    below: int
    by_luck: float
    """How many would, if nothing were there."""
    firm_above: int
    firm_below: int
    """How many still do when all must hold at once (Bonferroni)."""


def count(differences: pd.DataFrame) -> Count:
    """Count the intervals above and below zero; suspect ones are left out."""
    kept = differences[~differences["suspect"]]
    n, level = len(kept), 1 - LEVEL
    firm, up = kept["p"] * n < level, kept["value"] > 0
    return Count(
        n=n,
        above=int((kept["ci_low"] > 0).sum()),
        below=int((kept["ci_high"] < 0).sum()),
        by_luck=level * n,
        firm_above=int((firm & up).sum()),
        firm_below=int((firm & ~up).sum()),
    )


def _curves(scores: pd.DataFrame) -> Iterator[tuple[tuple[str, str], pd.DataFrame]]:
    return iter(scores[scores["size"].notna()].groupby(KEYS, sort=False))
