"""The ladder of controls: whether a metric orders what is known to be ordered, and how much room it has.

A metric is an assay, and is asked what an assay is asked. Do embeddings that know nothing come out below the
data, and the data below the answer? Is the way from floor to ceiling longer than the noise? Where not, the
metric is not able to judge this dataset, whatever it says of the methods.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pandas as pd

from zslib import methods
from zslib.core import stats
from zslib.metrics import CARDS
from zslib.results.comparison import ROUNDING, Comparison

NOTHING = ("random", "shuffled-cells", "shuffled-labels")
"""Embeddings in which a cell's place has nothing to do with its type."""
HALVES = ("split-half-a", "split-half-b")
DATA = ("unintegrated", *HALVES)
"""The data themselves, and half of their molecules."""
MIXED = ("random", "shuffled-cells")
"""Embeddings in which a cell's place has nothing to do with its batch."""
CEILING = "labels"

STEPS: dict[str, tuple[tuple[str, str], ...]] = {
    "biology": tuple((low, high) for low in NOTHING for high in DATA) + tuple((low, CEILING) for low in DATA),
    "batch": tuple(("unintegrated", high) for high in (*MIXED, CEILING)),
}
"""By what a metric measures: pairs of controls of which the second must score better."""
STEPS["discovery"] = STEPS["biology"]
NO_GAIN = {"batch": ("unintegrated-noise", "nested-batches")}
"""By what a metric measures: controls that bring no batches together, and must not score above the unintegrated data."""
UNTRAINED = ("scgpt-random", "geneformer-random")
"""Networks that have learned nothing: a metric by which the best method does not lead them names nobody best."""
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


def steps(runs: Comparison, metrics: Sequence[str] | None = None, *, space: str = "native") -> pd.DataFrame:
    """Compare the controls two by two, as they must be ordered, by some metrics or by all with a ladder.

    Returns
    -------
    One row a metric and pair of controls that ran: metric, lower, upper, gain, ci_low, ci_high, verdict. The gain
    is by how much the upper one scores better, with its paired 95 % interval; the verdict is ``"holds"`` if that
    lies above 0, ``"reversed"`` if below, else ``"not separated"``. Where the lower one must only not gain, see
    :data:`NO_GAIN`, it is ``"reversed"`` if it does by more than :func:`least`, else ``"holds"``.
    """
    rows = []
    for metric in climbed(runs) if metrics is None else metrics:
        family = CARDS[metric].family
        fooling = [(lower, "unintegrated") for lower in NO_GAIN.get(family, ())]
        for lower, upper in (*STEPS.get(family, ()), *fooling):
            found = gain(runs, metric, lower, upper, space)
            if found is None:
                continue
            if (lower, upper) in fooling:
                verdict = "reversed" if found.high < -max(ROUNDING, least(runs, metric, space)) else "holds"
            else:
                verdict = "reversed" if found.high < -ROUNDING else "not separated"
                verdict = "holds" if found.low > ROUNDING else verdict
            numbers = float(found.estimate), float(found.low), float(found.high)
            rows.append((metric, lower, upper, *numbers, verdict))
    return pd.DataFrame(rows, columns=["metric", "lower", "upper", "gain", "ci_low", "ci_high", "verdict"])


@cache
def least(runs: Comparison, metric: str, space: str = "native") -> float:
    """The size below which a lead is not a lead: what separates two halves of the same cells' molecules; 0 if not known."""
    halves = gain(runs, metric, *HALVES, space)
    return 0.0 if halves is None else abs(float(halves.estimate))


@cache
def unfit(runs: Comparison, metric: str, space: str = "native") -> str:
    """Why a metric names no best method on a dataset; empty if it may.

    It fails a step, cannot judge, or has an untrained network beside or above the best method.
    """
    found = steps(runs, [metric], space=space)
    fooled = found[found["verdict"] == "reversed"]
    if len(fooled):
        worst = fooled.loc[fooled["gain"].idxmin()]
        lower, upper = (methods.card(m).title for m in (worst["lower"], worst["upper"]))
        return f"{lower} scores better than {upper}, by {-worst['gain']:.2f}"
    problem = "".join(ranges(runs, [metric], space=space)["problem"])
    names, values, _ = runs.scored(metric, runs.rivals, space)
    networks, untrained, _ = runs.scored(metric, UNTRAINED, space)
    if problem or not names or not networks or CARDS[metric].family not in STEPS:
        return problem
    if values.max() - untrained.max() > least(runs, metric, space):
        return ""
    best, network = names[values.argmax()], networks[untrained.argmax()]
    reached, most = (runs.value(m, metric, space).value for m in (network, best))
    return f"{methods.card(network).title}, reaches {reached:.2f} and the best method {most:.2f}"


def leaders(runs: Comparison, metric: str, space: str = "native") -> list[str]:
    """Of the methods that compete the best, and those that are not told from it or are behind by less than :func:`least`.

    None if the metric fails its controls on this dataset: then a higher score need not be a better one.
    """
    names, values, _ = runs.scored(metric, rivals(runs, space), space)
    if not names or unfit(runs, metric, space):
        return []
    ranked, told = [names[i] for i in np.argsort(-values, kind="stable")], _told(runs, metric, space)
    return [m for m in ranked if (ranked[0], m) not in told]


