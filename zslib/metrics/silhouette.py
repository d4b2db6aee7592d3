"""Silhouette widths of every cell, of cell types and of batches within a cell type."""

import numpy as np
import torch

from zslib.core.device import pick_device
from zslib.core.errors import DataError, NotApplicable
from zslib.metrics.distances import BLOCK, Geometry

ROUNDING = 1e-6
"""Of distances between cells that coincide, which have no influence."""
UNMIXED = "no cell type has cells in two batches with two or more in one of them"
"""Why there is no silhouette by batch."""


def label_silhouettes(geometry: Geometry) -> np.ndarray:
    """Silhouette by label of every cell that was measured, shape (n_rows,), in [−1, 1].

    Raises
    ------
    DataError
        If there is one label only.
    """
    sizes = np.bincount(geometry.label)
    if len(sizes) < 2:
        raise DataError("a silhouette compares labels, and all cells have the same one; give two or more")
    return _widths(geometry.label_sums, geometry.label[geometry.rows], sizes)


def label_influence(
    X: np.ndarray, geometry: Geometry, *, weight: np.ndarray | None = None, device: str = "auto"
) -> np.ndarray:
    """What each cell adds to the sum of the silhouettes of all cells by being near to them or far.

    Silhouettes stay as they are where cells are drawn again, which is half of what another draw would change, or less
    where types lie far apart: then the width of a cell depends on where the others lie, and little on itself.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims).
    geometry
        Of the same cells, with sums of distances to labels.
    weight
        How many cells each of those that were measured stands for; None for itself.
    device
        Where distances are computed.

    Returns
    -------
    Derivative of the sum by the cell's weight, its own silhouette left out, about its mean in each label; (n_cells,).
    """
    rows, label, sizes = geometry.rows, geometry.label, np.bincount(geometry.label)
    of = label[rows]
    within, other, near = _sides(geometry.label_sums, of, sizes)
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = np.stack([-other / (sizes[of] - 1), within / sizes[near]]) / np.maximum(within, other) ** 2
    if weight is not None:
        slopes *= weight
    slopes = torch.from_numpy(np.nan_to_num(slopes, nan=0.0, posinf=0.0, neginf=0.0)).to(pick_device(device))
    points = torch.from_numpy(X - X.mean(axis=0, dtype=np.float64)).to(slopes)
    found = np.zeros(len(X))
    if weight is None:
        found += np.nan_to_num(slopes[0].cpu().numpy() * within)  # nobody is a cell's own neighbor
    for code in range(len(sizes)):
        cells = np.flatnonzero(label == code)
        own = points[cells]
        for slope, on in zip(slopes, (np.flatnonzero(of == code), np.flatnonzero(near == code)), strict=True):
            for some in np.array_split(on, 1 + len(on) * len(cells) // BLOCK):
                found[cells] += (slope[some] @ torch.cdist(points[rows[some]], own)).cpu().numpy()
    found -= (np.bincount(label, weights=found) / sizes)[label]
    return found if np.abs(found).max() > ROUNDING else np.zeros(len(X))


def batch_silhouettes(geometry: Geometry) -> np.ndarray:
    """Silhouette by batch of every cell that was measured among the cells of its label, shape (n_rows,), in [−1, 1].

    NaN for the cells of a label that lies in one batch only, or in as many batches as it has cells.

    Raises
    ------
    NotApplicable
        If that holds for every label.
    """
    rows, widths = geometry.rows, np.full(len(geometry.rows), np.nan)
    for code in range(geometry.label.max() + 1):
        cells = np.flatnonzero(geometry.label[rows] == code)
        sizes = np.bincount(geometry.batch[geometry.label == code])
        if 1 < (sizes > 0).sum() < sizes.sum():
            own = geometry.batch[rows[cells]]
            widths[cells] = _widths(geometry.batch_sums[cells, : len(sizes)], own, sizes)
    if np.isnan(widths).all():
        raise NotApplicable(UNMIXED)
    return widths


def _sides(sums: np.ndarray, codes: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, ...]:
    """Mean distance to one's own group and to the nearest other, and which that is; empty groups are passed over."""
    rows = np.arange(len(codes))
    with np.errstate(divide="ignore", invalid="ignore"):
        within = sums[rows, codes] / (sizes[codes] - 1)
        means = np.where(sizes > 0, sums / sizes, np.inf)
    means[rows, codes] = np.inf
    nearest = means.argmin(axis=1)
    return within, means[rows, nearest], nearest


def _widths(sums: np.ndarray, codes: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Rousseeuw's silhouette from sums of distances to groups."""
    within, nearest, _ = _sides(sums, codes, sizes)
    with np.errstate(divide="ignore", invalid="ignore"):
        widths = (nearest - within) / np.maximum(nearest, within)
    # 0/0 is a cell alone in its group, or one that coincides with all others: neither near nor far.
    return np.nan_to_num(widths, nan=0.0)
