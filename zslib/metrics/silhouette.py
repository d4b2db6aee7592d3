"""Silhouette widths, of cell types and of batches within a cell type."""

import numpy as np

from zslib.errors import DataError, NotApplicable
from zslib.metrics.checks import check_embedding, encode
from zslib.metrics.geometry import Geometry, measure_geometry


def silhouette_label(X, label, *, device: str = "auto") -> float:
    """Label ASW: whether cells are nearer their own cell type than the next one.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims).
    label
        Cell type of each cell, shape (n_cells,); at least two types.
    device
        Where to compute.

    Returns
    -------
    (mean silhouette + 1) / 2, in [0, 1], higher is better; **0.5 means no structure**. As
    ``scib.me.silhouette``. A type of a single cell contributes a silhouette of 0, as in scikit-learn.

    Raises
    ------
    DataError
        If the embedding is refused by :func:`~zslib.metrics.check_embedding` or there is one type only.
    """
    X = check_embedding(X, len(label))
    label, _ = encode(label, len(X), "label")
    geometry = measure_geometry(X, label, k=1, device=device)
    return float((label_silhouettes(geometry).mean() + 1) / 2)


def silhouette_batch(X, label, batch, *, device: str = "auto") -> float:
    """Batch ASW: whether, within a cell type, the batches cannot be told apart.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims).
    label, batch
        Cell type and batch of each cell, shape (n_cells,).
    device
        Where to compute.

    Returns
    -------
    Mean over cell types of the mean over its cells of 1 − abs(silhouette by batch), in [0, 1], higher is
    better. As ``scib.me.silhouette_batch``: a type that lies in one batch only, or in as many batches as
    it has cells, is left out.

    Raises
    ------
    NotApplicable
        If every cell type is left out, as with a single batch.
    DataError
        If the embedding is refused by :func:`~zslib.metrics.check_embedding`.
    """
    X = check_embedding(X, len(label))
    label, _ = encode(label, len(X), "label")
    batch, _ = encode(batch, len(X), "batch")
    widths = batch_silhouettes(measure_geometry(X, label, batch, k=1, device=device))
    used = ~np.isnan(widths)
    _, of_used = np.unique(label[used], return_inverse=True)
    return float((np.bincount(of_used, weights=1 - np.abs(widths[used])) / np.bincount(of_used)).mean())


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
