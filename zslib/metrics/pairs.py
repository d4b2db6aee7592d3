"""What is read off all pairwise distances, and how a GPU reads it; :mod:`zslib.metrics.pairs_cpu` is the CPU's way."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

CLOSE = 1e-3
"""Squared distances below this share of a cell's squared norm are computed from the cells' differences.

The matrix product is off by about 1e-15 of the squared norm, which is much of a small distance.
"""
COINCIDE = 1e-26
"""Squared distances below this share are rounding of the cells themselves, and count as zero.

Unless it is cleared, the silhouette of coinciding cells is a ratio of two rounding errors.
"""
SPLIT = 2.0**13 + 1
"""Distances times this, less the excess over the distance, are rounded to 40 bits.

What is off in the last bits would decide between cells equally far, and differently on another device.
"""
PRIME = 2**31 - 1
"""Of cells equally far from another that comes first whose number, times the other's, is the lowest modulo this."""
DIFFERENCES = 2**22
"""Elements of cells' differences held at a time."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Cells:
    """Cells, those of a label side by side."""

    points: np.ndarray
    """float64 of shape (n_cells, n_dims), about their mean."""
    squares: np.ndarray
    """Their squared norms, shape (n_cells,)."""
    number: np.ndarray
    """What decides between cells equally far, see :func:`zslib.metrics.distances.numbers`; int64 of shape (n_cells,)."""
    bounds: np.ndarray
    """Where each label begins, and the last one ends; int64 of shape (n_labels + 1,)."""
    batch: np.ndarray | None
    """Batch codes, int64 of shape (n_cells,)."""
    fold: np.ndarray | None
    """Fold codes, int64 of shape (n_cells,)."""
    rows: np.ndarray
    """Places of the cells that are measured against all of them, ascending; int64 of shape (n_rows,)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PairStatistics:
    """Arrays to be filled, a row for each cell that is measured; what is not asked for has no columns."""

    label_sums: np.ndarray
    """Sum of distances to each label, float64."""
    batch_sums: np.ndarray
    """Sum of distances to the cells of the same label in each batch, float64."""
    near: np.ndarray
    """Places of the nearest cells among the points, int64; −1 where there are fewer."""
    near_far: np.ndarray
    """Their distances, float64, ascending; infinite where there are fewer."""
    own: np.ndarray
    """The same, among the cells of the same label."""
    own_far: np.ndarray
    other: np.ndarray
    """The same, among the cells of other folds."""
    other_far: np.ndarray

    @classmethod
    def blank(cls, n: int, n_labels: int, n_batches: int, **k: int) -> "PairStatistics":
        """Nothing yet, of so many cells; `k` is how many nearest ones by field."""
        sums = {"label_sums": np.zeros((n, n_labels)), "batch_sums": np.zeros((n, n_batches))}
        which = {name: np.full((n, size), -1) for name, size in k.items()}
        far = {f"{name}_far": np.full((n, size), np.inf) for name, size in k.items()}
        return cls(**sums, **which, **far)


