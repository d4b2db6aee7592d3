"""Does more data help, beyond seeds? Differences between sizes, baselines and schemes, with intervals.

A seed holds the draw of the subset and the luck of the training. Seeds of two sizes have nothing in common, so means
are compared by Welch's t, which lets each size have a spread of its own. The intervals say what other seeds would
change; other cells of the same dataset, or other datasets, would change more.

Scores have columns model, dataset, size, value and suspect, see :mod:`~zslib.studies.composition.published`; differences
have model, dataset, suspect, what was compared, value, ci_low, ci_high (95 %), and p of no difference.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

KEYS = ["model", "dataset", "suspect"]
ENDS = ["value", "ci_low", "ci_high", "p"]
LEVEL = 0.95


def welch(a, b) -> tuple[float, float, float, float]:
    """How much larger the mean of `a` is than that of `b`, two scores or more each; the ends of its interval, and p."""
    found = stats.ttest_ind(a, b, equal_var=False)
    return float(np.mean(a) - np.mean(b)), *map(float, found.confidence_interval(LEVEL)), float(found.pvalue)


def beyond(a, value: float) -> tuple[float, float, float, float]:
    """How much larger the mean of `a` is than one number; as :func:`welch`."""
    found = stats.ttest_1samp(np.asarray(a) - value, 0)
    return float(np.mean(a) - value), *map(float, found.confidence_interval(LEVEL)), float(found.pvalue)


def between(scores: pd.DataFrame, small: float, large: float) -> pd.DataFrame:
    """How much better models of one size are than those of a smaller one, wherever there are both."""
    rows = []
    for key, some in _curves(scores):
        a, b = (some.loc[some["size"] == size, "value"] for size in (large, small))
        if len(a) and len(b):
            rows.append((*key, *welch(a, b)))
    return pd.DataFrame(rows, columns=[*KEYS, *ENDS])


def against(scores: pd.DataFrame, baselines: pd.DataFrame) -> pd.DataFrame:
    """How much better trained models of every ``size`` are than each ``baseline`` of the same cells.

    Parameters
    ----------
    baselines
        Of each one score: a row a dataset, a column a baseline.
    """
    rows = [
        (*key, size, name, *beyond(at["value"], value))
        for key, some in _curves(scores)
        for size, at in some[some["size"] > 0].groupby("size")
        for name, value in baselines.loc[key[1]].items()
    ]
    return pd.DataFrame(rows, columns=[*KEYS, "size", "baseline", *ENDS])


def of_schemes(table: pd.DataFrame) -> pd.DataFrame:
    """How much better cells chosen by a ``scheme`` are than as many at random, at every ``size``."""
    rows = []
    for key, some in _curves(table[table["size"] > 0]):
        for (size, scheme), at in some.groupby(["size", "scheme"], sort=False):
            chance = some.loc[(some["scheme"] == "random") & (some["size"] == size), "value"]
            if scheme != "random" and len(chance):
                rows.append((*key, size, scheme, *welch(at["value"], chance)))
    return pd.DataFrame(rows, columns=[*KEYS, "size", "scheme", *ENDS])


def over_datasets(differences: pd.DataFrame) -> pd.DataFrame:
    """Mean difference of each model over n datasets, with what other datasets would change; suspect ones left out."""
    kept = differences[~differences["suspect"]].groupby("model", sort=False)["value"]
    rows = [(model, len(values), *beyond(values, 0)) for model, values in kept]
    return pd.DataFrame(rows, columns=["model", "n", *ENDS])


class Count(NamedTuple):
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
    found = kept["ci_low"] > 0, kept["ci_high"] < 0, firm & up, firm & ~up
    above, below, firm_above, firm_below = (int(each.sum()) for each in found)
    return Count(n, above, below, level * n, firm_above, firm_below)


def _curves(scores: pd.DataFrame):
    """The scores of each model on each dataset, without those that have no size; a curve is suspect as a whole."""
    return scores.dropna(subset="size").groupby(KEYS, sort=False)
