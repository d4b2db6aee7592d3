"""How far cells lie from those of a reference, whichever type is hidden from it."""

import numpy as np
from sklearn.neighbors import NearestNeighbors

from zslib.metrics import pairs

K = 10
"""Nearest reference cells that a cell's distance is averaged over."""


def nearest_of_each_label(
    X, label: np.ndarray, references: np.ndarray, *, rows: np.ndarray | None = None, k: int = K
) -> np.ndarray:
    """Distances of cells to their nearest reference cells of each label, for several references.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims), finite.
    label
        Label codes of shape (n_cells,), from 0 without gaps.
    references
        Which cells are in each reference, boolean of shape (n_references, n_cells).
    rows
        Which cells are asked, shape (n_rows,); None for all.
    k
        How many distances to keep for each label.

    Returns
    -------
    Euclidean distances, ascending, shape (n_references, n_rows, n_labels, k); infinity where a label has
    fewer than k cells in the reference. A reference cell is itself among its nearest, at distance 0.
    """
    n_labels = int(label.max()) + 1
    X = np.asarray(X)
    center = X.mean(axis=0, dtype=np.float64)  # far from the origin, products of coordinates cancel badly
    asked = (X if rows is None else X[rows]) - center
    found = np.full((len(references), len(asked), n_labels, k), np.inf)
    for of_reference, inside in zip(found, references, strict=True):
        for code in range(n_labels):
            known = X[inside & (label == code)] - center
            if width := min(k, len(known)):
                search = NearestNeighbors(n_neighbors=width, algorithm="brute").fit(known)
                nearest = search.kneighbors(asked, return_distance=False)
                for place in range(width):  # products are too coarse for cells that nearly coincide
                    of_reference[:, code, place] = np.linalg.norm(asked - known[nearest[:, place]], axis=1)
    return found


def novelty(nearest: np.ndarray, hidden: int) -> np.ndarray:
    """Mean distance to the k nearest reference cells when one label is hidden from the reference.

    Parameters
    ----------
    nearest
        Of one reference, see :func:`nearest_of_each_label`; shape (n_cells, n_labels, k).
    hidden
        The label that is taken out of the reference.

    Returns
    -------
    Array of shape (n_cells,), larger for cells that are less like anything known; infinity if fewer than k
    reference cells are left.
    """
    n, _, k = nearest.shape
    known = np.delete(nearest, hidden, axis=1).reshape(n, -1)
    if known.shape[1] > k:
        known = np.partition(known, k - 1, axis=1)[:, :k]
    return pairs.rounded(known.mean(axis=1))  # or the last bits would rank cells equally far
