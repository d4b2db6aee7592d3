"""Every pairwise distance, looked at once.

Silhouettes, the neighbor graph and all that asks for the nearest cells (of any kind, of the same type, or
among the cells a probe has learned from) follow from the distances between all pairs of cells. They
are computed here a block of rows at a time, reduced at once to what is needed, and forgotten, so that
memory grows with the number of cells and not with its square.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from zslib.device import pick_device
from zslib.errors import DataError

BLOCK = 2**24
"""Distances held at a time: 128 MB of float64."""

COINCIDE = 1e-13
"""Squared distances below this share of a cell's squared norm are rounding, and count as zero.

The matrix product leaves about 1e-15 of the squared norm where the distance is zero. Unless it is
cleared, the silhouette of coinciding cells is a ratio of two rounding errors.
"""


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """What one pass over all pairwise Euclidean distances leaves behind."""

    indices: np.ndarray
    """Rows of each cell's nearest cells, itself excluded, nearest first; shape (n_cells, k)."""
    distances: np.ndarray
    """Their distances, ascending; shape (n_cells, k)."""
    label: np.ndarray
    """Label code of each cell; shape (n_cells,)."""
    label_sums: np.ndarray | None
    """Sum of each cell's distances to the cells of each label, if labels were given; (n_cells, n_labels)."""
    batch: np.ndarray | None
    """Batch code of each cell, if batches were given; shape (n_cells,)."""
    batch_sums: np.ndarray | None
    """Sum of each cell's distances to the cells of its own label in each batch; (n_cells, n_batches)."""
    own_indices: np.ndarray
    """Rows of the nearest cells of its own label, itself excluded; (n_cells, k_own), −1 where there are fewer."""
    own_distances: np.ndarray
    """Their distances, infinite where there are fewer; shape (n_cells, k_own)."""
    other_indices: np.ndarray | None
    """Rows of the nearest cells of other folds, if folds were given; shape (n_cells, k_other)."""


