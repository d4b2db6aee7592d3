"""Cells by genes, some rows at a time: in memory or, where a matrix would not fit there, on the disk.

A matrix is CSR of scipy, or anndata's own of a file, which is cut by rows in the same way.
"""

import itertools
import os
import tempfile
from collections.abc import Iterable, Iterator

import numpy as np
from scipy import sparse

PART = 4096
"""Rows read at a time."""
IN_MEMORY = 100_000_000
"""Entries other than zero, of eight bytes each, above which a matrix stays on the disk."""


def fits(entries: int) -> bool:
    """Whether a matrix of so many entries is held in memory."""
    return entries <= IN_MEMORY


def parts(matrix) -> Iterator[sparse.csr_matrix]:
    """All rows of a matrix, some at a time."""
    return (part for _, part in placed(matrix))


def placed(matrix) -> Iterator[tuple[slice, sparse.csr_matrix]]:
    """All rows of a matrix, some at a time, each time with which they are."""
    for start in range(0, matrix.shape[0], PART):
        rows = slice(start, min(start + PART, matrix.shape[0]))
        yield rows, matrix[rows]


def masked(matrix, mask: np.ndarray) -> Iterator[sparse.csr_matrix]:
    """The rows of a matrix that a mask names, some at a time."""
    return (part[mask[rows]] for rows, part in placed(matrix))


def in_order(matrix, rows: np.ndarray) -> Iterator[sparse.csr_matrix]:
    """Rows in any order: the matrix is read from end to end for as many of them as fit into memory, of 3 GB."""
    share = np.cumsum(lengths(matrix)[rows]) // (4 * IN_MEMORY)
    return (_rows(matrix, some) for some in np.split(rows, np.flatnonzero(np.diff(share)) + 1))


def _rows(matrix, rows: np.ndarray) -> sparse.csr_matrix:
    """Some rows, each once: every part that is read goes to its place at once, as nothing is to be held twice."""
    indptr = np.concatenate([[0], np.cumsum(lengths(matrix)[rows])])
    data, indices = np.empty(indptr[-1], matrix.dtype), np.empty(indptr[-1], np.int32)
    place = np.full(matrix.shape[0], -1)
    place[rows] = np.arange(len(rows))
    for among, part in placed(matrix):
        to = place[among]
        part, to = part[to >= 0], to[to >= 0]
        entries = np.repeat(indptr[to] - part.indptr[:-1], np.diff(part.indptr)) + np.arange(part.nnz)
        data[entries], indices[entries] = part.data, part.indices
    return sparse.csr_matrix((data, indices, indptr), (len(rows), matrix.shape[1]))


def gathered(found: Iterable[sparse.csr_matrix]):
    """A matrix of parts, one below the other; one that is large lies in a temporary file, which is gone with it."""
    held, size, found = [], 0, iter(found)
    for part in found:
        held.append(part)
        size += part.nnz
        if not fits(size):
            del part  # nothing is held longer than it must be
            before = (held.pop(0) for _ in range(len(held)))
            return _on_disk(itertools.chain(before, found))
    return sparse.vstack(held, format="csr")


def put(group, key: str, found: Iterable[sparse.csr_matrix], **how):
    """Write a matrix part by part where anndata would write it; ``how`` as for datasets of h5py."""
    from anndata.io import sparse_dataset, write_elem

    found = iter(found)
    write_elem(group, key, next(found), dataset_kwargs={"indptr_dtype": np.int64, **how})
    for part in found:
        sparse_dataset(group[key]).append(part)
        del part  # before the next is read
    return sparse_dataset(group[key])


def _on_disk(found):
    import h5py

    handle, path = tempfile.mkstemp(prefix="zslib-", suffix=".h5")
    os.close(handle)
    file = h5py.File(path, "w")
    os.unlink(path)  # what is open stays until it is closed, also where the process dies
    return put(file, "X", found)  # plain: written ten times and read six times as fast as compressed


def lengths(matrix) -> np.ndarray:
    """How many entries each row has, shape (n_cells,)."""
    return np.diff(matrix.indptr if sparse.issparse(matrix) else matrix.group["indptr"][:])


def stretches(matrix, name: str, n: int = 1 << 24) -> Iterator[np.ndarray]:
    """One of the arrays that make a matrix, ``data``, ``indices`` or ``indptr``, in stretches."""
    array = getattr(matrix, name) if sparse.issparse(matrix) else matrix.group[name]
    return (array[start : start + n] for start in range(0, len(array), n))
