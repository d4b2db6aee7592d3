"""Whether a cell type is a cluster of its own, in a clustering that nobody tuned to the labels."""

import numpy as np

from zslib.core.stats import Statistic, group_sums
from zslib.metrics.card import LEIDEN, MetricCard
from zslib.metrics.discovery.novelty import FROZEN, hidden_types
from zslib.metrics.registry import OfType, metric
from zslib.metrics.resolution import USUAL, clusters
from zslib.metrics.space import Space

PURITY = 0.8
"""Share of a cluster that must be of one type for the cluster to be that type's own."""


@metric(
    MetricCard(
        name="own_cluster_recall",
        title="Own cluster",
        family="discovery",
        range=(0.0, 1.0),
        better="higher",
        formula=(
            f"mean over cell types of the largest share of its cells in one Leiden cluster (resolution "
            f"{USUAL:g}, labels unseen) of which they are at least {PURITY:.0%}; 0 if there is no such cluster"
        ),
        reading=(
            "1 if every type is a cluster of its own that one would come upon without knowing it. A type that is "
            "split over two pure clusters counts by the larger."
        ),
        fooled_by=FROZEN
        + (
            "The resolution is fixed and favors types of a middling size; true subtypes count as a split type. A "
            "pure cluster must still be noticed and named."
        ),
        reference=f"This book; Leiden after {LEIDEN}",
    )
)
def own_cluster_recall(space: Space) -> dict[int, OfType]:
    """Largest share of a type's cells in one Leiden cluster of its own, at the usual resolution, by type."""
    anchors, found = space.anchors, space.once(clusters, "fixed")
    codes, label = found[:, anchors.rows], space.label[anchors.rows]
    draws = {t: [anchors.on(recall_at_purity(one, label == t)) for one in codes] for t in hidden_types(space)}
    return {t: OfType(draws=some, chance=np.nan) for t, some in draws.items()}


def recall_at_purity(clusters: np.ndarray, own: np.ndarray) -> Statistic:
    """Largest share of a type's cells that one cluster of its own holds.

    Parameters
    ----------
    clusters
        Cluster of each cell, integer codes of shape (n_cells,).
    own
        Whether each cell is of the type, boolean of shape (n_cells,).

    Returns
    -------
    A function of cell weights of shape (n_cells, n_resamples): the largest recall among the clusters of
    which the type is at least :data:`PURITY`, in [0, 1], higher is better; 0 if there is none.
    """
    n = int(clusters.max()) + 1
    own = np.asarray(own, dtype=np.float64)

    def statistic(weights: np.ndarray) -> np.ndarray:
        inside = group_sums(weights, clusters, n, own)
        # Resampled shares like 8 / 10 must not miss the bar by rounding.
        pure = inside >= (PURITY - 1e-9) * group_sums(weights, clusters, n)
        return np.where(pure, inside, 0).max(axis=0) / inside.sum(axis=0)

    return statistic
