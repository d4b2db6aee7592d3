"""What the nearest cells are: of the same type, hubs, and the ones that were nearest before."""

import numpy as np

from zslib.errors import DataError
from zslib.metrics.checks import check_embedding, encode
from zslib.metrics.geometry import measure_geometry
from zslib.stats import Statistic

K = 14
"""Neighbors looked at: those of the graph, which counts the cell itself as its fifteenth."""


def knn_purity(X, label, *, device: str = "auto") -> float:
    """Share of a cell's 14 nearest cells that are of its own type, on average.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims).
    label
        Cell type of each cell, shape (n_cells,).
    device
        Where to compute the distances.

    Returns
    -------
    In [0, 1], higher is better. Neighbors at random give the sum of the squared shares of the types.
    """
    X = check_embedding(X, len(label))
    label, _ = encode(label, len(X), "label")
    return float(same_label(measure_geometry(X, k=K, device=device).indices, label).mean())


def hubness(X, *, device: str = "auto") -> float:
    """Whether few cells are among the nearest of very many others.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims).
    device
        Where to compute the distances.

    Returns
    -------
    Skewness of the number of cells that have a cell among their 14 nearest; 0 if all are neighbors equally often,
    above about 1 if there are hubs. Neither higher nor lower is better by itself.
    """
    X = check_embedding(X, np.shape(X)[0])
    counts = occurrences(measure_geometry(X, k=K, device=device).indices)
    return float(skewness(counts)(np.ones((len(X), 1)))[0])


def neighbor_preservation(X, before, *, device: str = "auto") -> float:
    """Share of a cell's 14 nearest cells before integration that are so in the embedding, on average.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims).
    before
        Principal components of the unintegrated data, same cells in the same order; (n_cells, n_comps).
    device
        Where to compute the distances.

    Returns
    -------
    In [0, 1]; neighbors at random give 14 / (n_cells − 1). Neither higher nor lower is better by itself, since
    removing a batch effect means to change neighbors.
    """
    X = check_embedding(X, np.shape(X)[0])
    before = check_embedding(before, len(X))
    found, expected = (measure_geometry(Y, k=K, device=device).indices for Y in (X, before))
    return float(overlap(found, expected).mean())


def same_label(indices: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Share of each cell's neighbors, rows of shape (n_cells, k), with its label; shape (n_cells,)."""
    return (label[indices] == label[:, None]).mean(axis=1)


def occurrences(indices: np.ndarray) -> np.ndarray:
    """How many cells have each cell among their neighbors, shape (n_cells,)."""
    return np.bincount(indices.ravel(), minlength=len(indices)).astype(np.float64)


def overlap(found: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Share of each cell's expected neighbors that were found, both of shape (n_cells, k); shape (n_cells,)."""
    if found.shape != expected.shape:
        raise DataError(f"neighbors of shapes {found.shape} and {expected.shape} do not compare")
    common = np.zeros(len(found))
    for column in found.T:
        common += (expected == column[:, None]).any(axis=1)
    return common / found.shape[1]


def skewness(values: np.ndarray) -> Statistic:
    """Weighted skewness of a value per cell, shape (n_cells,); 0 where all are the same."""

    def statistic(weights: np.ndarray) -> np.ndarray:
        total = weights.sum(axis=0)
        apart = values[:, None] - values @ weights / total
        second, third = ((apart**power * weights).sum(axis=0) / total for power in (2, 3))
        return np.where(second > 0, third, 0) / np.where(second > 0, second, 1) ** 1.5

    return statistic
