"""Each batch by itself, where there is no batch effect: what scGraph compares an embedding with."""

import numpy as np
import pandas as pd
from scipy import linalg, sparse

N_GENES = 1000
N_COMPS = 10
MIN_BATCH = 100
"""Smaller batches are left out."""


def within_batch_pcs(X, batch) -> np.ndarray:
    """The 10 leading components of the 1,000 most variable genes of each batch by itself.

    Parameters
    ----------
    X
        log1p of counts per 10,000, CSR of shape (n_cells, n_genes).
    batch
        Batch of each cell, shape (n_cells,).

    Returns
    -------
    Array of shape (n_cells, at most 10); each batch has axes of its own. NaN for the cells of batches of fewer
    than 100 cells.
    """
    batch, X = np.asarray(batch), sparse.csr_matrix(X)
    found = np.full((X.shape[0], N_COMPS), np.nan)
    for one in np.unique(batch):
        cells = np.flatnonzero(batch == one)
        if len(cells) >= MIN_BATCH:
            own = X[cells]
            own = own[:, variable_genes(own, min(N_GENES, X.shape[1]))].toarray().astype(np.float64)
            own -= own.mean(axis=0)
            n = own.shape[1]
            few = max(0, n - N_COMPS), n - 1
            pcs = own @ linalg.eigh(own.T @ own, subset_by_index=few)[1][:, ::-1]
            found[cells] = np.pad(pcs, ((0, 0), (0, N_COMPS - pcs.shape[1])))
    return found


def variable_genes(X: sparse.csr_matrix, n_genes: int) -> np.ndarray:
    """The most variable genes by dispersion relative to genes of like mean, as scanpy's flavor ``"seurat"``.

    Parameters
    ----------
    X
        log1p of counts per 10,000, CSR of shape (n_cells, n_genes).
    n_genes
        How many.

    Returns
    -------
    Their columns, ascending.
    """
    X = X.astype(np.float64).expm1()
    mean = np.asarray(X.mean(axis=0)).ravel()
    square = np.asarray(X.multiply(X).mean(axis=0)).ravel()
    variance = (square - mean**2) * X.shape[0] / (X.shape[0] - 1)
    mean = np.where(mean == 0, 1e-12, mean)
    ratio = variance / mean
    table = pd.DataFrame({"mean": np.log1p(mean), "dispersion": np.log(np.where(ratio == 0, np.nan, ratio))})
    grouped = table.groupby(pd.cut(table["mean"], bins=20), observed=True)["dispersion"]
    center, spread = grouped.transform("mean"), grouped.transform("std")
    # A gene alone in its bin has no spread: it counts as one standard deviation above nothing.
    alone = spread.isna()
    relative = (table["dispersion"] - center.mask(alone, 0)) / spread.mask(alone, center)
    order = np.argsort(-relative.fillna(-np.inf).to_numpy(), kind="stable")
    return np.sort(order[:n_genes])
