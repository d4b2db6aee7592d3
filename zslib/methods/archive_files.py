"""Finding and reading the files of an archive whose layout is known only by the code of its makers.

That code writes ``runs/DATASET/METHOD/embedding.npz`` with the vectors and the ids of cells, which are ``DATASET:ROW:NAME``,
and the counts as ``datasets/DATASET/counts.h5ad``. How the record holds these files is not public, so they are looked for.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from zslib.core import zenodo
from zslib.core.errors import DataError, NotApplicable
from zslib.datasets.census import NAME as OF_CENSUS
from zslib.datasets.opening import opened
from zslib.datasets.reading import open_cells, whole
from zslib.methods import vectors

DATASETS = {"pbmc": "pbmc-12k", "pancreas": "pancreas-16k"}
"""What the archive calls the datasets, and what this project does."""
READ = (".npz", ".npy", ".h5ad", ".parquet", ".csv", ".tsv")
"""Endings of files that are read, the one expected first."""
NOT_IT = re.compile(r"tun(ed|ing)|(?<!pre)train|continual|superv|^cp$|lora|umap|tsne|scores?$|metric")
"""What a word of a path says of a file that is no embedding by a frozen model, or none at all."""


def dataset_of(record: zenodo.Record, cells: Sequence[str]) -> tuple[str, pd.Index]:
    """Which dataset of the archive cells are of, by their names, and the names there, in the order of its counts.

    Raises
    ------
    NotApplicable
        If of none.
    """
    cells = pd.Index(cells)
    if OF_CENSUS.fullmatch(cells[0]):
        raise NotApplicable("these cells are of the CELLxGENE Census, and none is in the archive")
    for dataset in DATASETS:
        with opened(find(record, dataset, "counts")) as file:
            names = pd.Index(file.cells)
        if cells.isin(names.map(bare)).mean() > 0.5:
            return dataset, names
    raise NotApplicable(
        f"these cells are not those of the archive {record.doi}, {' or '.join(DATASETS.values())}: of neither are half of the "
        f"names there, such as {cells[0]!r}"
    )


def embedding(
    record: zenodo.Record, dataset: str, held: pd.Index, model: str, cells: Sequence[str]
) -> tuple[np.ndarray, str]:
    """Rows of an archived embedding for some cells, in their order, and the file they are from.

    Parameters
    ----------
    record
        The archive.
    dataset, held
        What :func:`dataset_of` says of the cells.
    model
        What the archive calls the method.
    cells
        Names of the cells.

    Raises
    ------
    DataError
        If it is not there, cannot be read, or lacks a cell.
    """
    path = find(record, dataset, model)
    names, rows = vectors.read(path, f"X_{model}", held)
    ids = pd.Index(names.map(bare))
    # scvi-tools lists a barcode of both libraries twice; check_counts asks whose it is.
    first = ~ids.duplicated()
    return vectors.rows_of(ids[first], rows[first], cells, str(path), DATASETS[dataset]), path.name


def find(record: zenodo.Record, dataset: str, what: str) -> Path:
    """A file of the archive in the cache: the embedding by a method, or the counts of a dataset.

    Raises
    ------
    DataError
        If it is not there, or several are that could be meant: what was expected, and what was found.
    """
    if what == "counts":
        expected, ending = f"datasets/{dataset}/counts.h5ad", (".h5ad",)
    else:
        expected, ending = f"runs/{dataset}/{what}/embedding.npz", READ
    said = f"{expected}, or another {' or '.join(ending)} whose path names {dataset} and {what} and neither training nor a picture"
    to = record.folder / f"{dataset}-{what}"
    wanted = [_choose({dataset, what}, ends, said) for ends in (expected, *ending)]
    return zenodo.extract(record, wanted, said, to)


def check_counts(record: zenodo.Record, dataset: str, adata) -> int:
    """Compare the counts of cells with those that the archive has under their names; those with decimals rounded.

    Returns
    -------
    How many cells were compared.

    Raises
    ------
    DataError
        If they are others, or of other genes.
    """
    path = find(record, dataset, "counts")
    with open_cells(path, place="X", rounded=True) as file:
        ids = pd.Index(file.names_of_cells.map(bare))
        first = np.flatnonzero(~ids.duplicated())
        there = whole(file)[first[ids[first].get_indexer(adata.obs_names)]]
        columns = file.var.index.get_indexer(adata.var_names)
    known = columns >= 0
    if known.mean() < 0.5:
        raise DataError(
            f"{path} has {int(known.sum()):,} of {len(known):,} genes of these cells; are they those of {dataset}?"
        )
    other = (there[:, columns[known]] != adata.layers["counts"][:, known]).getnnz(axis=1) > 0
    if other.any():
        raise DataError(
            f"{int(other.sum()):,} of {len(other):,} cells have other counts in {path}, first {adata.obs_names[other][0]!r}: the "
            f"embedding is not of these cells. Is {DATASETS[dataset]} the dataset, and its file the one that was archived?"
        )
    return len(other)


def bare(name: str) -> str:
    """The name of a cell without what the archive puts before it."""
    return re.sub(rf"^({'|'.join(DATASETS)}):\d+:", "", str(name))


def _choose(words: set[str], ends: str, said: str) -> Callable[[list[str]], str | None]:
    """Choose the file that ends so and whose path names all of these words, and none that says that it is another."""

    def choose(paths: list[str]) -> str | None:
        found = []
        for path in paths:
            parts = re.split(r"[/_.-]", path.lower())
            if path.endswith(ends) and words <= {*parts} and not any(map(NOT_IT.search, parts)):
                found.append(path)
        if len(found) > 1:
            raise DataError(
                f"The archive should hold {said}, but it has {len(found)} such files, {' and '.join(found[:2])}, and which is "
                "meant is not known here. An embedding that you have is scored by `zslib report --embedding`."
            )
        return found[0] if found else None

    return choose
