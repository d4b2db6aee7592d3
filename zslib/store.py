"""Where results lie and how they are written: the file contracts of the grid.

.. code-block:: text

    results/<dataset>/prepared.h5ad                    the cells every method gets
    results/<dataset>/<method>/<seed>/embedding.npy    float32 (n_cells, n_dims), row i is cell i of prepared
    results/<dataset>/<method>/<seed>/run.json         status, parameters, versions, hashes, cost
    results/<dataset>/<method>/<seed>/scores.parquet   one number a row
    results/<dataset>/<method>/<seed>/replicates.parquet   bootstrap replicates, paired across methods
    results/<dataset>/<method>/<seed>/discovery.parquet    whether hidden cell types are found
    results/<dataset>/<method>/<seed>/unscored.json        why there are no scores, if an embedding was refused
    results/<dataset>/<method>/<seed>/layout.npy       float32 (n_cells, 2), the UMAP of the embedding
    results/<dataset>/expression/                      see :mod:`zslib.studies.expression.results`
    results/<dataset>/tuning/                          see :mod:`zslib.studies.tuning.results`
    results/learning.parquet                           see :mod:`zslib.studies.expression.learning`

Everything is written under a temporary name and renamed, so that a killed run leaves nothing half-written.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from zslib.errors import DataError

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: where notebooks and book lie, and where results go."""


SCORED = ("scores.parquet", "replicates.parquet", "discovery.parquet", "layout.npy")
"""What scoring leaves beside an embedding."""


@dataclass(frozen=True)
class Cell:
    """One cell of the grid: a method on a dataset with a seed."""

    results: Path
    dataset: str
    method: str
    seed: int

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return Path(self.results) / self.dataset / self.method / str(self.seed)

    @property
    def run(self) -> dict:
        """What ``run.json`` says."""
        return json.loads((self.folder / "run.json").read_text())

    @property
    def outcome(self) -> dict:
        """Status and reason: of the scoring if that went wrong, else of the method."""
        unscored = self.folder / "unscored.json"
        return json.loads(unscored.read_text()) if unscored.exists() else self.run

    @property
    def ok(self) -> bool:
        """Whether the method ran and its embedding was scored, or is yet to be."""
        return self.outcome["status"] == "ok"

    @property
    def embedding(self) -> np.ndarray:
        """The embedding, float32 of shape (n_cells, n_dims).

        Raises
        ------
        DataError
            If the file is not the one ``run.json`` vouches for.
        """
        path = self.folder / "embedding.npy"
        if sha256(path) != self.run["embedding"]["sha256"]:
            raise DataError(f"{path} is not the embedding its run.json describes; delete both and run again")
        return np.load(path, allow_pickle=False)

    @property
    def scores(self) -> pd.DataFrame:
        """Scores, one number a row; see :func:`zslib.metrics.score` for the columns."""
        return pd.read_parquet(self.folder / "scores.parquet")

    @property
    def replicates(self) -> pd.DataFrame:
        """Bootstrap replicates, one column a score (``space/metric``)."""
        return pd.read_parquet(self.folder / "replicates.parquet")

    @property
    def discovery(self) -> pd.DataFrame:
        """Whether hidden cell types are found; see :attr:`zslib.metrics.Scores.by_type` for the columns."""
        return pd.read_parquet(self.folder / "discovery.parquet")

    @property
    def layout(self) -> np.ndarray:
        """UMAP coordinates, shape (n_cells, 2)."""
        return np.load(self.folder / "layout.npy", allow_pickle=False)


def prepared_path(results: str | Path, dataset: str) -> Path:
    """Where the prepared cells of a dataset lie."""
    return Path(results) / dataset / "prepared.h5ad"


def sha256(path: str | Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def atomic(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside ``path`` to write to; rename it to ``path`` if all went well."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    try:
        yield Path(name)
        os.chmod(name, 0o644)  # mkstemp's 0600 would hide results from a group
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def write_json(path: str | Path, content: dict) -> None:
    """Write a dictionary as indented JSON."""
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def write_array(path: str | Path, array: np.ndarray) -> None:
    """Write an array as float32 ``.npy``."""
    with atomic(path) as temporary:
        np.save(temporary, np.ascontiguousarray(array, dtype=np.float32), allow_pickle=False)


def write_table(path: str | Path, table: pd.DataFrame) -> None:
    """Write a table as Parquet."""
    with atomic(path) as temporary:
        table.to_parquet(temporary, index=False)
