"""Score one embedding and write the scores down."""

import dataclasses

import numpy as np

from zslib import layout, metrics, store
from zslib.errors import DataError


def evaluate(cell: store.Cell, adata, *, n_boot: int = 500, device: str = "auto") -> metrics.Scores:
    """Score the embedding of one cell of the grid.

    Writes ``scores.parquet``, ``replicates.parquet`` and ``layout.npy`` beside the embedding.

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
    scores = metrics.score(
        embedding,
        adata.obs["label"].to_numpy(),
        adata.obs["batch"].to_numpy(),
        unintegrated=adata.obsm["X_unintegrated"],
        n_boot=n_boot,
        device=device,
    )
    table = scores.table.copy()
    for column, value in (("seed", cell.seed), ("method", cell.method), ("dataset", cell.dataset)):
        table.insert(0, column, value)
    scores = dataclasses.replace(scores, table=table)
    start = metrics.pca(np.asarray(embedding, dtype=np.float64), n_comps=2)
    store.write_array(cell.folder / "layout.npy", layout.umap(scores.neighbors.connectivities, start))
    store.write_table(cell.folder / "replicates.parquet", scores.replicates)
    store.write_table(cell.folder / "scores.parquet", table)
    return scores
