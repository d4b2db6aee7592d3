"""The scores of small models on cells that they have seen or not, computed once for a grid.

.. code-block:: text

    results/leakage/scores.parquet    one model on one part a row, with its bootstrap replicates
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from zslib import methods, metrics
from zslib.core import store
from zslib.core.device import pick_device
from zslib.core.errors import DataError
from zslib.datasets import prepare
from zslib.results import Run, sources, stages
from zslib.studies.leakage.cards import CORPORA, PARTS


class Score(NamedTuple):
    """One score of one model on one part, with its bootstrap replicates."""

    value: float
    replicates: np.ndarray
    """Shape (n_boot,); the same resamples for every model on the part."""
    n_cells: int


def select(adata, batches: Sequence[str] | None) -> np.ndarray:
    """Rows of the cells of some batches, which must be there; all of them if None."""
    batch = adata.obs["batch"].astype(str).to_numpy()
    if batches is None:
        return np.arange(len(batch))
    if missing := set(batches) - set(batch):
        raise DataError(
            f"There is no batch {', '.join(sorted(missing))}; there are {', '.join(sorted(set(batch)))}."
        )
    return np.flatnonzero(np.isin(batch, batches))


def score(embedding: np.ndarray, label, *, n_boot: int = 500, device="cpu") -> Score:
    """AvgBIO of the embedding of some cells, (n_cells, n_dims), in its own space; label is the type of each."""
    given = {"only": ["avg_bio"], "spaces": ["native"], "n_boot": n_boot, "device": device}
    found = metrics.score(embedding, label, **given)
    replicates = found.replicates.iloc[:, 0].to_numpy()
    return Score(value=float(found.table["value"].item()), replicates=replicates, n_cells=len(label))


def of_grid(grid) -> dict[tuple[str, str], Score]:
    """Scores of the small models of a grid and their untrained twins on every part: method and part → score.

    What is stored is taken while cells, embeddings and the code that scores are the same. Models or datasets that are
    not in the grid, or did not run, are left out.
    """
    runs = _runs(grid)
    wanted = sources.combine(
        sources.digest(__file__, said=False),
        [[*key, run.about["data_sha256"], run.about["embedding"]["sha256"]] for key, run in runs.items()],
        [grid.n_boot, pick_device(grid.device).type],
    )
    make = partial(_scores, runs, n_boot=grid.n_boot, device=grid.device)
    rows = stages.stored(Path(grid.results) / "leakage" / "scores.parquet", wanted, make)
    return {
        (row.model, row.part): Score(row.value, np.asarray(row.replicates), row.n_cells)
        for row in rows.itertuples()
    }


def _runs(grid) -> dict[tuple[str, str], Run]:
    """The runs of small models that succeeded, by model and part."""
    cards = [methods.card(name) for name in sorted(set(methods.names()) & set(grid.methods))]
    small = [c.name for c in cards if c.corpus in CORPORA and c.variant in ("trained", "untrained")]
    runs = {
        (name, part): Run(grid.results, dataset, name, grid.seeds[0])
        for part, (dataset, _) in PARTS.items()
        if dataset in grid.datasets
        for name in small
    }
    return {key: run for key, run in runs.items() if run.ok}


def _scores(runs: Mapping[tuple[str, str], Run], *, n_boot: int, device: str) -> pd.DataFrame:
    """The score of each run on its part, one a row."""
    rows, read = [], lru_cache(1)(prepare.read)  # parts of one dataset come one after the other
    for (model, part), run in runs.items():
        adata = read(store.prepared_path(run.results, run.dataset))
        stages.check_cells(run, adata)
        chosen = select(adata, PARTS[part][1])
        label = adata.obs["label"].astype(str).to_numpy()[chosen]
        rows.append((model, part, *score(run.embedding[chosen], label, n_boot=n_boot, device=device)))
    return pd.DataFrame(rows, columns=["model", "part", *Score._fields])
