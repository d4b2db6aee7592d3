"""Claims that a results table invites, and what is left of them when one asks back."""

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd

from zslib import methods
from zslib.results.comparison import ROUNDING, SPACES, Comparison

QUESTIONS = {
    "read": "A has the larger number than B",
    "without_labels": "… and A was not told the labels",
    "floor": "… and A is above random numbers",
    "interval": "… and the paired interval excludes zero",
    "spaces": "… and that in both spaces",
    "everywhere": "… and on every dataset",
}
"""What a reader may ask of "A is better than B", each question after the one before."""


def claims(runs: Sequence[Comparison], metric: str = "avg_bio") -> pd.DataFrame:
    """List every "A is better than B on this dataset" that a table of scores invites, and what holds of it.

    Parameters
    ----------
    runs
        All runs on each dataset.
    metric
        The score the table shows; higher must be better.

    Returns
    -------
    One row a claim: dataset, better, worse, difference (in the native space), and one boolean column for each
    of :data:`QUESTIONS`. A column holds only where those before it hold, so their sums never rise. A claim
    about a pair that was measured on one dataset holds everywhere if it holds there.
    """
    rows = []
    for run in runs:
        values = {m: run.value(m, metric) for m in run.compared}
        values = {m: entry.value for m, entry in values.items() if entry is not None}
        leads = {b: {s: run.differences(b, metric, s).set_index("method") for s in SPACES} for b in values}
        for a, b in itertools.permutations(values, 2):
            if values[a] - values[b] <= ROUNDING:
                continue
            floor = leads.get("random", {}).get("native")
            above = {s: bool(leads[b][s].loc[a, "ci_low"] > ROUNDING) for s in SPACES}
            rows.append(
                {
                    "dataset": run.dataset,
                    "better": a,
                    "worse": b,
                    "difference": values[a] - values[b],
                    "read": True,
                    "without_labels": not methods.card(a).sees_labels,
                    "floor": a != "random" and (floor is None or bool(floor.loc[a, "ci_low"] > ROUNDING)),
                    "interval": above["native"],
                    "spaces": all(above.values()),
                }
            )
    asked = list(QUESTIONS)[:-1]
    found = pd.DataFrame(rows, columns=["dataset", "better", "worse", "difference", *asked])
    found[asked] = found[asked].astype(int).cummin(axis=1).astype(bool)
    measured = [set(run.compared) for run in runs if run.defined([metric])]
    pairs = list(zip(found["better"], found["worse"], strict=True))
    lasting = {pair: found.loc[[p == pair for p in pairs], "spaces"].sum() for pair in set(pairs)}
    everywhere = [lasting[pair] == sum(set(pair) <= ran for ran in measured) for pair in pairs]
    return found.assign(everywhere=found["spaces"] & np.array(everywhere, dtype=bool))
