"""The ladder of controls: whether a metric orders what is known to be ordered, and how much room it has.

A metric is an assay, and is asked what an assay is asked. Do embeddings that know nothing come out below the
data, and the data below the answer? Is the way from floor to ceiling longer than the noise? Where not, the
metric is not able to judge this dataset, whatever it says of the methods.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from zslib.core import stats
from zslib.metrics import CARDS
from zslib.results.comparison import ROUNDING, Comparison

NOTHING = ("random", "shuffled-cells", "shuffled-labels")
"""Embeddings in which a cell's place has nothing to do with its type."""
DATA = ("unintegrated", "split-half-a", "split-half-b")
"""The data themselves, and half of their molecules."""
MIXED = ("random", "shuffled-cells")
"""Embeddings in which a cell's place has nothing to do with its batch."""
CEILING = "labels"
HALVES = ("split-half-a", "split-half-b")

STEPS: dict[str, tuple[tuple[str, str], ...]] = {
    "biology": tuple((low, high) for low in NOTHING for high in DATA) + tuple((low, CEILING) for low in DATA),
    "batch": tuple(("unintegrated", high) for high in (*MIXED, CEILING)),
}
"""By what a metric measures: pairs of controls of which the second must score better."""
STEPS["discovery"] = STEPS["biology"]
FLOOR = {"biology": "random", "discovery": "random", "batch": "unintegrated"}
"""The control at which a metric's range begins; it ends at the labels."""

GEOMETRY = "The labels put all types at the same distance from each other, and this metric asks how far apart they are."
REASONS = {
    "scgraph_rank": GEOMETRY,
    "scgraph_corr": GEOMETRY,
    "scgraph_weighted": GEOMETRY,
    "graph_connectivity": (
        "It asks whether the cells of a type hang together, by batch or by anything else, and embeddings that know "
        "nothing do not keep types together."
    ),
}
"""Why a metric does not order the controls, where it is known."""


def climbed(runs: Comparison) -> list[str]:
    """Metrics with a ladder that were scored on this dataset, in the order of the tables."""
    scored = set(runs.scores["metric"])
    return [name for name, card in CARDS.items() if name in scored and card.family in STEPS]


def steps(runs: Comparison, *, space: str = "native") -> pd.DataFrame:
    """Compare the controls two by two, as they must be ordered.

    Returns
    -------
    One row a metric and pair of controls that ran: metric, lower, upper, gain, ci_low, ci_high, verdict. The gain
    is by how much the upper one scores better, with its paired 95 % interval; the verdict is ``"holds"`` if that
    lies above 0, ``"reversed"`` if below, else ``"not separated"``.
    """
    rows = []
    for metric in climbed(runs):
        for lower, upper in STEPS[CARDS[metric].family]:
            found = gain(runs, metric, lower, upper, space)
            if found is not None:
                verdict = (
                    "holds"
                    if found.low > ROUNDING
                    else "reversed"
                    if found.high < -ROUNDING
                    else "not separated"
                )
                rows.append(
                    (
                        metric,
                        lower,
                        upper,
                        float(found.estimate),
                        float(found.low),
                        float(found.high),
                        verdict,
                    )
                )
    return pd.DataFrame(rows, columns=["metric", "lower", "upper", "gain", "ci_low", "ci_high", "verdict"])


def gain(runs: Comparison, metric: str, lower: str, upper: str, space: str) -> stats.Difference | None:
    """By how much one method scores better than another, paired; ``None`` if one of them has no score."""
    ends = runs.value(lower, metric, space), runs.value(upper, metric, space)
    if any(end is None for end in ends):
        return None
    sign = 1 if ends[0].better == "higher" else -1
    a, b = (sign * runs.replicates[m][f"{space}/{metric}"].to_numpy() for m in (upper, lower))
    return stats.paired_difference(a, b, estimate=sign * (ends[1].value - ends[0].value))


def ranges(runs: Comparison, *, space: str = "native") -> pd.DataFrame:
    """How much room a metric has on a dataset, and how much of it is noise.

    Returns
    -------
    One row a metric whose floor and ceiling ran: metric, floor and ceiling (their scores), range with ci_low and
    ci_high, noise, discriminates, problem. The range is how much better the ceiling scores, with its paired 95 % interval;
    the noise is the width of that interval or the difference between the two split halves, whichever is larger.
    ``discriminates`` is whether the range is larger than the noise and the labels are a ceiling at all: no control scores
    better; ``problem`` says in words why it is not.
    """
    found = steps(runs, space=space)
    above = set(found.loc[(found["upper"] == CEILING) & (found["verdict"] == "reversed"), "metric"])
    rows = []
    for metric in climbed(runs):
        floor = FLOOR[CARDS[metric].family]
        room = gain(runs, metric, floor, CEILING, space)
        if room is None:
            continue
        halves = gain(runs, metric, *HALVES, space)
        noise = max(float(room.high - room.low), 0.0 if halves is None else abs(float(halves.estimate)))
        ends = (runs.value(m, metric, space).value for m in (floor, CEILING))
        size = float(room.estimate)
        problem = ""
        if size <= max(noise, ROUNDING):
            problem = f"range {size:.3f}, noise {noise:.3f}"
        elif metric in above:
            problem = "the labels are no ceiling for it"
        rows.append((metric, *ends, size, float(room.low), float(room.high), noise, not problem, problem))
    columns = [
        "metric",
        "floor",
        "ceiling",
        "range",
        "ci_low",
        "ci_high",
        "noise",
        "discriminates",
        "problem",
    ]
    return pd.DataFrame(rows, columns=columns).astype({"discriminates": bool})


def rescale(score, floor, ceiling):
    """State scores as a share of the way from a floor to a ceiling.

    Parameters
    ----------
    score, floor, ceiling
        Numbers, or arrays of the same resamples, of shape (n_boot,).

    Returns
    -------
    0 at the floor, 1 at the ceiling, whichever of them is the higher number; NaN where they are the same.
    """
    room = np.asarray(ceiling, dtype=np.float64) - floor
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(room == 0, np.nan, (score - np.asarray(floor, dtype=np.float64)) / room)


def rescaled(runs: Comparison, names: Sequence[str], *, space: str = "native") -> pd.DataFrame:
    """Scores of methods as a share of each metric's range, with paired intervals.

    Returns
    -------
    One row a method and metric that can judge this dataset: method, metric, value, ci_low, ci_high. Floor,
    ceiling and score come from the same resamples, so the interval holds the uncertainty of all three.
    """
    room = ranges(runs, space=space)
    rows = []
    for metric in room.loc[room["discriminates"], "metric"]:
        ends = FLOOR[CARDS[metric].family], CEILING
        values = [runs.value(m, metric, space).value for m in ends]
        replicates = [runs.replicates[m][f"{space}/{metric}"].to_numpy() for m in ends]
        for method in names:
            entry = runs.value(method, metric, space)
            if entry is not None:
                own = runs.replicates[method][f"{space}/{metric}"].to_numpy()
                low, high = stats.interval(rescale(own, *replicates))
                rows.append((method, metric, float(rescale(entry.value, *values)), float(low), float(high)))
    return pd.DataFrame(rows, columns=["method", "metric", "value", "ci_low", "ci_high"])
