"""An embedding that a user has already, as a method: its rows are looked up by the names of the cells."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from zslib.core import store
from zslib.core.errors import DataError
from zslib.core.registry import name_from
from zslib.datasets.reading import identity, open_cells
from zslib.methods.card import MethodCard
from zslib.methods.vectors import TABLES, read, rows_of


@dataclass(frozen=True, eq=False)
class OwnEmbedding:
    """What a Python file of a method has: ``CARD`` and ``embed``."""

    CARD: MethodCard
    vectors: str
    """A file of vectors, or a key of ``obsm``."""
    cells: str
    """The file whose cells they are."""

    def embed(self, adata, *, batch_key=None, seed=0, device="cpu") -> np.ndarray:
        """Its rows for these cells, float32 of shape (n_cells, n_dims)."""
        path, names = Path(self.vectors), None
        if path.suffix == ".npy":
            with open_cells(self.cells) as file:
                names = file.names_of_cells
        elif path.suffix not in TABLES:
            path = Path(self.cells)
        names, rows = read(path, self.vectors, names)
        return rows_of(names, rows, adata.obs_names, self.vectors, self.cells)


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
        with open_cells(cells) as file:
            if vectors not in file.stored.embeddings:
                there = ", ".join(file.stored.embeddings) or "none"
                raise DataError(
                    f"{cells} has no obsm[{vectors!r}] for --embedding. It has: {there}. A file of vectors ends in .npy, "
                    ".csv, .tsv or .parquet."
                )
            known = {"name": vectors, "vectors": vectors, "identity": identity(cells, file.place)}
    name = name_from(known["name"].removeprefix("X_"), "mine")
    return known | {"title": known["name"], "name": name, "cells": str(Path(cells).absolute())}


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
        family="own",
        trained_on_target=None,
        sees_batch=None,
        sees_labels=None,
        summary="An embedding that was made elsewhere and is scored here as it is.",
        recipe=f"The rows of {Path(said['vectors']).name} by the names of the cells.",
        caveat=(
            "What it was trained on and whether it saw these cells, their batches or their labels is not known here: "
            "whoever made it must say."
        ),
        citation="a file of the user's own",
    )
    return OwnEmbedding(card, said["vectors"], said["cells"])
