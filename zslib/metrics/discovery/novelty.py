"""How far a cell lies from all that is known, and whether that tells a cell of an unknown type."""

from collections.abc import Callable

import numpy as np

from zslib.core.errors import NotApplicable
from zslib.core.stats import Statistic
from zslib.metrics.anchors import first_of_each, shuffled
from zslib.metrics.card import MetricCard
from zslib.metrics.discovery.chance import by_chance
from zslib.metrics.discovery.distance import K, nearest_of_each_label, novelty
from zslib.metrics.discovery.ranking import auroc, average_precision
from zslib.metrics.registry import OfType, metric
from zslib.metrics.space import Space

SPLITS, FEW_SPLITS = 4, 2
"""Splits into reference and queries, which depend on luck; fewer of more cells than all are measured of."""
PROTOCOL = (
    "Novelty as detection of what is out of distribution: Theunissen et al., Brief Bioinform bbaf239 (2025)"
)
FROZEN = (
    "A method fitted to these cells saw the hidden type when it was fitted, so it is asked less than a frozen "
    "model is. "
)


@metric(
    MetricCard(
        name="novelty_auroc",
        title="Novelty AUROC, easy",
        family="discovery",
        range=(0.0, 1.0),
        better="higher",
        formula=(
            f"mean over cell types, each hidden in turn, of the chance that a hidden cell has a larger mean distance "
            f"to its {K} nearest reference cells than a held-out cell of a known type has"
        ),
        reading=(
            "The easy case: reference and sample are of the same batches. 1 if every hidden cell lies farther than every "
            "known one; what labels shuffled within batches reach is stated beside it, and below that the unknown type "
            "hides among the known."
        ),
        fooled_by=FROZEN
        + (
            "Types that are simply spread out (many genes on, many counts) lie far from everything and look new "
            "even when they are known. Rare types weigh as much as common ones."
        ),
        reference=PROTOCOL,
    )
)
def novelty_auroc(space: Space) -> dict[int, OfType]:
    """Chance that a hidden cell lies farther from the reference than a held-out known one, by type."""
    sample = space.sample
    chance = by_chance(sample, sample.once(references), of_same_batches)
    return {
        t: OfType(draws=ranked(space, t, auroc), chance=chance.get(t, np.nan)) for t in hidden_types(space)
    }


@metric(
    MetricCard(
        name="novelty_auprc",
        title="Novelty AUPRC, easy",
        family="discovery",
        range=(0.0, 1.0),
        better="higher",
        formula="average precision of the same ranking, cells farthest from the reference first; mean over hidden types",
        reading=(
            "How clean the list is that one would look at, from its top. An empty score reaches the share of the "
            "hidden cells among all, which is stated beside it."
        ),
        fooled_by=FROZEN
        + (
            "It rises with the share of hidden cells, so it compares methods on a dataset and never datasets. A few "
            "odd known cells at the top cost much."
        ),
        reference=PROTOCOL,
    )
)
def novelty_auprc(space: Space) -> dict[int, OfType]:
    """Average precision of the same ranking, by type."""
    return {
        t: OfType(draws=ranked(space, t, average_precision), chance=prevalence(space, t))
        for t in hidden_types(space)
    }


def references(space: Space) -> np.ndarray:
    """Splits of the cells in halves, stratified by label and batch: whether a cell is in the reference; (n_splits, n_cells)."""
    n_splits = SPLITS if space.exact else FEW_SPLITS
    return np.stack([halves(space.strata, space.order, space.seed + i) for i in range(n_splits)])


def nearest(space: Space) -> np.ndarray:
    """Distances of the anchors to the nearest cells of each reference, see :func:`nearest_of_each_label`."""
    return nearest_of_each_label(space.X, space.label, space.once(references), rows=space.anchors.rows)


def without(space: Space, t: int) -> list[np.ndarray]:
    """Novelty of the anchors when a type is hidden, for each split; shape (n_anchors,)."""
    return [novelty(near, t) for near in space.once(nearest)]


def hidden_types(space: Space) -> list[int]:
    """Codes of the types that leave a reference and queries when they are hidden; not applicable if none does."""
    found = []
    for t in range(len(space.names)):
        known = space.once(references)[:, space.label != t]
        if known.sum(axis=1).min() >= K and (~known).sum(axis=1).min() >= 1:
            found.append(t)
    if not found:
        raise NotApplicable(f"hiding any type leaves fewer than {K} cells for a reference")
    return found


def ranked(space: Space, t: int, rank: Callable) -> list[Statistic]:
    """How a ranking by novelty tells the cells of a type when it is hidden, a function of cell weights each split."""
    rows = space.anchors.rows
    own = space.label[rows] == t
    return [
        space.anchors.on(among(own | ~reference[rows], rank, score, own))
        for reference, score in zip(space.once(references), space.once(without, t), strict=True)
    ]


def of_same_batches(label: np.ndarray, t: int, reference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All cells of the hidden type, and the known ones that are not in the reference."""
    return label == t, ~reference & (label != t)


def prevalence(space: Space, t: int) -> float:
    """Share of the hidden cells among all that are ranked, mean over splits."""
    own = space.label == t
    return float(np.mean([own.sum() / (own | ~reference).sum() for reference in space.once(references)]))


def among(asked: np.ndarray, rank: Callable, score: np.ndarray, positive: np.ndarray) -> Statistic:
    """How well cells that are hidden come first among those that are ranked, as a function of cell weights."""
    statistic = rank(score[asked], positive[asked])
    return lambda weights: statistic(weights[asked])


def halves(strata: np.ndarray, order: np.ndarray, seed: int) -> np.ndarray:
    """Pick half of the cells of each stratum at random for the reference.

    Parameters
    ----------
    strata, order
        As for :func:`zslib.metrics.anchors.shuffled`.
    seed
        Of the pick; of an odd number of cells it also decides which half gets one more.

    Returns
    -------
    Whether a cell is in the reference, boolean of shape (n_cells,).
    """
    rows, size = shuffled(strata, order, seed)
    take = (size + np.random.default_rng([seed, 1]).integers(0, 2, len(size))) // 2
    reference = np.zeros(len(rows), dtype=bool)
    reference[rows[first_of_each(size, take)]] = True
    return reference
