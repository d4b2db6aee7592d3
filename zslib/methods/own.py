"""An embedding that a user has already, as a method: its rows are looked up by the names of the cells."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from zslib.core import store
from zslib.core.errors import DataError
from zslib.core.registry import name_from
from zslib.datasets.reading import identity, reading
from zslib.methods.card import MethodCard

TABLES = {".csv": ",", ".tsv": "\t", ".parquet": None}


@dataclass(frozen=True, eq=False)
class OwnEmbedding:
    """What a Python file of a method has: ``CARD`` and ``embed``."""

    CARD: MethodCard
    vectors: str
    """A file of vectors, or a key of ``obsm``."""
    cells: str
    """The file whose cells they are."""
    __file__: str

    def embed(self, adata, *, batch_key=None, seed=0, device="cpu") -> np.ndarray:
        """Its rows for these cells, float32 of shape (n_cells, n_dims)."""
        names, rows = read(self.vectors, self.cells)
        places = pd.Index(names).get_indexer(adata.obs_names)
        if (missing := places < 0).any():
            raise DataError(
                f"{self.vectors} has no row for {int(missing.sum()):,} of {len(places):,} cells, first "
                f"{adata.obs_names[missing][0]!r}. Its rows must have the names of the cells of {self.cells}."
            )
        return rows[places]


def describe(vectors: str, cells: str | Path) -> dict:
    """What is known of an embedding: where it is, of which cells, and what tells it from itself after a change.

    Parameters
    ----------
    vectors
        A key of ``obsm`` of the file of cells, or a file: ``.npy`` with the rows of that file in their order, or
        ``.csv``, ``.tsv`` or ``.parquet`` with the name of the cell in front.
    cells
        The file of cells.

    Raises
    ------
    DataError
        If there are no such vectors.
    """
    path = Path(vectors)
    if path.suffix == ".npy" or path.suffix in TABLES:
        if not path.is_file():
            raise DataError(f"There is no file {vectors} for --embedding.")
        known = {"name": path.stem, "vectors": str(path.absolute()), "sha256": store.sha256(path)}
    else:
        with reading(cells) as file:
            if vectors not in file.stored.embeddings:
                there = ", ".join(file.stored.embeddings) or "none"
                raise DataError(
                    f"{cells} has no obsm[{vectors!r}] for --embedding. It has: {there}. A file of vectors ends in .npy, "
                    ".csv, .tsv or .parquet."
                )
            known = {"name": vectors, "vectors": vectors, "identity": identity(cells, file.place)}
    name = name_from(known["name"].removeprefix("X_"), "mine")
    return known | {"title": known["name"], "name": name, "cells": str(Path(cells).absolute())}


def read(vectors: str, cells: str | Path) -> tuple[pd.Index, np.ndarray]:
    """Names of cells and an embedding's rows for them, float32 of shape (n_cells, n_dims); see :func:`describe`.

    Raises
    ------
    DataError
        If the rows cannot be those of these cells.
    """
    path = Path(vectors)
    if path.suffix in TABLES:
        separator = TABLES[path.suffix]
        table = pd.read_parquet(path) if separator is None else pd.read_csv(path, sep=separator, index_col=0)
        if separator is None and isinstance(table.index, pd.RangeIndex):
            raise DataError(
                f"{path} has no names of cells; make them its index, table.index = adata.obs_names"
            )
        table.index = table.index.astype(str)
        if len(twice := table.index[table.index.duplicated()]):
            raise DataError(f"{path} has several rows for the cell {twice[0]!r}; leave one")
        odd = table.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in table.dtypes]]
        if len(odd):
            raise DataError(
                f"{path} has text in the column {odd[0]!r}; leave the names of cells in front, and numbers"
            )
        return table.index, table.to_numpy(np.float32)
    with reading(cells) as file:
        names = file.names_of_cells
        rows = np.load(path, allow_pickle=False) if path.suffix == ".npy" else file.stored.embedding(vectors)
    rows = np.asarray(rows, dtype=np.float32)
    if rows.ndim != 2 or len(rows) != len(names):
        raise DataError(
            f"{vectors} has shape {rows.shape}; {cells} has {len(names):,} cells, and each needs a row"
        )
    return names, rows


def member(path: Path) -> OwnEmbedding:
    """The method that a description stands for.

    Raises
    ------
    DataError
        If the description is missing or no description of an embedding.
    """
    said = yaml.safe_load(path.read_text()) if path.is_file() else None
    if not isinstance(said, dict) or not {"name", "vectors", "cells"} <= set(said):
        raise DataError(f"{path} describes no embedding: it must say name, vectors and cells")
    card = MethodCard(
        name=said["name"],
        title=said.get("title", said["name"]),
        family="foundation",
        summary="An embedding that was made elsewhere and is scored here as it is.",
        recipe=f"The rows of {Path(said['vectors']).name} by the names of the cells.",
        caveat=(
            "What it was trained on and whether it saw these cells, their batches or their labels is not known here: "
            "whoever made it must say."
        ),
        citation="a file of the user's own",
        marker="D",
    )
    return OwnEmbedding(card, said["vectors"], said["cells"], str(path))
