"""Raw counts of cells, in memory or in a file, a chunk of rows at a time."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from zslib.datasets.findings import Findings
from zslib.datasets.parts import gathered, stretches
from zslib.datasets.reading import identity, open_cells, pieces


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
    names: pd.Index | None = None
    """Of the cells."""
    found: Findings = field(default_factory=Findings)
    """What was found in the file."""

    def named(self, row: int) -> str:
        """A row in words, with the name of its cell where there is one."""
        return f"row {row}" + ("" if self.names is None else f", cell {self.names[row]!r}")


def in_memory(adata) -> Cells:
    """Cells of an AnnData, raw counts in ``layers["counts"]``, X or ``.raw``.

    Raises
    ------
    DataError
        If there are none, or a value among them is no count.
    """
    with open_cells(adata) as cells:
        counts = gathered(pieces(cells))
    digest = hashlib.sha256(repr(counts.shape).encode())
    for name in ("indptr", "indices", "data"):
        for some in stretches(counts, name):
            digest.update(np.ascontiguousarray(some))
    read = lambda start, stop: counts[start:stop]  # noqa: E731
    return Cells(cells.n_cells, cells.var, read, digest.hexdigest(), cells.stored.cells, cells.findings)


@contextmanager
def in_file(path: str | Path) -> Iterator[Cells]:
    """Cells of a file, read from the disk and checked as they are asked for.

    Parameters
    ----------
    path
        See :func:`zslib.datasets.reading.open_cells`. What is stored by columns is read whole.

    Raises
    ------
    DataError
        If the file is not readable or holds no counts.
    """
    path = Path(path)
    with open_cells(path) as cells:
        unique = identity(path, cells.place)
        yield Cells(cells.n_cells, cells.var, cells.read, unique, cells.stored.cells, cells.findings)
