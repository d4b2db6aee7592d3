"""scGraph: whether cell types lie to each other as they do within each batch by itself.

A score of clusters cannot see that an embedding has torn apart what belongs together, as long as each type is an
island. Distances between the centers of types can: here those in the embedding are compared with those among
the components of each batch alone, where no batch effect is to be removed.
"""

import numpy as np
from scipy.spatial.distance import cdist

from zslib.core.errors import DataError, NotApplicable

TRIM = 0.05
"""Part of the cells left out at either end of each dimension before the center of a type is taken."""
MIN_CELLS = 10
"""Types with fewer cells are left out."""


def consensus(within_batch, label: np.ndarray, batch: np.ndarray) -> np.ndarray:
    """Distances between cell types within batches, averaged over batches.

    Parameters
    ----------
    within_batch
        Components of each batch by itself, NaN for batches left out; shape (n_cells, n_comps).
    label, batch
        Codes of shape (n_cells,).

    Returns
    -------
    Array of shape (n_labels, n_labels), each column scaled to a maximum of one; NaN for pairs of types that no
    batch has both of, and for types of fewer than ten cells.
    """
    within_batch = np.asarray(within_batch, dtype=np.float64)
    if len(within_batch) != len(label):
        raise DataError(f"the components within batches have {len(within_batch)} rows for {len(label)} cells")
    sizes = np.bincount(label)
    found = []
    for code in range(batch.max() + 1):
        cells = np.flatnonzero((batch == code) & (sizes[label] >= MIN_CELLS))
        if len(cells) and not np.isnan(within_batch[cells]).any():
            centers = np.full((len(sizes), within_batch.shape[1]), np.nan)
            for kind in np.unique(label[cells]):
                own = within_batch[cells[label[cells] == kind]]
                centers[kind] = np.mean(own, axis=0, where=_kept(own))
            found.append(_scaled(cdist(centers, centers)))
    known = np.array([~np.isnan(one) for one in found])
    if not known.any():
        raise NotApplicable("no batch has 100 cells, so there is no reference for distances of types")
    times = known.sum(axis=0)
    total = np.where(known, np.array(found), 0).sum(axis=0)
    return _scaled(np.where(times > 0, total / np.maximum(times, 1), np.nan))


class TypeGraph:
    """Distances between the cell types of an embedding, beside a reference.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims).
    label
        Codes of shape (n_cells,).
    reference
        Distances of shape (n_labels, n_labels), NaN where unknown.
    """

    def __init__(self, X: np.ndarray, label: np.ndarray, reference: np.ndarray):
        known = ~np.isnan(reference)
        self.columns = np.flatnonzero(known.sum(axis=0) > 2)
        if len(self.columns) < 3:
            raise NotApplicable("distances between cell types are compared for three types or more")
        self.reference = reference
        self._parts = []
        for cells in (np.flatnonzero(label == code) for code in range(len(reference))):
            kept = _kept(X[cells])
            self._parts.append((cells, np.where(kept, X[cells], 0), kept))
        self._last: tuple = (None, None)

    def distances(self, weights: np.ndarray) -> np.ndarray:
        """Distances between the types' trimmed centers, shape (n_resamples, n_labels, n_labels).

        Which cells are trimmed is decided once, on all of them.
        """
        if self._last[0] is not weights:  # three scores ask for the same
            centers = []
            for cells, X, kept in self._parts:
                own = weights[cells]
                mass = kept.T.astype(np.float64) @ own
                centers.append(X.T.astype(np.float64) @ own / np.where(mass > 0, mass, np.nan))
            centers = np.stack(centers).transpose(2, 0, 1)  # (n_resamples, n_labels, n_dims)
            self._last = weights, np.stack([_scaled(cdist(one, one)) for one in centers])
        return self._last[1]

    def agreement(self, kind: str):
        """Mean over types of a correlation with the reference, as a function of cell weights."""

        def statistic(weights: np.ndarray) -> np.ndarray:
            found, values = self.distances(weights), []
            for column in self.columns:
                rows = ~np.isnan(self.reference[:, column])
                values.append(CORRELATIONS[kind](found[:, rows, column], self.reference[rows, column]))
            return np.nanmean(values, axis=0)

        return statistic


def _scaled(distances: np.ndarray) -> np.ndarray:
    """Columns over their maxima; NaN stays."""
    most = np.where(np.isnan(distances), -np.inf, distances).max(axis=0)
    return distances / np.where(most > 0, most, np.nan)


def _kept(X: np.ndarray) -> np.ndarray:
    """Which entries of each column a trimmed mean keeps, boolean of shape (n_cells, n_dims)."""
    cut = int(TRIM * len(X))
    kept = np.ones(X.shape, dtype=bool)
    if cut:
        order = np.argsort(X, axis=0, kind="stable")
        np.put_along_axis(kept, np.concatenate([order[:cut], order[-cut:]]), False, axis=0)
    return kept


def _pearson(x: np.ndarray, y: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Correlation of each row of x, shape (n_resamples, n), with y, shape (n,)."""
    weights = np.full(len(y), 1 / len(y)) if weights is None else weights / weights.sum()
    x, y = x - (x @ weights)[:, None], y - y @ weights
    return (x * y) @ weights / np.sqrt((x**2 @ weights) * (y**2 @ weights))


def _spearman(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return _pearson(_ranks(x), _ranks(y))


def _ranks(x: np.ndarray) -> np.ndarray:
    """Ranks along the last axis, of equals their mean; scipy.stats takes longer to import than all of this to run."""
    below, equal = x[..., :, None] > x[..., None, :], x[..., :, None] == x[..., None, :]
    return below.sum(axis=-1) + (equal.sum(axis=-1) + 1) / 2


def _weighted(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return _pearson(x, y, np.divide(1, y, out=np.zeros_like(y), where=y > 0))


CORRELATIONS = {"rank": _spearman, "corr": _pearson, "weighted": _weighted}
