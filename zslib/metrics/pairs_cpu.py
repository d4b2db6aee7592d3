"""One look at every pairwise distance on a CPU, compiled; kept on disk as :mod:`zslib.metrics.communities` is.

A few rows of distances at a time, so that they stay in the cache of the core that works on them while all that is
asked of them is read off. Beside scikit-learn's searches and silhouettes, one by one, on 2,000 cells: 3.2 times as fast,
a minute of the default book (``benchmarks/parts.py``); and cells at one distance come in a fixed order, which its
searches leave open.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from numba import njit
from threadpoolctl import threadpool_limits

from zslib.metrics.pairs import CLOSE, COINCIDE, PRIME, SPLIT, Cells, PairStatistics

ROWS, CACHED = 64, 2**18
"""Least rows for a product that does not wait for memory, and distances that a core's cache holds."""
SUMS = "label_sums", "batch_sums"
NEAREST = "near", "near_far", "own", "own_far", "other", "other_far"
STRIDE = 64
"""Distances that are passed over at once if none of them is near."""


def measure(cells: Cells, found: PairStatistics, *, block: int) -> None:
    """Fill in what is found, as :func:`zslib.metrics.pairs.measure`, on as many cores as torch may use."""
    n, m = len(cells.points), len(cells.rows)
    height = max(1, min(n, block // n, max(ROWS, CACHED // n)))
    label = np.repeat(np.arange(len(cells.bounds) - 1), np.diff(cells.bounds))
    batch, fold = (
        np.zeros(n, dtype=np.int64) if codes is None else codes for codes in (cells.batch, cells.fold)
    )

    def work(starts: range) -> None:
        buffer = np.empty((height, n))
        for start in starts:
            part = slice(start, min(start + height, m))
            rows = cells.rows[part]
            D = np.matmul(cells.points[rows], cells.points.T, out=buffer[: len(rows)])
            sums, nearest = ([getattr(found, name)[part] for name in names] for names in (SUMS, NEAREST))
            _measure(D, rows, cells.points, cells.squares, cells.bounds, label, batch, *sums)
            edge = _edges(D, cells.bounds, label[rows], found.own.shape[1])
            _rank(D, rows, cells.number, cells.bounds, label, fold, edge, *nearest)

    n_threads = torch.get_num_threads()
    # Each thread multiplies for itself.
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(work, (range(i * height, m, n_threads * height) for i in range(n_threads))))


def distances(points: np.ndarray) -> np.ndarray:
    """All distances of a few cells, as :func:`zslib.metrics.pairs.distances`; shape (n_cells, n_cells)."""
    points = points - points.mean(axis=0)
    squares = np.einsum("ij,ij->i", points, points)
    D = points @ points.T
    for i in range(len(D)):
        _distances(D[i], i, points, squares)
    return D


def _edges(D, bounds, label, k: int) -> np.ndarray:
    """Distance to the k-th nearest cell of the same label, or infinity; shape (n_rows,)."""
    edge = np.full(len(D), np.inf)
    for code in np.unique(label):
        rows, first, last = np.flatnonzero(label == code), bounds[code], bounds[code + 1]
        if 0 < k < last - first:
            same = D[rows[0] : rows[-1] + 1, first:last]
            edge[rows] = np.partition(same, k - 1, axis=1)[:, k - 1]
    return edge


@njit(cache=True, nogil=True)
def _distances(row, cell, points, squares):
    """Turn products into distances, as :func:`zslib.metrics.pairs.distances`."""
    square = squares[cell]
    for j in range(row.shape[0]):
        apart = square + squares[j] - 2 * row[j]
        if apart < CLOSE * square:
            apart = 0.0
            for d in range(points.shape[1]):
                apart += (points[cell, d] - points[j, d]) ** 2
            if apart < COINCIDE * square:
                apart = 0.0
        far = np.sqrt(apart)
        above = far * SPLIT
        row[j] = above - (above - far)


@njit(cache=True, nogil=True, fastmath={"reassoc"})
def _sum(row):
    total = 0.0
    for j in range(row.shape[0]):
        total += row[j]
    return total


@njit(
    "void(float64[:, ::1], int64[::1], float64[:, ::1], float64[::1], int64[::1], int64[::1], int64[::1], "
    "float64[:, ::1], float64[:, ::1])",
    cache=True,
    nogil=True,
)
def _measure(D, rows, points, squares, bounds, label, batch, label_sums, batch_sums):
    """Turn products into distances, that of a cell to itself into NaN, and add them up."""
    for i in range(len(D)):
        row, cell = D[i], rows[i]
        _distances(row, cell, points, squares)
        for c in range(label_sums.shape[1]):
            label_sums[i, c] = _sum(row[bounds[c] : bounds[c + 1]])
        if batch_sums.shape[1]:
            for j in range(bounds[label[cell]], bounds[label[cell] + 1]):
                batch_sums[i, batch[j]] += row[j]
        row[cell] = np.nan


@njit(cache=True, nogil=True)
def _any_near(row, edge):
    """Whether any distance is at most `edge`."""
    near = np.int64(0)
    for j in range(row.shape[0]):
        near += np.int64(row[j] <= edge)
    return near > 0


@njit(inline="always")
def _later(first, second, own, number):
    """Whether of two cells equally far from a cell the first comes after the second."""
    return own * number[first] % PRIME > own * number[second] % PRIME


@njit(inline="always")
def _insert(far, which, kept, entry, j, own, number):
    """Put an entry in its place among those kept, unless as many as are wanted come before it; how many are kept."""
    at = min(kept, len(far) - 1)
    if kept == len(far) and (entry > far[at] or (entry == far[at] and _later(j, which[at], own, number))):
        return kept
    while at > 0 and (
        far[at - 1] > entry or (far[at - 1] == entry and _later(which[at - 1], j, own, number))
    ):
        far[at], which[at] = far[at - 1], which[at - 1]
        at -= 1
    far[at], which[at] = entry, j
    return min(kept + 1, len(far))


@njit(cache=True, nogil=True)
def _scan(row, own, number, low, high, passed, fold, edge, which, far, kept):
    """Keep the nearest of some columns, but those of the fold `passed` and those beyond `edge`; how many are kept."""
    for top in range(low, high, STRIDE):
        bottom = min(top + STRIDE, high)
        edge = min(edge, far[-1])
        if _any_near(row[top:bottom], edge):
            for j in range(top, bottom):
                if row[j] <= edge and (len(fold) == 0 or fold[j] != passed):
                    kept = _insert(far, which, kept, row[j], j, own, number)
    return kept


@njit(
    "void(float64[:, ::1], int64[::1], int64[::1], int64[::1], int64[::1], int64[::1], float64[::1], "
    "int64[:, ::1], float64[:, ::1], int64[:, ::1], float64[:, ::1], int64[:, ::1], float64[:, ::1])",
    cache=True,
    nogil=True,
)
def _rank(D, rows, number, bounds, label, fold, edge, near, near_far, own, own_far, other, other_far):
    """Find the nearest cells: of all, of its own label within `edge`, and of other folds."""
    n, k, everyone = D.shape[1], near.shape[1], fold[:0]
    for i in range(len(D)):
        row, cell, kept = D[i], rows[i], 0
        first, last = bounds[label[cell]], bounds[label[cell] + 1]
        # Those of its own label first: the nearest are among them, and hardly any other is kept in vain.
        if own.shape[1]:
            kept = _scan(
                row, number[cell], number, first, last, 0, everyone, edge[i], own[i], own_far[i], kept
            )
        if own.shape[1] >= k:
            kept = min(kept, k)
            near[i], near_far[i] = own[i, :k], own_far[i, :k]
        else:
            kept = _scan(row, number[cell], number, first, last, 0, everyone, np.inf, near[i], near_far[i], 0)
        kept = _scan(row, number[cell], number, 0, first, 0, everyone, np.inf, near[i], near_far[i], kept)
        kept = _scan(row, number[cell], number, last, n, 0, everyone, np.inf, near[i], near_far[i], kept)
        if other.shape[1]:
            kept = _scan(
                row, number[cell], number, first, last, fold[cell], fold, np.inf, other[i], other_far[i], 0
            )
            kept = _scan(
                row, number[cell], number, 0, first, fold[cell], fold, np.inf, other[i], other_far[i], kept
            )
            kept = _scan(
                row, number[cell], number, last, n, fold[cell], fold, np.inf, other[i], other_far[i], kept
            )
