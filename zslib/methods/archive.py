"""Embeddings of the paper's PBMC 12k and pancreas that are archived at Zenodo, looked up by the ids of cells.

They were made for "Single-cell foundation models vs established baselines" (Liatir, October 2026), whose repository says by
which code: https://github.com/Liatir/liatir-app, showcases/single-cell-foundation-benchmark. That code writes
``runs/DATASET/METHOD/embedding.npz`` with the vectors and the ids of cells, which are ``DATASET:ROW:NAME``, and the counts
as ``datasets/DATASET/counts.h5ad``. How the record holds these files is not public, so they are looked for in it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
import pandas as pd

from zslib.core import zenodo
from zslib.core.errors import DataError, NotApplicable
from zslib.datasets.census import NAME as OF_CENSUS
from zslib.datasets.opening import opened
from zslib.datasets.reading import reading, whole
from zslib.methods import vectors
from zslib.methods.card import MethodCard

DOI = "10.5281/zenodo.23187931"
DATASETS = {"pbmc": "pbmc-12k", "pancreas": "pancreas-16k"}
"""What the archive calls the datasets, and what this project does."""
READ = (".npz", ".npy", ".h5ad", ".parquet", ".csv", ".tsv")
"""Endings of files that are read, the one expected first."""


@dataclass(eq=False)
class Archived:
    """What a Python file of a method has: ``CARD`` and ``embed``."""

    CARD: MethodCard
    model: str
    """What the archive calls the method."""

    def embed(self, adata, *, batch_key=None, seed=0, device="cpu") -> tuple[np.ndarray, dict]:
        """Its rows for these cells, shape (n_cells, n_dims), and where they are from."""
        if OF_CENSUS.fullmatch(adata.obs_names[0]):
            raise NotApplicable("these cells are of the CELLxGENE Census, and none is in the archive")
        record = zenodo.record(DOI)
        dataset = dataset_of(record, adata.obs_names)
        path = find(record, dataset, self.model)
        names, rows = vectors.read(path, f"X_{self.model}", _names(record, dataset))
        ids = pd.Index(names.map(bare))
        first = (
            ~ids.duplicated()
        )  # scvi-tools lists a barcode of both libraries twice; the counts say whose it is
        rows = vectors.rows_of(ids[first], rows[first], adata.obs_names, str(path), DATASETS[dataset])
        about = {"doi": record.doi, "license": record.license, "file": path.name}
        return rows, {
            "looked_up": about | {"cells_with_counts_compared": check_counts(record, dataset, adata)}
        }


def dataset_of(record: zenodo.Record, cells: Sequence[str]) -> str:
    """Which dataset of the archive cells are of, by their names.

    Raises
    ------
    NotApplicable
        If of none.
    """
    cells = pd.Index(cells)
    for dataset in DATASETS:
        if cells.isin(_names(record, dataset).map(bare)).mean() > 0.5:
            return dataset
    raise NotApplicable(
        f"these cells are not those of the archive {record.doi}, {' or '.join(DATASETS.values())}: of neither are half of the "
        f"names there, such as {cells[0]!r}"
    )


def find(record: zenodo.Record, dataset: str, what: str):
    """A file of the archive in the cache: the embedding by a method, or the counts of a dataset.

    Raises
    ------
    DataError
        If it is not there: what was expected, and what was found.
    """
    if what == "counts":
        expected, ending = f"datasets/{dataset}/counts.h5ad", (".h5ad",)
    else:
        expected, ending = f"runs/{dataset}/{what}/embedding.npz", READ
    said = f"{expected}, or another {' or '.join(ending)} whose path names {dataset} and {what}"
    to = record.folder / f"{dataset}-{what}"
    return zenodo.extract(record, _choose(expected, (dataset, what), ending), said, to)


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
    with reading(path, place="X", rounded=True) as file:
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


def _names(record: zenodo.Record, dataset: str) -> pd.Index:
    """Names of the cells of a dataset, in the order of its counts."""
    with opened(find(record, dataset, "counts")) as file:
        return pd.Index(file.cells)


def bare(name: str) -> str:
    """The name of a cell without what the archive puts before it."""
    return re.sub(rf"^({'|'.join(DATASETS)}):\d+:", "", str(name))


def _choose(expected: str, words: Sequence[str], endings: Sequence[str]) -> Callable[[list[str]], str | None]:
    """Choose the file that is expected, or else one whose path names all of these words."""

    def choose(paths: list[str]) -> str | None:
        parts = {path: set(re.split(r"[/_.-]", path.lower())) for path in paths}
        found = [
            path for path in paths
            if path.endswith(expected) or (PurePosixPath(path).suffix in endings and set(words) <= parts[path])
        ]  # fmt: skip
        order = lambda p: (not p.endswith(expected), endings.index(PurePosixPath(p).suffix), len(p))  # noqa: E731
        return min(found, key=order, default=None)

    return choose


def _card(name: str, **said) -> MethodCard:
    return MethodCard(
        name=f"archive-{name}",
        recipe=f"Rows of the archived embedding by the names of cells, whose counts are compared. {said.pop('how')}",
        citation=f"Liatir, Single-cell foundation models vs established baselines (2026), doi:{DOI}",
        **said,
    )


METHODS = [
    Archived(
        _card(
            "scgpt",
            marker="$s_a$",
            title="scGPT (archived)",
            family="foundation",
            looked_up="scGPT",
            summary="Frozen scGPT, the checkpoint of whole human, computed by others on the cells of two of the paper's datasets.",
            how="Its makers: the token <cls> of the last layer, scaled to length 1, of all genes of the vocabulary; nothing trained.",
            caveat="One run by a vendor, not peer reviewed. It read the decimals that the counts of the pancreas have.",
            weights="scGPT whole-human, run by Liatir",
            color="#CC79A7",
        ),
        "scgpt",
    ),
    Archived(
        _card(
            "geneformer",
            marker="$g_a$",
            title="Geneformer V1 10M (archived)",
            family="foundation",
            looked_up="Geneformer",
            summary="Frozen Geneformer V1 10M, computed by others on the cells of two of the paper's datasets.",
            how="Its makers: the mean over genes of the layer before the last; nothing trained.",
            caveat="One run by a vendor, not peer reviewed. A part of the pancreas is in its pre-training corpus.",
            weights="geneformer-v1-10m, run by Liatir",
            color="#56B4E9",
        ),
        "geneformer",
    ),
    Archived(
        _card(
            "pca",
            marker="$p_a$",
            title="PCA (archived)",
            family="baseline",
            looked_up="PCA",
            summary="Components of variable genes, computed by others on all cells of the dataset.",
            how="Its makers: 2,000 variable genes chosen with batches, scaled, 50 components.",
            caveat="Fitted to all cells of the dataset, more than are scored here.",
            trained_on_target=True,
            sees_batch=True,
            slow=True,  # it cannot be fitted anew to fewer cells
        ),
        "pca",
    ),
    Archived(
        _card(
            "harmony",
            marker="$h_a$",
            title="Harmony (archived)",
            family="baseline",
            looked_up="Harmony",
            summary="Components of variable genes, brought together over batches by Harmony; computed by others.",
            how="Its makers: Harmony on the 50 components.",
            caveat="Fitted to all cells of the dataset, more than are scored here.",
            trained_on_target=True,
            sees_batch=True,
            slow=True,
        ),
        "harmony",
    ),
    Archived(
        _card(
            "scvi",
            marker="$v_a$",
            title="scVI (archived)",
            family="baseline",
            looked_up="scVI",
            summary="scVI, trained by others on all cells of the dataset.",
            how="Its makers: 2,000 variable genes, 100 epochs, one training.",
            caveat="Fitted to all cells of the dataset, more than are scored here; one training.",
            trained_on_target=True,
            sees_batch=True,
            slow=True,
        ),
        "scvi",
    ),
]
