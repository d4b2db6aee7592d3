"""Raw counts: where they are, and a check of every value that is read."""

from collections.abc import Iterator

import numpy as np
from scipy import sparse

from zslib.core.errors import DataError
from zslib.datasets.findings import Findings
from zslib.datasets.parts import placed
from zslib.datasets.storage import PLACES, Matrix

MOST = 1 << 24
"""The largest whole number up to which single precision holds all of them."""
BLOCK = 250  # rows of a look
AFTER = (
    "Give the counts from before: of a tool that removes ambient RNA or estimates molecules (CellBender, SoupX, DecontX, "
    "kallisto, salmon) what it was given, or its numbers rounded."
)


def wrong(values: np.ndarray) -> np.ndarray:
    """Which values are no counts: negative, not whole, not finite, or too large to be held exactly."""
    if values.dtype == bool:
        return np.zeros(len(values), dtype=bool)
    return ~((values >= 0) & (values <= MOST) & (values == np.rint(values)))


def check(part: sparse.csr_matrix, start: int, cells, genes, where: str, elsewhere) -> None:
    """Check that rows of a matrix hold raw counts.

    Parameters
    ----------
    part
        Rows of the matrix.
    start
        Number of the first of them.
    cells, genes
        Names of all cells and genes.
    where
        Of which file, and where in it.
    elsewhere
        Called where they do not, for a sentence on where raw counts are; may be empty.

    Raises
    ------
    DataError
        For the first value that is no count: row, cell, gene, what it looks like, and what to do.
    """
    if (bad := wrong(part.data)).any():
        seen = kind_of_values(part, bad)
        raise DataError(
            f"{where} must hold raw counts, but {first(part, start, bad, cells, genes)}: {seen}. {elsewhere() or AFTER}"
        )


def of_layer(adata) -> sparse.csr_matrix:
    """The counts in ``layers["counts"]`` of prepared cells, in memory, each value checked.

    Raises
    ------
    DataError
        If they are not there, or one is no count.
    """
    for _ in checked(adata, "the AnnData"):
        pass
    return sparse.csr_matrix(adata.layers["counts"])


def checked(adata, name: str) -> Iterator[sparse.csr_matrix]:
    """The rows of ``layers["counts"]``, some at a time, each value checked as by :func:`of_layer`."""
    if "counts" not in adata.layers:
        raise DataError(f'{name} has no layers["counts"]. Put the raw counts there.')
    where, after = f'layers["counts"] of {name}', lambda: "Give the counts before any normalization."
    for rows, part in placed(adata.layers["counts"]):
        part = sparse.csr_matrix(part)
        check(part, rows.start, adata.obs_names, adata.var_names, where, after)
        yield part


def first(part: sparse.csr_matrix, start: int, bad: np.ndarray, cells, genes) -> str:
    """Where the first of some values stands, what it is, and how many there are."""
    i = int(bad.argmax())
    row = int(np.searchsorted(part.indptr, i, side="right")) - 1
    return (
        f"in row {start + row}, cell {cells[start + row]!r}, gene {genes[part.indices[i]]!r} is {part.data[i]:g} "
        f"({int(bad.sum()):,} such values in rows {start} to {start + part.shape[0] - 1})"
    )


def kind_of_values(part: sparse.csr_matrix, bad: np.ndarray) -> str:
    """What made the values what they are, as far as they show it."""
    values = part.data[bad].astype(np.float64)
    if not np.isfinite(values).all():
        return "missing or infinite values"
    if (values < 0).any():
        return "scaled values, or counts from which a background was subtracted"
    if (values > MOST).any():
        return "numbers that no cell has molecules for"
    rows = np.unique(np.searchsorted(part.indptr, np.flatnonzero(bad), side="right") - 1)
    some = sparse.csr_matrix(part[rows], dtype=np.float64)
    if some.data.max() < 50:
        unlogged = sparse.csr_matrix((np.expm1(some.data), some.indices, some.indptr), some.shape)
        if total := _one_total(unlogged):
            return f"log-normalized to {total:,.0f} a cell"
    if total := _one_total(some):
        return f"normalized to {total:,.0f} a cell"
    return "numbers that are not whole, as normalization or the removal of ambient RNA leaves them"


def _one_total(part: sparse.csr_matrix) -> float:
    """What all cells add up to, or 0 if they differ; of one cell, a power of ten."""
    totals = np.asarray(part.sum(axis=1)).ravel()
    middle = float(np.median(totals))
    same = middle > 0 and np.abs(totals / middle - 1).max() < 1e-3
    power = middle > 0 and abs(middle / 10 ** round(np.log10(middle)) - 1) < 1e-3
    return middle if same and (len(totals) > 1 or power) else 0.0


def place_of_counts(stored, findings: Findings) -> tuple[str, Matrix]:
    """Where a file holds raw counts, by a look at rows from all over it; all that is read later is checked too.

    Raises
    ------
    DataError
        If they are nowhere: what each place holds, and where else there are whole numbers.
    """
    if not len(stored.cells):
        raise DataError(f"{stored.name} holds no cells.")
    passed = []
    for place in (p for p in stored.places if p in PLACES):
        matrix = stored.matrix(place)
        if said := _not_raw(stored, place, matrix):
            passed.append(f"{place} holds {said}")
            continue
        if passed or place == "raw/X":
            findings.add("used", "; ".join([f"counts are those of {place}", *passed]))
        return place, matrix
    held = "; ".join(passed) or "neither X nor layers/counts nor raw/X is there"
    raise DataError(f"{stored.name} holds no raw counts: {held}. {elsewhere(stored) or AFTER}")


def elsewhere(stored, but: str = "") -> str:
    """A sentence on where else raw counts seem to be, or nothing."""
    found = [
        place for place in stored.places if place != but and not _not_raw(stored, place, stored.matrix(place))
    ]
    if not found:
        return ""
    place = found[0]
    held = "adata.X" if place == "X" else f"adata.layers[{place.removeprefix('layers/')!r}]"
    copy = "adata = adata.raw.to_adata()" if place == "raw/X" else f"adata.layers['counts'] = {held}"
    return f"Raw counts seem to be in {', '.join(found)}: write the file again after {copy}."


def _not_raw(stored, place: str, matrix: Matrix) -> str:
    """What a place holds if it is not raw counts, by rows from all over it."""
    n_cells = len(stored.cells)
    if len(matrix.shape) != 2 or matrix.shape[0] != n_cells:
        return f"an array of shape {tuple(matrix.shape)} for {n_cells} cells"
    genes, seen = stored.genes(place, lambda name: False).index, 0
    if matrix.shape[1] != len(genes):
        return f"{matrix.shape[1]} columns for {len(genes)} names of genes"
    for start in sorted({int(s) for s in np.linspace(0, max(0, n_cells - BLOCK), 5)}):
        part = matrix.read(start, min(start + BLOCK, n_cells))
        if (bad := wrong(part.data)).any():
            return f"{kind_of_values(part, bad)} ({first(part, start, bad, stored.cells, genes).partition(' (')[0]})"
        seen += np.count_nonzero(part.data)
    return "" if seen else "nothing but zeros"