def beats(runs: Comparison, method: str, rival: str, metric: str, space: str = "native") -> bool:
    """Whether a method beats a rival, see :meth:`Comparison.beats`, by more than :func:`least`."""
    if not runs.beats(method, rival, metric, space):
        return False
    lead = runs.value(method, metric, space).value - runs.value(rival, metric, space).value
    return abs(lead) > least(runs, metric, space)


def in_space(runs: Comparison, method: str, space: str) -> str:
    """The method that another one is in a space: the 50 leading components of HVG are HVG → PCA."""
    return "hvg-pca" if (method, space) == ("hvg", "pca50") and "hvg-pca" in runs.ran else method


def rivals(runs: Comparison, space: str = "native") -> list[str]:
    """Methods that ran and compete, each once in a space."""
    return list(dict.fromkeys(in_space(runs, m, space) for m in runs.rivals))


@cache
def _told(runs: Comparison, metric: str, space: str) -> frozenset[tuple[str, str]]:
    """Pairs of rivals, the better one first, told apart by more than :func:`least` and by intervals that hold for all pairs at once."""
    names, values, replicates = runs.scored(metric, rivals(runs, space), space)
    if len(names) < 2:
        return frozenset()
    a, b = np.argsort(-values)[np.stack(np.triu_indices(len(names), k=1))]
    leads = values[a] - values[b]
    low, _ = stats.simultaneous(replicates[:, a] - replicates[:, b], leads)
    apart = (low > ROUNDING) & (leads > least(runs, metric, space))
    return frozenset((names[i], names[j]) for i, j in zip(a[apart], b[apart], strict=True))


def ahead(runs: Comparison, method: str, rival: str, metric: str, space: str = "native") -> bool:
    """Whether of two methods that compete the first is told from the second and better, when all pairs are tested at once."""
    return (in_space(runs, method, space), in_space(runs, rival, space)) in _told(runs, metric, space)


def gain(runs: Comparison, metric: str, lower: str, upper: str, space: str) -> stats.Difference | None:
    """By how much one method scores better than another, paired; ``None`` if one of them has no score."""
    found, values, replicates = runs.scored(metric, [upper, lower], space)
    if len(found) < 2:
        return None
    return stats.paired_difference(*replicates.T, estimate=values[0] - values[1])


def ranges(runs: Comparison, metrics: Sequence[str] | None = None, *, space: str = "native") -> pd.DataFrame:
    """How much room a metric has on a dataset, and how much of it is noise.

    Returns
    -------
    One row a metric whose floor and ceiling ran: metric, floor and ceiling (their scores), range with ci_low and
    ci_high, noise, discriminates, problem. The range is how much better the ceiling scores, with its paired 95 % interval;
    the noise is the width of that interval or the difference between the two split halves, whichever is larger.
    ``discriminates`` is whether the range is larger than the noise and the labels are a ceiling at all: no control scores
    better, and no method that competes does by more than the noise, with the whole of its paired interval;
    ``problem`` says in words why it is not.
    """
    metrics = climbed(runs) if metrics is None else [m for m in metrics if CARDS[m].family in FLOOR]
    found = steps(runs, metrics, space=space)
    above = set(found.loc[(found["upper"] == CEILING) & (found["verdict"] == "reversed"), "metric"])
    rows = []
    for metric in metrics:
        floor = FLOOR[CARDS[metric].family]
        room = gain(runs, metric, floor, CEILING, space)
        if room is None:
            continue
        noise = float(np.nanmax([room.high - room.low, least(runs, metric, space)]))
        ends = (runs.value(m, metric, space).value for m in (floor, CEILING))
        size = float(room.estimate)
        if size <= max(noise, ROUNDING):
            problem = f"range {size:.3f}, noise {noise:.3f}"
        elif metric in above:
            problem = "the labels are no ceiling for it"
        else:
            leads = {m: gain(runs, metric, CEILING, m, space) for m in runs.rivals}
            beyond = [m for m, lead in leads.items() if lead is not None and lead.low > noise]
            problem = "methods beyond its ceiling" if beyond else ""
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
    """State scores as a share of the way from a floor (0) to a ceiling (1), whichever is higher; NaN where they are the same."""
    room = np.asarray(ceiling, dtype=np.float64) - floor
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(room == 0, np.nan, (score - np.asarray(floor, dtype=np.float64)) / room)


def rescaled(runs: Comparison, names: Sequence[str]) -> pd.DataFrame:
    """Scores of methods as they are, as a share of each metric's range, with paired intervals.

    Returns
    -------
    One row a method and metric that can judge this dataset: method, metric, value, ci_low, ci_high. Floor,
    ceiling and score come from the same resamples, so the interval holds the uncertainty of all three.
    """
    room, rows = ranges(runs), []
    for metric in room.loc[room["discriminates"], "metric"]:
        ends = FLOOR[CARDS[metric].family], CEILING
        found, values, replicates = runs.scored(metric, [*ends, *names])
        place = {method: i for i, method in enumerate(found)}
        for method in (m for m in names if m in place):
            value, own = ([x[..., place[m]] for m in (method, *ends)] for x in (values, replicates))
            low, high = stats.interval(rescale(*own))
            rows.append((method, metric, float(rescale(*value)), float(low), float(high)))
    return pd.DataFrame(rows, columns=["method", "metric", "value", "ci_low", "ci_high"])
