"""Angles between cells, and BRAS: the batch silhouette that nested batches do not fool."""

import numpy as np

from zslib.errors import NotApplicable
from zslib.metrics.checks import check_embedding, encode
from zslib.metrics.reduce import mean_of_labels


def bras(X, label, batch) -> float:
    """Whether, within a cell type, a cell is as near to all other batches as to its own.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims).
    label, batch
        Cell type and batch of each cell, shape (n_cells,).

    Returns
    -------
    Mean over cell types of the mean over their cells of 1 − abs(silhouette by batch), with cosine distances, and
    with the mean distance to the cells of all other batches in place of the nearest batch's. In [0, 1], higher is
    better mixed. As ``scib_metrics.bras``.

    Raises
    ------
    NotApplicable
        If no cell type has cells in two batches with two or more in one of them.
    """
    X = check_embedding(X, len(label))
    label, _ = encode(label, len(X), "label")
    batch, _ = encode(batch, len(X), "batch")
    widths = mean_other_silhouettes(X, label, batch)
    return float(mean_of_labels(1 - np.abs(widths), label, ~np.isnan(widths))(np.ones((len(label), 1)))[0])


def unit(X: np.ndarray) -> np.ndarray:
    """Cells as vectors of length one, float64 of shape (n_cells, n_dims)."""
    X = np.asarray(X, dtype=np.float64)
    # Scaled first, since squares of very small or large numbers leave the range of float64.
    X = X / np.abs(X).max(axis=1, keepdims=True)
    return X / np.sqrt(np.einsum("ij,ij->i", X, X))[:, None]


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
