"""Raw counts of cells, in memory or in a file, a chunk of rows at a time."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from zslib.core.errors import DataError

LAYER = "layers/counts"


@dataclass(frozen=True)
class Cells:
    """Cells to embed."""

    n_cells: int
    var: pd.DataFrame
    """A row a gene; ``symbol`` or the index names it, ``ensembl_id`` where known."""
    read: Callable[[int, int], sparse.csr_matrix]
    """Raw counts of the rows from a start to a stop, CSR of shape (stop - start, n_genes)."""
    identity: str
    """Tells these counts from others."""


def in_memory(adata) -> Cells:
    """Cells of an AnnData, raw counts in ``layers["counts"]`` or else X."""
    counts = sparse.csr_matrix(adata.layers.get("counts", adata.X))
    digest = hashlib.sha256(repr(counts.shape).encode())
    for part in (counts.indptr, counts.indices, counts.data):
        digest.update(np.ascontiguousarray(part))
    return Cells(adata.n_obs, adata.var, lambda start, stop: counts[start:stop], digest.hexdigest())


@contextmanager
def in_file(path: str | Path) -> Iterator[Cells]:
    """Cells of an ``.h5ad`` file, read from the disk as they are asked for.

    Parameters
    ----------
    path
        Raw counts in ``layers/counts`` or else ``X`` (or ``raw/X``, if that alone holds whole numbers),
        sparse by rows or dense.

    Raises
    ------
    DataError
        If the file is not readable, or its counts are sparse by columns, or are no counts.
    """
    import h5py
    from anndata.io import read_elem, sparse_dataset

    path = Path(path)
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise DataError(f"{path} is not a readable .h5ad file ({error}).") from None
    with file:
        place = _place_of_counts(file, path)
        table = "raw/var" if place == "raw/X" else "var"
        var = read_elem(file[table])
        rows = file[place] if isinstance(file[place], h5py.Dataset) else sparse_dataset(file[place])
        n_cells, n_genes = rows.shape
        if n_genes != len(var):
            raise DataError(f"{path}: {place} has {n_genes} columns, and {table} names {len(var)} genes.")
        stat = path.stat()
        yield Cells(
            n_cells,
            var,
            lambda start, stop: sparse.csr_matrix(rows[start:stop]),
            f"{path.resolve()} {place} {stat.st_size} {stat.st_mtime_ns}",
        )


def _place_of_counts(file, path: Path) -> str:
    import h5py

    found = [place for place in (LAYER, "X", "raw/X") if place in file]
    for place in found:
        group = file[place]
        if not isinstance(group, h5py.Dataset) and group.attrs.get("encoding-type") != "csr_matrix":
            raise DataError(
                f"{path}: {place} is stored as {group.attrs.get('encoding-type')}, of which no rows can be read without "
                "the whole. Write it again with adata.X = adata.X.tocsr()."
            )
        sample = group[:1000] if isinstance(group, h5py.Dataset) else group["data"][:100_000]
        if (sample >= 0).all() and (sample == np.rint(sample)).all():
            return place
    raise DataError(
        f"{path} holds no raw counts: {', '.join(found) or 'neither X nor layers/counts'} "
        f"{'hold' if len(found) > 1 else 'holds'} other numbers. Put the counts into layers['counts']."
    )
