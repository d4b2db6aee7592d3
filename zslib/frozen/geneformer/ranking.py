"""Sort the genes of many cells at once, by the value that rank-value encoding gives them.

``benchmarks/agreement_geneformer.py --speed`` times it beside the published loop over cells.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import sparse

TARGET_SUM = 10_000
"""Counts that each cell is scaled to."""
_BLOCK = 1 << 17  # entries sorted at once; larger ones leave the processor's cache


@dataclass(frozen=True, kw_only=True, eq=False)
class Columns:
    """What is known of each column of a count matrix."""

    tokens: np.ndarray
    """0 where the gene is unknown."""
    medians: np.ndarray
    """Infinite where the gene is unknown, which makes its value 0."""
    repeated: np.ndarray
    """Whether another column has the same token."""
    bits: int
    """Bits that hold any token."""


def blocks(lengths: np.ndarray) -> Iterator[np.ndarray]:
    """Cells of nearly the same number of entries, so that little is padded when they are sorted together."""
    order = np.argsort(lengths, kind="stable")
    lengths = lengths[order]
    start = 0
    while start < len(order):
        stop = np.searchsorted(lengths, lengths[start] * 1.25 + 16, side="right")
        stop = min(stop, start + max(1, _BLOCK // int(lengths[stop - 1] + 1)))
        yield order[start:stop]
        start = stop


def gather(counts: sparse.csr_matrix, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Entries of some cells, the longest last: counts and columns, (n, w), padded with counts of 0."""
    starts, lengths = counts.indptr[cells].astype(np.intp), np.diff(counts.indptr)[cells]
    shortest, longest = int(lengths[0]), int(lengths[-1])
    parts = counts.data, counts.indices
    if starts.max() + longest <= counts.nnz:  # whole rows are copied, which is much faster than entries
        x, at = (sliding_window_view(part, longest)[starts] for part in parts)
    else:
        x, at = (part.take(starts[:, None] + np.arange(longest), mode="clip") for part in parts)
    x[:, shortest:][np.arange(shortest, longest) >= lengths[:, None]] = 0
    return x, at.astype(np.intp)


def rank(x: np.ndarray, at: np.ndarray, totals: np.ndarray | None, columns: Columns, room: int) -> np.ndarray:
    """Tokens by descending value, 0 after the last, (n, w).

    Sorting numbers is several times faster than sorting an order of them. So a value and its token
    become one integer: the upper bits of a positive float, which order as it does, with the token in place
    of the lowest bits. Only where two neighbors differ by so little that the bits given up could matter is
    the cell sorted again, by the formula as it is written.
    """
    low = (1 << columns.bits) - 1
    value = (1 / columns.medians).take(at, mode="clip")
    value *= x  # the total changes nothing but roundings, which are far below the bits kept
    if columns.repeated.any():
        _sum_repeated(value, at, columns)
    key = value.view(np.int64)
    key &= ~low
    np.subtract(columns.tokens.take(at, mode="clip"), key, out=key)
    np.minimum(key, 0, out=key)  # what has no value goes last
    key.sort(axis=1)
    near = key[:, 1 : room + 1] - key[:, :-1][:, :room] < 2 << columns.bits
    near &= key[:, 1 : room + 1] < 0
    tokens = (key & low).astype(np.int32)
    unsure = np.flatnonzero(near.any(axis=1))
    if len(unsure):
        x, at = x[unsure], at[unsure]
        totals = x.sum(axis=1, dtype=np.float64) if totals is None else totals[unsure]
        tokens[unsure] = _rank_as_written(x, at, totals, columns)
    return tokens


def _rank_as_written(x: np.ndarray, at: np.ndarray, totals: np.ndarray, columns: Columns) -> np.ndarray:
    """Tokens by descending value and, where these are equal, by ascending token, 0 after the last; (n, w)."""
    x = x.astype(np.float64)
    if columns.repeated.any():
        _sum_repeated(x, at, columns)
    value = x / totals[:, None] * TARGET_SUM / columns.medians[at]
    tokens = np.where(value > 0, columns.tokens[at], 0)
    return np.take_along_axis(tokens, np.lexsort((tokens, -value), axis=1), axis=1)


def _sum_repeated(x: np.ndarray, at: np.ndarray, columns: Columns) -> None:
    """Put the sum over the columns of a repeated gene into the first of them, 0 into the others; in place."""
    entry = np.flatnonzero(columns.repeated.take(at, mode="clip"))
    flat, width = x.reshape(-1), x.shape[1]
    entry = entry[flat[entry] > 0]
    gene = (entry // width << columns.bits) + columns.tokens[at.reshape(-1)[entry]]
    _, first, group = np.unique(gene, return_index=True, return_inverse=True)
    sums = np.bincount(group, weights=flat[entry])
    flat[entry] = 0
    flat[entry[first]] = sums


def in_order(flat: np.ndarray, lengths: np.ndarray, order: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Bring cells that lie in another order back into theirs."""
    order = np.concatenate([np.zeros(0, np.int64), *order]).astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths[order])])
    # Cells of different lengths are what the rows of a CSR matrix are, and it picks rows fast.
    ragged = sparse.csr_matrix((flat, flat, starts), shape=(len(order), int(flat.max(initial=0)) + 1))
    ragged = ragged[np.argsort(order)]
    return ragged.data, ragged.indptr.astype(np.int64)
