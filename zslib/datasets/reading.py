"""The one way in for cells of a user's own: a file or an AnnData, checked as it is read, and what was found in it."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from zslib.core.errors import DataError
from zslib.datasets import counts, genes, parts
from zslib.datasets.findings import Findings
from zslib.datasets.opening import opened
from zslib.datasets.storage import InGroup, InMemory, Matrix


@dataclass
class CellReader:
    """Cells that are being read."""

    stored: InMemory | InGroup
    place: str
    """Where the raw counts lie."""
    matrix: Matrix
    names: pd.Index
    """Of the genes as the file names them, one a column."""
    genes: genes.Genes
    findings: Findings = field(default_factory=Findings)
    rounded: bool = False

    @cached_property
    def names_of_cells(self) -> pd.Index:
        """Names of the cells, each once: those that were there before have a number after them."""
        return _unique(self.stored.cells, self.findings)

    @property
    def n_cells(self) -> int:
        """How many cells there are."""
        return self.matrix.shape[0]

    @property
    def var(self) -> pd.DataFrame:
        """A row a gene: ``symbol``, and ``ensembl_id`` where known."""
        return self.genes.var

    def read(self, start: int, stop: int) -> sparse.csr_matrix:
        """Raw counts of some rows, each value checked, CSR float32 of shape (stop - start, n_genes).

        Raises
        ------
        DataError
            If a value is no count: file, row, cell, gene, and where raw counts seem to be.
        """
        part = self.matrix.read(start, stop)
        if self.rounded:
            part.data = np.rint(part.data)
        other = lambda: counts.elsewhere(self.stored, self.place)  # noqa: E731 - looked for only if it is needed
        counts.check(part, start, self.stored.cells, self.names, self.matrix.where, other)
        return self.genes.of(part)


@contextmanager
def open_cells(
    source, found: Findings | None = None, *, place: str | None = None, rounded: bool = False
) -> Iterator[CellReader]:
    """Open cells of a user's own.

    Parameters
    ----------
    source
        Path of a file that anndata (``.h5ad``, ``.zarr``), Cell Ranger (``.h5``) or Matrix Market's tools (a folder)
        wrote, or an AnnData. Raw counts are looked for in ``layers["counts"]``, X and ``.raw``.
    found
        Where what is found is noted, for those who want it of a file that is refused too.
    place
        Where the counts are, such as ``"layers/raw_counts"``, if they are not to be looked for.
    rounded
        Whether to round them, as is right for expected counts alone.

    Raises
    ------
    DataError
        If it cannot be read, or holds no raw counts.
    """
    with opened(source) as stored:
        found = Findings() if found is None else found
        place, matrix = (place, _at(stored, place)) if place else counts.place_of_counts(stored, found)
        table = stored.genes(place, genes.wanted)
        if genes.named_as_genes(stored.cells) and not genes.named_as_genes(table.index):
            raise DataError(
                f"{stored.name} has genes as rows, such as {stored.cells[0]!r}. Transpose it: adata.T."
            )
        yield CellReader(stored, place, matrix, table.index, genes.genes_of(table, found), found, rounded)


def _at(stored, place: str) -> Matrix:
    if place not in stored.places:
        held = ", ".join(stored.places) or "no matrix"
        raise DataError(
            f"{stored.name} should have raw counts in {place}, but it holds {held}; another version of the file?"
        )
    return stored.matrix(place)


def pieces(cells: CellReader) -> Iterator[sparse.csr_matrix]:
    """Counts of all cells, some rows at a time."""
    for start in range(0, cells.n_cells, parts.PART):
        yield cells.read(start, min(start + parts.PART, cells.n_cells))


def whole(cells: CellReader) -> sparse.csr_matrix:
    """Counts of all cells, in memory."""
    return sparse.vstack(list(pieces(cells)), format="csr")


def identity(source: str | Path, place: str) -> str:
    """Tells a file from others, and from itself after a change."""
    path = Path(source).resolve()
    stats = [p.stat() for p in ([path] if path.is_file() else sorted(path.rglob("*")))]
    return f"{path} {place} {sum(s.st_size for s in stats)} {max(s.st_mtime_ns for s in stats)}"


def _unique(names: pd.Index, found: Findings) -> pd.Index:
    """Names of cells, those that were there before with a number after them."""
    from anndata.utils import make_index_unique

    again = names.duplicated()
    if not again.any():
        return names
    n = int(again.sum())
    found.add("mended", f"{n:,} names of cells occur again, first {names[again][0]!r}; numbered", n)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a name with such a number was there before
        return make_index_unique(names).rename(None)