def measure(cells: Cells, found: PairStatistics, *, device: torch.device, block: int) -> None:
    """Fill in what is found, with at most `block` distances at a time."""
    points, squares, number = (
        torch.from_numpy(part).to(device) for part in (cells.points, cells.squares, cells.number)
    )
    n, rows = len(points), torch.from_numpy(cells.rows).to(device)
    of_label = np.repeat(np.arange(len(cells.bounds) - 1), np.diff(cells.bounds))
    starts = np.searchsorted(cells.rows, cells.bounds)
    in_label = _one_hot(of_label, device)
    in_batch = None if cells.batch is None else _one_hot(cells.batch, device)
    fold = None if cells.fold is None else torch.from_numpy(cells.fold).to(device)
    height = min(n, max(1, block // n))
    buffer = torch.empty((height, n), dtype=torch.float64, device=device)
    for start in range(0, len(rows), height):
        stop = min(len(rows), start + height)
        own = rows[start:stop]
        D = distances(points, squares, own, out=buffer[: stop - start])
        if found.label_sums.shape[1]:
            found.label_sums[start:stop] = (D @ in_label).cpu()
        for first, last, top, bottom in _within(cells.bounds, starts, start, stop):
            same = D[top - start : bottom - start, first:last]
            if in_batch is not None:
                found.batch_sums[top:bottom] = (same @ in_batch[first:last]).cpu()
        D.scatter_(1, own[:, None], torch.inf)
        for first, last, top, bottom in _within(cells.bounds, starts, start, stop):
            if some := min(found.own.shape[1], last - first - 1):
                same = D[top - start : bottom - start, first:last]
                which, far = nearest(same, some, number[first:last], number[rows[top:bottom]])
                found.own[top:bottom, :some] = first + which.cpu()
                found.own_far[top:bottom, :some] = far.cpu()
        which, far = nearest(D, found.near.shape[1], number, number[own])
        found.near[start:stop], found.near_far[start:stop] = which.cpu(), far.cpu()
        if fold is not None:
            D.masked_fill_(fold[own, None] == fold, torch.inf)
            which, far = nearest(D, found.other.shape[1], number, number[own])
            found.other[start:stop], found.other_far[start:stop] = which.cpu(), far.cpu()


def distances(points: torch.Tensor, squares: torch.Tensor, rows: torch.Tensor, out=None) -> torch.Tensor:
    """Distances of the cells in some places to all, shape (n_rows, n_cells); points and squares as in :class:`Cells`.

    Exact for close cells too, zero for those that coincide, equal for those that are equally far.
    """
    own = squares[rows, None]
    D = torch.addmm(squares[None], points[rows], points.T, alpha=-2, out=out)
    D += own
    for some in (CLOSE * own > D).nonzero().split(max(1, DIFFERENCES // points.shape[1])):
        i, j = some[:, 0], some[:, 1]
        apart = (points[rows[i]] - points[j]).square_().sum(dim=1)
        D[i, j] = apart.masked_fill_(COINCIDE * squares[rows[i]] > apart, 0)
    D.sqrt_()
    above = D * SPLIT
    return D.sub_(above).add_(above)


def rounded(values: np.ndarray) -> np.ndarray:
    """Numbers rounded to 40 bits, as distances are; infinity stays."""
    above = np.where(np.isfinite(values), values, 0) * SPLIT
    return np.where(np.isfinite(values), above - (above - values), values)


def nearest(
    D: torch.Tensor, k: int, number: torch.Tensor, own: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Columns and entries of the k smallest entries of each row of D, equal ones by their numbers and the row's own."""
    values, columns = D.topk(k + 1, dim=1, largest=False)  # the smallest last comes for free
    columns = columns[:, :k]
    edge = values[:, k - 1 : k]
    # Where more cells than fit are equally far (mostly coinciding ones), topk takes any of them.
    tied = (values[:, -1:] == edge).squeeze(1).nonzero().squeeze(1)
    for some in tied.split(256):
        rows, at = D[some], edge[some]
        turn = own[some, None] * number % PRIME
        key = torch.where(rows < at, turn - PRIME, torch.where(rows == at, turn, PRIME))
        columns[some] = key.topk(k, dim=1, largest=False).indices
    columns = columns.gather(1, (own[:, None] * number[columns] % PRIME).argsort(dim=1))
    values, order = D.gather(1, columns).sort(dim=1, stable=True)
    return columns.gather(1, order), values


def _within(
    bounds: np.ndarray, starts: np.ndarray, start: int, stop: int
) -> Iterator[tuple[int, int, int, int]]:
    """Each label's columns, first to last, and the rows of the block, top to bottom, that are of the label."""
    for (first, last), (low, high) in zip(
        itertools.pairwise(bounds), itertools.pairwise(starts), strict=True
    ):
        top, bottom = max(low, start), min(high, stop)
        if top < bottom:
            yield first, last, top, bottom


def _one_hot(codes: np.ndarray, device: torch.device) -> torch.Tensor:
    return torch.nn.functional.one_hot(torch.from_numpy(codes).to(device, torch.int64)).to(torch.float64)
