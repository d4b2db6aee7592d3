"""Score one embedding and write the scores down."""

import dataclasses

import numpy as np
import pandas as pd

from zslib import metrics, store
from zslib.errors import DataError
from zslib.metrics import layout


def evaluate(cell: store.Cell, adata, *, n_boot: int = 500, device: str = "auto") -> metrics.Scores:
    """Score the embedding of one cell of the grid.

    Writes ``scores.parquet``, ``replicates.parquet``, ``discovery.parquet`` and ``layout.npy`` beside the embedding.

    Parameters
    ----------
    cell
        A cell of the grid whose method has run.
    adata
        The prepared cells of its dataset.
    n_boot
        Bootstrap resamples; the same ones for every method, so that differences are paired.
    device
        Where distances are computed.

    Returns
    -------
    The scores, their replicates and the neighbor graph.

    Raises
    ------
    DataError
        If the embedding is of other cells than these.
    """
    if cell.run["data_sha256"] != adata.uns["prepare"]["hash"]:
        raise DataError(
            f"{cell.folder} was embedded from other cells than {cell.dataset}/prepared.h5ad holds now; "
            "delete its run.json and run again"
        )
    embedding = cell.embedding
    label, batch = adata.obs["label"].to_numpy(), adata.obs["batch"].to_numpy()
    scores = metrics.score(
        embedding,
        label,
        batch,
        unintegrated=adata.obsm["X_unintegrated"],
        within_batch=adata.obsm["X_within_batch"],
        n_boot=n_boot,
        device=device,
    )
    found = pd.concat([scores.by_type, metrics.titrate(scores.spaces["native"], n_boot=n_boot)])
    scores = dataclasses.replace(scores, table=_named(scores.table, cell))
    start = metrics.pca(np.asarray(embedding, dtype=np.float64), n_comps=2)
    store.write_array(cell.folder / "layout.npy", layout.umap(scores.neighbors.connectivities, start))
    store.write_table(cell.folder / "replicates.parquet", scores.replicates)
    store.write_table(cell.folder / "discovery.parquet", _named(found, cell))
    store.write_table(cell.folder / "scores.parquet", scores.table)
    return scores


def _named(table: pd.DataFrame, cell: store.Cell) -> pd.DataFrame:
    """The table with the dataset, method and seed it is of in front."""
    return pd.concat(
        [
            pd.DataFrame(
                {"dataset": cell.dataset, "method": cell.method, "seed": cell.seed}, index=table.index
            ),
            table,
        ],
        axis=1,
    )