def measure_geometry(
    X,
    label=None,
    batch=None,
    *,
    k: int = 14,
    k_own: int = 0,
    fold=None,
    k_other: int = 15,
    device: str = "auto",
    block: int = BLOCK,
) -> Geometry:
    """Go once through all pairwise Euclidean distances, exactly, in float64.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims), finite.
    label
        Label codes of shape (n_cells,), from 0 without gaps; None for one label, and no sums.
    batch
        Batch codes of shape (n_cells,), from 0 without gaps; None to leave batches out.
    k
        How many neighbors to keep of each cell. Cells at the same distance are taken in order of row.
    k_own
        How many neighbors to keep among the cells of its own label.
    fold
        Fold of each cell, shape (n_cells,), for neighbors among the cells of other folds; None for none.
    k_other
        How many of those to keep; fewer come back if the cells outside the largest fold are fewer.
    device
        ``"auto"`` takes a CUDA device where there is one; it must know float64, which ``mps`` does not.
    block
        Most distances to hold at a time. It changes memory and speed, not the result.

    Returns
    -------
    Neighbors, and sums of distances to labels and batches. Time grows with
    n_cells² × (n_dims + n_labels).

    Raises
    ------
    DataError
        If there are not more than k cells.
    """
    n = len(X)
    if n <= k:
        raise DataError(f"{k} neighbors of a cell need at least {k + 1} cells; there are {n}")
    summed = label is not None
    label = np.asarray(label) if summed else np.zeros(n, dtype=np.int64)
    device = pick_device(device)

    # With the cells of a label side by side, the sums over one's own label need one slice of a block.
    order = np.argsort(label, kind="stable")
    bounds = np.searchsorted(label[order], np.arange(label.max() + 2))
    points = torch.from_numpy(np.ascontiguousarray(X[order])).to(device, torch.float64)
    # ‖x − y‖² = ‖x‖² + ‖y‖² − 2x·y cancels badly far from the origin, so the origin is moved to the mean.
    points -= points.mean(dim=0)
    squares = torch.einsum("ij,ij->i", points, points)
    in_label = _one_hot(label[order], device)
    in_batch = None if batch is None else _one_hot(np.asarray(batch)[order], device)
    rows_of = torch.from_numpy(order).to(device)

    nearest = torch.empty((n, k), dtype=torch.int64)
    distances = torch.empty((n, k), dtype=torch.float64)
    label_sums = torch.empty((n, in_label.shape[1]), dtype=torch.float64)
    batch_sums = None if batch is None else torch.empty((n, in_batch.shape[1]), dtype=torch.float64)
    own = torch.full((n, k_own), -1, dtype=torch.int64)
    own_distances = torch.full((n, k_own), torch.inf, dtype=torch.float64)
    other = folds = None
    if fold is not None:
        k_other = min(k_other, n - int(np.bincount(fold).max()))
        other = torch.empty((n, k_other), dtype=torch.int64)
        folds = torch.from_numpy(np.asarray(fold)[order]).to(device, torch.int64)
    height = min(n, max(1, block // n))
    buffer = torch.empty((height, n), dtype=torch.float64, device=device)
    for start in range(0, n, height):
        stop = min(n, start + height)
        D = torch.addmm(squares[None], points[start:stop], points.T, alpha=-2, out=buffer[: stop - start])
        D += squares[start:stop, None]
        D.masked_fill_(COINCIDE * squares[start:stop, None] > D, 0).sqrt_()
        itself = D.diagonal(offset=start)
        itself.zero_()
        if summed:
            label_sums[start:stop] = (D @ in_label).cpu()
        if batch is not None:
            for first, last, top, bottom in _within(bounds, start, stop):
                same = D[top - start : bottom - start, first:last]
                batch_sums[top:bottom] = (same @ in_batch[first:last]).cpu()
        itself.fill_(torch.inf)
        for first, last, top, bottom in _within(bounds, start, stop):
            if some := min(k_own, last - first - 1):
                found, dist = _nearest(
                    D[top - start : bottom - start], some, rows_of, top, slice(first, last)
                )
                own[top:bottom, :some], own_distances[top:bottom, :some] = found, dist
        nearest[start:stop], distances[start:stop] = _nearest(D, k, rows_of, start)
        if fold is not None:
            other[start:stop] = _nearest(D, k_other, rows_of, start, fold=(folds[start:stop], folds))[0]

    back = np.empty(n, dtype=np.int64)
    back[order] = np.arange(n)
    return Geometry(
        indices=nearest.numpy()[back],
        distances=distances.numpy()[back],
        label=label,
        label_sums=label_sums.numpy()[back] if summed else None,
        batch=None if batch is None else np.asarray(batch),
        batch_sums=None if batch is None else batch_sums.numpy()[back],
        own_indices=own.numpy()[back],
        own_distances=own_distances.numpy()[back],
        other_indices=None if fold is None else other.numpy()[back],
    )


def _within(bounds: np.ndarray, start: int, stop: int) -> Iterator[tuple[int, int, int, int]]:
    """Each label's columns, first to last, and the rows of the block, top to bottom, that are of the label."""
    for first, last in itertools.pairwise(bounds):
        top, bottom = max(first, start), min(last, stop)
        if top < bottom:
            yield first, last, top, bottom


def _nearest(
    D: torch.Tensor, k: int, rows_of: torch.Tensor, start: int, columns: slice = slice(None), fold=None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows and distances of the k smallest entries of each row of D, ties in order of row; in the CPU's memory.

    The first row is that of the cell in column `start`. Of some columns only, or of those of other folds than the
    row's; the latter may change D.
    """
    if D.device.type == "cpu":
        from zslib.metrics.nearest import smallest

        fold = None if fold is None else tuple(codes.numpy() for codes in fold)
        found = smallest(D.numpy(), k, rows_of.numpy(), columns=columns, start=start, fold=fold)
        return tuple(torch.from_numpy(part) for part in found)
    if fold is not None:
        D.masked_fill_(fold[0][:, None] == fold[1], torch.inf)
    return tuple(part.cpu() for part in _partial_sort(D[:, columns], k, rows_of[columns]))


def _partial_sort(D: torch.Tensor, k: int, rows_of: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """As :func:`zslib.metrics.nearest.smallest`, for a GPU."""
    values, columns = D.topk(k + 1, dim=1, largest=False)  # the smallest last comes for free
    columns = columns[:, :k]
    edge = values[:, k - 1 : k]
    # Where more cells than fit are equally far (mostly coinciding ones), topk takes any of them.
    tied = (values[:, -1:] == edge).squeeze(1).nonzero().squeeze(1)
    n = int(rows_of.max()) + 1 if len(tied) else 0
    for some in tied.split(256):
        rows, at = D[some], edge[some]
        key = torch.where(rows < at, rows_of - n, torch.where(rows == at, rows_of, 2 * n))
        columns[some] = key.topk(k, dim=1, largest=False).indices
    found = rows_of[columns].sort(dim=1)
    values, order = D.gather(1, columns.gather(1, found.indices)).sort(dim=1, stable=True)
    return found.values.gather(1, order), values


def _one_hot(codes: np.ndarray, device: torch.device) -> torch.Tensor:
    return torch.nn.functional.one_hot(torch.from_numpy(codes).to(device, torch.int64)).to(torch.float64)
