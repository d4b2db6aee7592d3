"""Score one embedding: all that its page and the comparisons show."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd

from zslib import metrics
from zslib.datasets.check import is_labeled
from zslib.metrics import layout


def compute(
    embedding: np.ndarray, adata, *, n_boot: int, device: str, titrate: Callable[..., pd.DataFrame] | None
) -> tuple[dict[str, pd.DataFrame], np.ndarray, dict[str, str]]:
    """Score an embedding of the prepared cells.

    Parameters
    ----------
    embedding
        Array of shape (n_cells, n_dims).
    adata
        The prepared cells.
    n_boot
        Bootstrap resamples; the same ones for every method, so that differences are paired.
    device
        Where distances are computed.
    titrate
        How few cells are titrated, see :func:`zslib.results.titration.of`; None if not.

    Returns
    -------
    tables
        scores, replicates, sweep and by_batch of :class:`zslib.metrics.Scores`; its by_type as discovery, with the
        titration.
    layout
        UMAP of the neighbor graph that the metrics use, float32 of shape (n_cells, 2).
    skipped
        Metrics that do not apply to these cells, with the reason.
    """
    labeled, batch = is_labeled(adata), adata.obs["batch"].to_numpy()
    space = metrics.Space.of(
        embedding,
        adata.obs["label"].to_numpy() if labeled else None,
        batch,
        unintegrated=adata.obsm["X_unintegrated"],
        within_batch=adata.obsm["X_within_batch"],
        device=device,
    )
    start = metrics.pca(np.asarray(embedding, dtype=np.float64), n_comps=2)
    with ThreadPoolExecutor(1) as beside:  # of a million cells UMAP takes minutes, of one core
        drawn = beside.submit(layout.umap, space.neighbors.connectivities, start)
        scores = metrics.score_space(space, n_boot=n_boot)
        titration = titrate(space, n_boot=n_boot) if labeled and titrate else None
    tables = {
        "scores": scores.table,
        "replicates": scores.replicates,
        "discovery": pd.concat([scores.by_type, titration]),
        "sweep": scores.sweep,
        "by_batch": scores.by_batch,
    }
    return tables, drawn.result(), dict(scores.skipped)
