"""The paper's own uncertainty: stored embeddings scored again on random parts of the cells, and so their UMAP.

The paper gives scores of all cells and of ten draws of a tenth of them, of embeddings and of two-dimensional UMAPs of them.
Whether it embedded the draws anew is not stated; here it is not done. What other cells embedded anew would change is asked
by :mod:`zslib.results.redrawn`.
"""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd

from zslib.core.errors import DataError
from zslib.results.robustness import headline
from zslib.results.run import Run

SPACES = ("embedding", "UMAP")
COLUMNS = ["method", "space", "share", "draw", "metric", "value"]


def path(results: str | Path, dataset: str) -> Path:
    """Where they lie."""
    return Path(results) / dataset / "repeats.parquet"


def read(results: str | Path, dataset: str) -> pd.DataFrame:
    """What :func:`compute` found for a dataset; empty where the profile asks for no repeats."""
    found = path(results, dataset)
    return pd.read_parquet(found) if found.exists() else pd.DataFrame(columns=COLUMNS)


def compute(runs: Sequence[Run], adata, *, draws: int, share: float, device: str = "auto") -> pd.DataFrame:
    """Score the embeddings of runs, and their UMAPs, on random parts of the cells; the UMAPs on all of them too.

    Parameters
    ----------
    runs
        Runs that were scored.
    adata
        The prepared cells.
    draws, share
        How many parts, the same for every run, and how large they are.
    device
        Where distances are computed.

    Returns
    -------
    One number a row: method, space (of :data:`SPACES`), share, draw, metric, value. A part that cannot be scored, such as
    one with a single type, is left out.
    """
    n, rows = adata.n_obs, []
    parts = []
    for draw in range(draws):
        part = np.random.default_rng([0, draw]).choice(n, round(share * n), replace=False)
        parts.append((share, draw, np.sort(part)))
    for run in runs:
        for space, array in zip(SPACES, (run.embedding, run.layout), strict=True):
            whole = [(1.0, 0, np.arange(n))] if space == "UMAP" else []  # of the embedding it is known
            for size, draw, cells in [*whole, *parts]:
                with suppress(DataError):
                    found = headline(array[cells], adata[cells], device, spaces=["native"])
                    values = found[["metric", "value"]].itertuples(index=False)
                    rows += [(run.method, space, size, draw, *one) for one in values]
    return pd.DataFrame(rows, columns=COLUMNS)
