"""A file of a user's own as a dataset, described by a short YAML in place of a Python file with a card."""

from collections.abc import Iterable
from dataclasses import MISSING, dataclass, fields
from pathlib import Path

import yaml

from zslib.core import store
from zslib.core.errors import DataError
from zslib.core.registry import name_from
from zslib.datasets.card import DatasetCard
from zslib.datasets.reading import identity, open_cells

NOT_STATED = "not stated"
OBS = {"organism": "organism", "tissue": "tissue", "protocol": "assay"}
"""Fields of the card, and the obs column of CELLxGENE's schema that says them."""
MOST_SAID = 4
"""Values of such a column that are listed."""


@dataclass(frozen=True, eq=False)
class OwnFile:
    """What a Python file of a dataset has: ``CARD`` and ``read``."""

    CARD: DatasetCard
    file: Path
    __file__: str

    def read(self, files) -> Path:
        """Where the cells are; they are read a piece at a time."""
        return self.file


def describe(file: str | Path, *, label: str | None = None, batch: str | None = None, **said) -> dict:
    """What is known of a file: what was said of it, else what it says of itself.

    Parameters
    ----------
    file
        As for :func:`zslib.datasets.reading.open_cells`.
    label, batch
        Columns of obs; None where there is none.
    said
        Fields of :class:`~zslib.datasets.DatasetCard`; those that are None are looked for in ``uns["title"]``, ``uns["citation"]``
        and the obs columns ``organism``, ``tissue`` and ``assay``, and are "not stated" if they are not there.

    Raises
    ------
    DataError
        If the file cannot be read, or has no such column.
    """
    path = Path(file).absolute()
    with open_cells(path) as cells:
        stored = cells.stored
        for option, column in (("--label", label), ("--batch", batch)):
            if column is not None and column not in stored.columns:
                raise DataError(
                    f"{file} has no obs column {column!r} for {option}. It has: {', '.join(stored.columns) or 'none'}."
                )
        found = {name: _listed(stored.column(c)) for name, c in OBS.items() if c in stored.columns}
        found |= {"title": stored.text("title"), "summary": stored.text("citation")}
        found |= {"identity": identity(path, cells.place), "n_cells": cells.n_cells}
    said = {name: value for name, value in said.items() if value is not None}
    name = name_from(path.name.split(".")[0], "cells")
    known = {"name": name, "title": path.name, "file": str(path), "label": label, "batch": batch}
    return known | {k: v for k, v in found.items() if v} | said


def write(path: Path, content: dict) -> str:
    """Write a description, and return its path as text."""
    with store.atomic(path) as temporary:
        temporary.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False))
    return str(path)


def member(path: Path) -> OwnFile:
    """The dataset that a description stands for.

    Raises
    ------
    DataError
        If the description is missing or no description of a dataset.
    """
    if not path.is_file():
        raise DataError(f"There is no file {path}; give the path of a description of a dataset")
    said = yaml.safe_load(path.read_text())
    if not isinstance(said, dict) or not {"file", "name"} <= set(said):
        raise DataError(f"{path} describes no dataset: it must say file and name")
    return OwnFile(card(said), Path(said["file"]), str(path))


def card(said: dict) -> DatasetCard:
    """The card of cells of which this is known; what is not is not stated."""
    known = {f.name: said[f.name] for f in fields(DatasetCard) if f.name in said}
    known["not_known"] = tuple(known.get("not_known", ()))
    label, batch = said.get("label"), said.get("batch")
    given = {f.name: NOT_STATED for f in fields(DatasetCard) if f.type is str and f.default is MISSING}
    given |= {"label": None, "citation": (), "doi": (), "source": said.get("file", NOT_STATED)}
    given["label_meaning"] = f"the obs column {label}" if label else "cell types are not known"
    given["batch_meaning"] = (
        f"the obs column {batch}" if batch else "none was named: all cells count as one batch"
    )
    return DatasetCard(**given | known)


def _listed(values: Iterable) -> str:
    """The values of a column in words."""
    kinds = sorted({str(value) for value in values if value == value and value is not None})
    more = f" and {len(kinds) - MOST_SAID} more" if len(kinds) > MOST_SAID else ""
    return ", ".join(kinds[:MOST_SAID]) + more
