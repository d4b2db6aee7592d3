"""Each batch by itself, where there is no batch effect: what scGraph compares an embedding with."""

import warnings

import numpy as np
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
    import scanpy as sc
    from anndata import AnnData

    batch, X = np.asarray(batch), sparse.csr_matrix(X)
    found = np.full((X.shape[0], N_COMPS), np.nan)
    for one in np.unique(batch):
        cells = np.flatnonzero(batch == one)
        if len(cells) >= MIN_BATCH:
            own = AnnData(X[cells])
            with warnings.catch_warnings():  # of few cells fewer genes vary, and all of these are kept
                warnings.filterwarnings("ignore", message="`n_top_genes` > number of normalized dispersions")
                sc.pp.highly_variable_genes(own, n_top_genes=min(N_GENES, X.shape[1]))
            own = own.X[:, own.var["highly_variable"].to_numpy()].toarray().astype(np.float64)
            own -= own.mean(axis=0)
            n = own.shape[1]
            few = max(0, n - N_COMPS), n - 1
            pcs = own @ linalg.eigh(own.T @ own, subset_by_index=few)[1][:, ::-1]
            found[cells] = np.pad(pcs, ((0, 0), (0, N_COMPS - pcs.shape[1])))
    return found
