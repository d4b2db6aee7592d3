"""From one value a cell to one value of an embedding, as a function of cell weights."""

import numpy as np
from scipy import sparse

from zslib.core.stats import Statistic, group_sums
from zslib.metrics.anchors import Anchors

ALONE = 1e-9
"""Weight of a cell's value on all cells beside that of its neighbors."""


def mean(values: np.ndarray) -> Statistic:
    """Weighted mean of a value per cell, shape (n_cells,)."""
    return lambda weights: values @ weights / weights.sum(axis=0)


def mean_of_neighbors(indices: np.ndarray, values: np.ndarray, anchors: Anchors) -> Statistic:
    """Weighted mean over cells of the weighted mean over their neighbors of a value.

    A cell counts by itself and as the neighbor of others: to weigh it as one of the two only would give it half of its
    influence, and intervals half as wide as they must be.

    Parameters
    ----------
    indices
        Rows of the neighbors of each anchor, shape (n_anchors, k).
    values
        What each of them is to it, shape (n_anchors, k).
    anchors
        The cells over which the mean is.
    """
    n, k = indices.shape
    plain = values.mean(axis=1)[:, None]
    there, found = (
        sparse.csr_matrix((data.ravel(), indices.ravel(), k * np.arange(n + 1)), (n, anchors.n))
        for data in (np.ones((n, k)), values.astype(np.float64))
    )

    def statistic(weights: np.ndarray) -> np.ndarray:
        # A cell of whose neighbors a resample has none keeps its value.
        around = (found @ weights + ALONE * plain) / (there @ weights + ALONE)
        own = anchors.weigh(weights)
        return (around * own).sum(axis=0) / own.sum(axis=0)

    return statistic


def median(values: np.ndarray) -> Statistic:
    """Weighted median of a value per cell, shape (n_cells,); with whole weights, that of the cells repeated."""
    order = np.argsort(values, kind="stable")
    ranked = values[order]

    def statistic(weights: np.ndarray) -> np.ndarray:
        mass = np.cumsum(weights[order], axis=0)
        half = mass[-1] / 2
        # With an even number of cells the median lies between two of them.
        return (ranked[(mass < half).sum(axis=0)] + ranked[(mass <= half).sum(axis=0)]) / 2

    return statistic


def mean_of_labels(values: np.ndarray, label: np.ndarray, used: np.ndarray | None = None) -> Statistic:
    """Mean over labels of the weighted mean of their cells, of the cells used only.

    Parameters
    ----------
    values
        One value per cell, shape (n_cells,).
    label
        Label codes, shape (n_cells,).
    used
        Which cells count, boolean of shape (n_cells,); None for all.
    """
    used = np.ones(len(values), dtype=bool) if used is None else used
    _, codes = np.unique(label[used], return_inverse=True)
    n, values = codes.max() + 1, values[used]

    def statistic(weights: np.ndarray) -> np.ndarray:
        weights = weights[used]
        # Resampling within labels never leaves one without cells.
        return (group_sums(weights, codes, n, values) / group_sums(weights, codes, n)).mean(axis=0)

    return statistic
