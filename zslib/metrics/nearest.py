"""The smallest entries of each row of a matrix, compiled; kept on disk as :mod:`zslib.metrics.communities` is.

One look at each entry against the largest that is kept, which hardly any is below once a row is well begun. A
partial sort, as torch has it, moves the whole row about, and takes several times as long.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from numba import njit


def smallest(
    D: np.ndarray,
    k: int,
    names: np.ndarray,
    *,
    columns: slice = slice(None),
    start: int = 0,
    fold: tuple[np.ndarray, np.ndarray] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Find the smallest entries of each row, on as many cores as torch may use.

    Parameters
    ----------
    D
        float64 of shape (n_rows, n_cols), C-contiguous.
    k
        How many; no more than are looked at in any row.
    names
        A number for each column, int64 of shape (n_cols,): of equal entries the lower-numbered come first.
    columns
        Look at these columns only.
    start
        Column of them at which to begin in the first row, and one further in every next. It changes speed, not the
        result: where low entries come early, few are kept in vain.
    fold
        Codes of rows and of columns, int64: entries where they are equal are passed over. None: none are.

    Returns
    -------
    Names and entries, int64 and float64 of shape (n_rows, k), ascending by entry.
    """
    n = len(D)
    found, entries = np.empty((n, k), dtype=np.int64), np.empty((n, k))
    first, last, _ = columns.indices(D.shape[1])
    begin = np.minimum(start + np.arange(n), last)
    no_fold = np.empty(0, dtype=np.int64)
    of_row, of_column = (no_fold, no_fold) if fold is None else fold
    parts = np.array_split(np.arange(n), torch.get_num_threads())

    def work(part: np.ndarray) -> None:
        if len(part):
            rows = slice(part[0], part[-1] + 1)
            _smallest(
                D[rows], first, last, begin[rows], names, of_row[rows], of_column, found[rows], entries[rows]
            )

    with ThreadPoolExecutor(len(parts)) as pool:
        list(pool.map(work, parts))
    return found, entries


@njit(
    "void(float64[:, ::1], int64, int64, int64[::1], int64[::1], int64[::1], int64[::1], int64[:, ::1], float64[:, ::1])",
    cache=True,
    nogil=True,
)
def _smallest(D, first, last, begin, names, of_row, of_column, found, entries):
    n, k = found.shape
    folded = len(of_column) > 0
    for i in range(n):
        kept = 0
        most = np.inf  # the largest that is kept, once k are
        for step in range(last - first):
            j = begin[i] + step
            if j >= last:
                j -= last - first
            entry, name = D[i, j], names[j]
            if entry > most or (folded and of_row[i] == of_column[j]):
                continue
            if kept < k:
                kept += 1
            elif entry == most and name > found[i, k - 1]:
                continue
            at = kept - 1
            while at > 0 and (
                entries[i, at - 1] > entry or (entries[i, at - 1] == entry and found[i, at - 1] > name)
            ):
                entries[i, at], found[i, at] = entries[i, at - 1], found[i, at - 1]
                at -= 1
            entries[i, at], found[i, at] = entry, name
            if kept == k:
                most = entries[i, k - 1]
