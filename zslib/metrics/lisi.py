"""LISI: how many batches, or cell types, a neighborhood effectively holds."""

import numpy as np

from zslib.errors import NotApplicable
from zslib.metrics.checks import check_embedding, encode
from zslib.metrics.geometry import measure_geometry
from zslib.metrics.reduce import mean_of_labels

N_NEIGHBORS = 90
"""Size of a neighborhood, the cell itself included; the perplexity is a third of it."""
MIN_CELLS = 10
"""Types with fewer cells are left out of CiLISI."""
TOLERANCE = 1e-5
TRIES = 50


def ilisi(X, batch, *, device: str = "auto") -> float:
    """How many batches a neighborhood effectively holds, on the scale from one to all of them.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims).
    batch
        Batch of each cell, shape (n_cells,).
    device
        Where to compute the distances.

    Returns
    -------
    (median LISI − 1) / (n_batches − 1), in [0, 1], higher is better mixed. As ``scib_metrics.ilisi_knn`` of
    exact neighbors.

    Raises
    ------
    NotApplicable
        If there is one batch.
    """
    X = check_embedding(X, len(batch))
    batch, names = encode(batch, len(X), "batch")
    if len(names) < 2:
        raise NotApplicable("all cells are of one batch, so there is nothing to mix")
    return float((np.median(_lisi(X, batch, device)) - 1) / (len(names) - 1))


def clisi(X, label, *, device: str = "auto") -> float:
    """How few cell types a neighborhood effectively holds, on the scale from all of them to one.

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
    (n_labels − median LISI) / (n_labels − 1), in [0, 1], higher is better. As ``scib_metrics.clisi_knn`` of
    exact neighbors.

    Raises
    ------
    NotApplicable
        If there is one type.
    """
    X = check_embedding(X, len(label))
    label, names = encode(label, len(X), "label")
    if len(names) < 2:
        raise NotApplicable("all cells are of one type, so there is nothing to keep apart")
    return float((len(names) - np.median(_lisi(X, label, device))) / (len(names) - 1))


def cilisi(X, label, batch, *, device: str = "auto") -> float:
    """Mixing of batches within each cell type: iLISI among the cells of the type only.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims).
    label, batch
        Cell type and batch of each cell, shape (n_cells,).
    device
        Where to compute the distances.

    Returns
    -------
    Mean over types of the mean over their cells of (LISI − 1) / (batches of the type − 1), in [0, 1], higher
    is better mixed. As ``CiLISI_means`` of the R package scIntegrationMetrics: types with one batch, or fewer
    than ten cells, are left out.

    Raises
    ------
    NotApplicable
        If that holds for every type.
    """
    X = check_embedding(X, len(label))
    label, _ = encode(label, len(X), "label")
    batch, _ = encode(batch, len(X), "batch")
    found = measure_geometry(X, label, k=1, k_own=N_NEIGHBORS - 1, device=device)
    values = within_labels(found.own_indices, found.own_distances, label, batch)
    return float(mean_of_labels(values, label, ~np.isnan(values))(np.ones((len(label), 1)))[0])


def within_labels(indices, distances, label: np.ndarray, batch: np.ndarray) -> np.ndarray:
    """Scaled LISI of batches of every cell, among the cells of its label.

    Parameters
    ----------
    indices, distances
        Nearest cells of the cell's own label and their distances, as of
        :class:`~zslib.metrics.geometry.Geometry`; shape (n_cells, k).
    label, batch
        Codes of shape (n_cells,).

    Returns
    -------
    Array of shape (n_cells,), in [0, 1]; NaN for the cells of labels that are left out.

    Raises
    ------
    NotApplicable
        If all are.
    """
    values = np.full(len(label), np.nan)
    for code in range(label.max() + 1):
        cells = np.flatnonzero(label == code)
        n_batches = len(np.unique(batch[cells]))
        if n_batches > 1 and len(cells) >= MIN_CELLS:
            k = min(indices.shape[1], len(cells) - 1)
            share = neighbor_weights(distances[cells, :k])
            values[cells] = (lisi(share, batch[indices[cells, :k]]) - 1) / (n_batches - 1)
    if np.isnan(values).all():
        raise NotApplicable(f"no cell type has {MIN_CELLS} cells or more in two batches")
    return values


def lisi(share: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Inverse Simpson index of the neighbors' classes.

    Parameters
    ----------
    share
        Weight of each neighbor, rows adding up to one; shape (n_cells, k).
    codes
        Class of each neighbor, shape (n_cells, k).

    Returns
    -------
    Array of shape (n_cells,): 1 if all the weight is on one class, the number of classes if it is spread evenly.
    """
    simpson = np.zeros(len(share))
    for code in np.unique(codes):
        simpson += np.where(codes == code, share, 0).sum(axis=1) ** 2
    return 1 / np.minimum(simpson, 1)  # rounding must not leave the range


def neighbor_weights(distances: np.ndarray) -> np.ndarray:
    """Weights of neighbors that fall with distance so fast that each cell has the same perplexity.

    Parameters
    ----------
    distances
        Distances to the neighbors, the cell itself excluded, ascending; shape (n_cells, k).

    Returns
    -------
    exp(−β d), rows adding up to one; shape (n_cells, k). β is found, for all cells at once, by the bisection of
    the LISI package with its constants, so that the perplexity is (k + 1) / 3 rounded down.

    Notes
    -----
    Korsunsky et al. 2019, doi:10.1038/s41592-019-0619-0.
    """
    from zslib.metrics.fuzzy import narrow

    # Less the nearest distance nothing changes but that a far neighborhood cannot vanish.
    beyond = np.ascontiguousarray(distances - distances[:, :1], dtype=np.float64)
    target = np.log((distances.shape[1] + 1) // 3)
    return narrow(beyond, target, TRIES, TOLERANCE)


def _lisi(X: np.ndarray, codes: np.ndarray, device: str) -> np.ndarray:
    found = measure_geometry(X, k=max(14, min(N_NEIGHBORS, len(X)) - 1), device=device)
    return lisi(neighbor_weights(found.distances), codes[found.indices])
