"""Embeddings that lie in files, and their rows for some cells by the names of the cells."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from zslib.core.errors import DataError
from zslib.datasets.reading import open_cells

TABLES = {".csv": ",", ".tsv": "\t", ".parquet": None}
"""Tables with the name of the cell in front, and what separates their columns."""


def read(path: Path, key: str = "", names: pd.Index | None = None) -> tuple[pd.Index, np.ndarray]:
    """Names of cells and their vectors, from a file that has both.

    Parameters
    ----------
    path
        A table (``.csv``, ``.tsv``, ``.parquet``) with the name of the cell in front; a ``.npz`` of an array of two
        dimensions and one of names; a ``.npy`` with a row for each of `names`; or cells with vectors in ``obsm``.
    key
        Of ``obsm``, in whatever case.
    names
        Of the cells of a ``.npy``, which has none.

    Returns
    -------
    names
        Of the cells, as text.
    rows
        float32, of shape (n_cells, n_dims).

    Raises
    ------
    DataError
        If the file is not such a one.
    """
    if path.suffix in TABLES:
        return _table(path)
    if path.suffix == ".npz":
        return _arrays(path)
    if path.suffix == ".npy":
        return names, _array(path, len(names))
    with open_cells(path) as file:
        held = list(file.stored.embeddings)
        alike = [name for name in held if name.lower() == key.lower()]
        if key not in held and len(alike) != 1:
            raise DataError(f"{path} has no obsm[{key!r}]; it has: {', '.join(held) or 'none'}.")
        return file.names_of_cells, np.asarray(
            file.stored.embedding(key if key in held else alike[0]), dtype=np.float32
        )


def rows_of(
    names: Sequence[str], rows: np.ndarray, cells: Sequence[str], what: str, whose: str
) -> np.ndarray:
    """Rows for some cells, in their order.

    Parameters
    ----------
    names, rows
        What :func:`read` returns.
    cells
        Names of the cells that are asked for.
    what, whose
        Of what it is, and whose names its rows must have, for the error.

    Raises
    ------
    DataError
        If a cell has no row, or several: how many, and which first.
    """
    cells, names = pd.Index(cells), pd.Index(names)
    if len(twice := names[names.duplicated()]):
        raise DataError(f"{what} has several rows for the cell {twice[0]!r}; leave one")
    if (missing := ~cells.isin(names)).any():
        raise DataError(
            f"{what} has no row for {int(missing.sum()):,} of {len(cells):,} cells, first {cells[missing][0]!r}. "
            f"Its rows must have the names of the cells of {whose}."
        )
    return rows[names.get_indexer(cells)]


def _table(path: Path) -> tuple[pd.Index, np.ndarray]:
    separator = TABLES[path.suffix]
    table = pd.read_parquet(path) if separator is None else pd.read_csv(path, sep=separator, index_col=0)
    if separator is None and isinstance(table.index, pd.RangeIndex):
        raise DataError(f"{path} has no names of cells; make them its index, table.index = adata.obs_names")
    odd = table.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in table.dtypes]]
    if len(odd):
        raise DataError(
            f"{path} has text in the column {odd[0]!r}; leave the names of cells in front, and numbers"
        )
    return table.index.astype(str), table.to_numpy(np.float32)


def _array(path: Path, n_cells: int) -> np.ndarray:
    rows = np.asarray(np.load(path, allow_pickle=False), dtype=np.float32)
    if rows.ndim != 2 or len(rows) != n_cells:
        raise DataError(f"{path} has shape {rows.shape}; there are {n_cells:,} cells, and each needs a row")
    return rows


def _arrays(path: Path) -> tuple[pd.Index, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} cannot be read ({error}). Remove it and fetch it again.") from error
    shapes = ", ".join(f"{name} of shape {array.shape}" for name, array in arrays.items()) or "nothing"
    vectors = [array for array in arrays.values() if array.ndim == 2 and array.dtype.kind == "f"]
    names = [array for array in arrays.values() if array.ndim == 1 and array.dtype.kind in "US"]
    if len(vectors) != 1 or len(names) != 1 or len(vectors[0]) != len(names[0]):
        raise DataError(
            f"{path} should hold vectors, a row a cell, and as many names of cells, but it holds {shapes}; "
            "another version of the file?"
        )
    return pd.Index(names[0].astype(str)), vectors[0].astype(np.float32)
