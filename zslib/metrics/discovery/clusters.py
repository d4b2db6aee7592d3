"""Whether a cell type is a cluster of its own, in a clustering that nobody tuned to the labels."""

import numpy as np

from zslib.stats import Statistic, group_sums

PURITY = 0.8
"""Share of a cluster that must be of one type for the cluster to be that type's own."""
RESOLUTION = 1.0
"""Of Leiden: scanpy's default, chosen before any label is looked at."""


def recall_at_purity(clusters: np.ndarray, own: np.ndarray, purity: float = PURITY) -> Statistic:
    """Largest share of a type's cells that one cluster of its own holds.

    Parameters
    ----------
    clusters
        Cluster of each cell, integer codes of shape (n_cells,).
    own
        Whether each cell is of the type, boolean of shape (n_cells,).
    purity
        Least share of a cluster that the type must be.

    Returns
    -------
    A function of cell weights of shape (n_cells, n_resamples): the largest recall among the clusters that are
    pure enough, in [0, 1], higher is better; 0 if none is.
    """
    n = int(clusters.max()) + 1
    own = np.asarray(own, dtype=np.float64)

    def statistic(weights: np.ndarray) -> np.ndarray:
        inside = group_sums(weights, clusters, n, own)
        # Resampled shares like 8 / 10 must not miss the bar by rounding.
        pure = inside >= (purity - 1e-9) * group_sums(weights, clusters, n)
        return np.where(pure, inside, 0).max(axis=0) / inside.sum(axis=0)

    return statistic
