"""kBET: whether the batches of a neighborhood are what chance would put there, type by type."""

import numpy as np
from scipy import special

from zslib.errors import NotApplicable
from zslib.metrics.checks import check_embedding, encode
from zslib.metrics.geometry import measure_geometry
from zslib.metrics.reduce import mean_of_labels

ALPHA = 0.05
LEAST, MOST = 10, 70
"""Bounds of the number of neighbors."""


def kbet_per_label(X, label, batch, *, device: str = "auto") -> float:
    """Share of neighborhoods within a cell type whose batches do not differ from those of the type.

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
    Mean over types of the share of their cells that the test does not reject, in [0, 1], higher is better
    mixed; 0.95 is what perfect mixing gives.

    Raises
    ------
    NotApplicable
        If no type has two batches and enough cells.

    Notes
    -----
    The test and the number of neighbors are those of ``scib_metrics.kbet_per_label`` and scib: chi-squared at
    0.05, a quarter of the mean batch size, between 10 and 70. The neighbors are not: here they are a cell's nearest
    of its own type, there its nearest by diffusion along the graph of the type, which approximate searches make
    depend on the order and the names of the types. Types with fewer than three neighborhoods of cells are left out.
    """
    X = check_embedding(X, len(label))
    label, _ = encode(label, len(X), "label")
    batch, _ = encode(batch, len(X), "batch")
    found = measure_geometry(X, label, k=1, k_own=MOST, device=device)
    values = accepted(found.own_indices, label, batch)
    return float(mean_of_labels(values, label, ~np.isnan(values))(np.ones((len(label), 1)))[0])


def accepted(indices: np.ndarray, label: np.ndarray, batch: np.ndarray) -> np.ndarray:
    """Whether the test accepts each cell's neighborhood.

    Parameters
    ----------
    indices
        Rows of the nearest cells of the cell's own label, nearest first, at least 70 of them; (n_cells, k).
    label, batch
        Codes of shape (n_cells,).

    Returns
    -------
    1 where it does and 0 where not, shape (n_cells,); NaN for the cells of labels that are left out.

    Raises
    ------
    NotApplicable
        If all are.
    """
    values = np.full(len(label), np.nan)
    for code in range(label.max() + 1):
        cells = np.flatnonzero(label == code)
        sizes = np.bincount(batch[cells])
        sizes = sizes[sizes > 0]
        k = int(np.clip(sizes.mean() // 4, LEAST, MOST))
        if len(sizes) > 1 and len(cells) >= 3 * k:
            near = np.column_stack([cells, indices[cells, :k]])
            values[cells] = p_values(batch[near], batch[cells]) >= ALPHA
    if np.isnan(values).all():
        raise NotApplicable(f"no cell type has two batches and {3 * LEAST} cells or more")
    return values


def p_values(near: np.ndarray, batch: np.ndarray) -> np.ndarray:
    """Chi-squared test of each neighborhood's batches against those of all cells.

    Parameters
    ----------
    near
        Batches of the cells of each neighborhood, shape (n_cells, k).
    batch
        Batch of each cell, shape (n_cells,).

    Returns
    -------
    Array of shape (n_cells,).
    """
    names, sizes = np.unique(batch, return_counts=True)
    expected = sizes / sizes.sum() * near.shape[1]
    observed = np.stack([(near == name).sum(axis=1) for name in names], axis=1)
    return special.chdtrc(len(names) - 1, ((observed - expected) ** 2 / expected).sum(axis=1))
