"""Each batch by itself, where there is no batch effect: what scGraph compares an embedding with."""

import numpy as np
from scipy import linalg, sparse

from zslib.datasets.parts import placed
from zslib.datasets.variable import moments, most_variable

N_GENES = 1000
N_COMPS = 10
MIN_BATCH = 100
"""Smaller batches are left out."""


def within_batch_pcs(X, batch) -> np.ndarray:
    """The 10 leading components of the 1,000 most variable genes of each batch by itself.

    Parameters
    ----------
    X
        log1p of counts per 10,000, shape (n_cells, n_genes), in memory or on the disk.
    batch
        Batch of each cell, shape (n_cells,).

    Returns
    -------
    Array of shape (n_cells, at most 10); each batch has axes of its own. NaN for the cells of batches of fewer
    than 100 cells.
    """
    code = np.unique(np.asarray(batch), return_inverse=True)[1]
    mean, variance = moments(X, code)
    most = min(N_GENES, X.shape[1])
    own = {b: [] for b, size in enumerate(np.bincount(code)) if size >= MIN_BATCH}
    genes = {b: most_variable(mean[b], variance[b], most) for b in own}
    for rows, part in placed(X):
        for b in own:
            own[b].append(part[code[rows] == b][:, genes[b]])
    found = np.full((X.shape[0], N_COMPS), np.nan)
    for b, some in own.items():
        some = sparse.vstack(some, format="csr").astype(np.float64)
        n, center = some.shape[1], some.mean(axis=0).A1
        products = (some.T @ some).toarray() - some.shape[0] * np.outer(center, center)  # genes by genes
        axes = linalg.eigh(products, subset_by_index=(max(0, n - N_COMPS), n - 1))[1][:, ::-1]
        found[code == b, : axes.shape[1]] = some @ axes - center @ axes
        found[code == b, axes.shape[1] :] = 0
    return found
