"""What can be said of a file before anything is run on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pandas as pd

from zslib.core.errors import DataError
from zslib.datasets.findings import Findings
from zslib.datasets.labels import batches, labels
from zslib.datasets.opening import opened
from zslib.datasets.reading import CellReader, open_cells, pieces


@dataclass
class Inspection:
    """What a file holds, what was found in it, and why it cannot be used, if so."""

    found: Findings = field(default_factory=Findings)
    refused: list[str] = field(default_factory=list)
    """What must be mended first, a sentence each."""
    holds: dict = field(default_factory=dict)
    """Cells, genes, where the counts are, cells of each type and batch."""

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Keep what cannot be used, and go on."""
        try:
            yield
        except DataError as error:
            self.refused.append(str(error))


def inspect(source, label: str | None = None, batch: str | None = None) -> Inspection:
    """Look at every value, gene, label and batch of a file.

    Parameters
    ----------
    source
        See :func:`zslib.datasets.reading.open_cells`.
    label, batch
        Columns of obs that hold the cell type and the batch; not looked at if None.

    Raises
    ------
    DataError
        If it cannot be opened, so that nothing can be said of it.
    """
    seen = Inspection()
    with opened(source) as stored, seen.refusing(), open_cells(stored, seen.found) as cells:
        seen.holds |= {"cells": cells.n_cells, "genes": len(cells.var), "counts": cells.place}
        seen.holds |= {"columns of obs": cells.stored.columns}
        if label is not None:
            with seen.refusing():
                kinds = labels(_column(cells, label), label, (), seen.found)
                seen.holds["cells of a type"] = kinds.value_counts().to_dict()
        if batch is not None:
            with seen.refusing():
                found = batches(_column(cells, batch), batch, seen.found)
                seen.holds["cells of a batch"] = found.value_counts().to_dict()
        with seen.refusing():
            if empty := sum(int((part.getnnz(axis=1) == 0).sum()) for part in pieces(cells)):
                seen.found.add("left out", f"{empty:,} cells without counts", empty)
    return seen


def _column(cells: CellReader, name: str) -> pd.Series:
    if name not in cells.stored.columns:
        there = ", ".join(map(repr, cells.stored.columns)) or "none"
        raise DataError(f"{cells.stored.name} has no obs column {name!r}. It has {there}.")
    return cells.stored.column(name)
