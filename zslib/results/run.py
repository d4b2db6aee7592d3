"""What lies where of one run: a method on a dataset with a seed.

.. code-block:: text

    results/<dataset>/prepared.h5ad                      the cells that every method gets
    results/<dataset>/<method>/<seed>/embedding.npy      float32 (n_cells, n_dims), row i is cell i of prepared
    results/<dataset>/<method>/<seed>/run.json           status, parameters, versions, hashes, cost
    results/<dataset>/<method>/<seed>/scores.parquet     one number a row
    results/<dataset>/<method>/<seed>/replicates.parquet bootstrap replicates, paired across methods
    results/<dataset>/<method>/<seed>/discovery.parquet  whether hidden cell types are found
    results/<dataset>/<method>/<seed>/sweep.parquet      clusterings by resolution
    results/<dataset>/<method>/<seed>/by_batch.parquet   intervals over whole batches
    results/<dataset>/<method>/<seed>/layout.npy         float32 (n_cells, 2), the UMAP of the embedding
    results/<dataset>/<method>/<seed>/scored.json        what the scores follow from, and metrics that were skipped
    results/<dataset>/<method>/<seed>/unscored.json      why there are no scores, if an embedding was refused
    results/<dataset>/<method>/<seed>/page.ipynb         the page of the book
    results/<dataset>/cells.html                         the interactive view, see :mod:`zslib.plots.view`
    results/<dataset>/altered.parquet                    see :func:`zslib.results.robustness.compute`
    results/<dataset>/repeats.parquet                    see :func:`zslib.results.repeats.compute`
    results/<dataset>/expression/                        see :mod:`zslib.studies.expression.results`
    results/<dataset>/tuning/                            see :mod:`zslib.studies.tuning.results`
    results/leakage/scores.parquet                       see :mod:`zslib.studies.leakage.results`
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from zslib.core import store
from zslib.core.errors import DataError

TABLES = ("scores", "replicates", "discovery", "sweep", "by_batch")
"""What scoring leaves as Parquet."""
SCORED = (*(f"{name}.parquet" for name in TABLES), "layout.npy", "scored.json")
"""All that scoring leaves beside an embedding; the last one vouches for the others."""


def altered_path(results: str | Path, dataset: str) -> Path:
    """Where the scores of cells drawn and altered anew lie."""
    return Path(results) / dataset / "altered.parquet"


@dataclass(frozen=True)
class Run:
    """A method on a dataset with a seed."""

    results: Path
    dataset: str
    method: str
    seed: int

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return Path(self.results) / self.dataset / self.method / str(self.seed)

    @property
    def about(self) -> dict:
        """What ``run.json`` says: status, parameters, versions, hashes, cost."""
        return json.loads((self.folder / "run.json").read_text())

    @property
    def outcome(self) -> dict:
        """Status and reason: of the scoring if that went wrong, else of the method."""
        unscored = self.folder / "unscored.json"
        return json.loads(unscored.read_text()) if unscored.exists() else self.about

    @property
    def ok(self) -> bool:
        """Whether the method ran and its embedding was scored, or is yet to be."""
        return self.outcome["status"] == "ok"

    @property
    def scored(self) -> bool:
        """Whether all that scoring leaves is there."""
        return all((self.folder / name).exists() for name in SCORED)

    @property
    def embedding(self) -> np.ndarray:
        """The embedding, float32 of shape (n_cells, n_dims).

        Raises
        ------
        DataError
            If the file is not the one ``run.json`` vouches for.
        """
        path = self.folder / "embedding.npy"
        if store.sha256(path) != self.about["embedding"]["sha256"]:
            raise DataError(f"{path} is not the embedding its run.json describes; delete both and run again")
        return np.load(path, allow_pickle=False)

    @property
    def scores(self) -> pd.DataFrame:
        """Scores, one number a row; see :class:`zslib.metrics.Scores` for the columns."""
        return self._table("scores")

    @property
    def replicates(self) -> pd.DataFrame:
        """Bootstrap replicates, one column a score (``space/metric``)."""
        return self._table("replicates")

    @property
    def discovery(self) -> pd.DataFrame:
        """Whether hidden cell types are found; see :attr:`zslib.metrics.Scores.by_type` for the columns."""
        return self._table("discovery")

    @property
    def sweep(self) -> pd.DataFrame:
        """One clustering a row; see :class:`zslib.metrics.Scores` for the columns."""
        return self._table("sweep")

    @property
    def by_batch(self) -> pd.DataFrame:
        """Intervals over whole batches; see :class:`zslib.metrics.Scores` for the columns."""
        return self._table("by_batch")

    @property
    def skipped(self) -> dict[str, str]:
        """The metrics that do not apply to the data, with the reason."""
        return json.loads((self.folder / "scored.json").read_text())["skipped"]

    @property
    def layout(self) -> np.ndarray:
        """UMAP coordinates, shape (n_cells, 2)."""
        return np.load(self.folder / "layout.npy", allow_pickle=False)

    def _table(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.folder / f"{name}.parquet")
