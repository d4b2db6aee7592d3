"""Silhouette widths of every cell, of cell types and of batches within a cell type."""

import numpy as np

from zslib.core.errors import DataError, NotApplicable
from zslib.metrics.distances import Geometry
from zslib.metrics.projection import unit


def label_silhouettes(geometry: Geometry) -> np.ndarray:
    """Silhouette of every cell by label, shape (n_cells,), in [−1, 1].

    Raises
    ------
    DataError
        If there is one label only.
    """
    sizes = np.bincount(geometry.label)
    if len(sizes) < 2:
        raise DataError("a silhouette compares labels, and all cells have the same one; give two or more")
    return _widths(geometry.label_sums, geometry.label, sizes)


def batch_silhouettes(geometry: Geometry) -> np.ndarray:
    """Silhouette of every cell by batch among the cells of its label, shape (n_cells,), in [−1, 1].

    NaN for the cells of a label that lies in one batch only, or in as many batches as it has cells.

    Raises
    ------
    NotApplicable
        If that holds for every label.
    """
    widths = np.full(len(geometry.label), np.nan)
    for code in range(geometry.label.max() + 1):
        cells = np.flatnonzero(geometry.label == code)
        sizes = np.bincount(geometry.batch[cells])
        if 1 < (sizes > 0).sum() < len(cells):
            widths[cells] = _widths(geometry.batch_sums[cells, : len(sizes)], geometry.batch[cells], sizes)
    if np.isnan(widths).all():
        raise NotApplicable("no cell type has cells in two batches with two or more in one of them")
    return widths


def mean_other_silhouettes(X: np.ndarray, label: np.ndarray, batch: np.ndarray) -> np.ndarray:
    """Silhouette by batch of every cell among the cells of its label, by cosine distance to all other batches.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims), no cell zero.
    label, batch
        Codes of shape (n_cells,).

    Returns
    -------
    Array of shape (n_cells,), in [−1, 1]; NaN for the cells of a label that lies in one batch only, or in as many
    batches as it has cells.

    Raises
    ------
    NotApplicable
        If that holds for every label.
    """
    widths = np.full(len(label), np.nan)
    for code in range(label.max() + 1):
        cells = np.flatnonzero(label == code)
        names, of = np.unique(batch[cells], return_inverse=True)
        if not 1 < len(names) < len(cells):
            continue
        sizes, own = np.bincount(of), unit(X[cells])
        # Cosine distance is 1 − u·v, so that a sum over a batch needs only the sum of its vectors.
        totals = np.stack([own[of == name].sum(axis=0) for name in range(len(names))])
        to_batches = sizes - own @ totals.T
        within = to_batches[np.arange(len(cells)), of]
        others = (to_batches.sum(axis=1) - within) / (len(cells) - sizes[of])
        alone = sizes[of] == 1
        within = np.maximum(within, 0) / np.maximum(sizes[of] - 1, 1)
        larger = np.maximum(within, others)
        far = larger > 4 * np.finfo(float).eps  # else all these cells coincide
        widths[cells] = np.where(alone | ~far, 0, (others - within) / np.where(far, larger, 1))
    if np.isnan(widths).all():
        raise NotApplicable("no cell type has cells in two batches with two or more in one of them")
    return widths


def _widths(sums: np.ndarray, codes: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Rousseeuw's silhouette from sums of distances to groups; empty groups are passed over."""
    rows = np.arange(len(codes))
    with np.errstate(divide="ignore", invalid="ignore"):
        within = sums[rows, codes] / (sizes[codes] - 1)
        means = np.where(sizes > 0, sums / sizes, np.inf)
        means[rows, codes] = np.inf
        nearest = means.min(axis=1)
        widths = (nearest - within) / np.maximum(nearest, within)
    # 0/0 is a cell alone in its group, or one that coincides with all others: neither near nor far.
    return np.nan_to_num(widths, nan=0.0)
