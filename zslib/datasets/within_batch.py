"""Each batch by itself, where there is no batch effect: what scGraph compares an embedding with.

Genes and components are those of scanpy and scikit-learn, from sums over some cells at a time: the file may be larger than
the memory.
"""

import numpy as np
from scipy import linalg

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
    large = [b for b, size in enumerate(np.bincount(code)) if size >= MIN_BATCH]
    genes = {b: most_variable(mean[b], variance[b], most) for b in large}

    def own():
        """The cells of each batch and its genes, some at a time: the batch, where the cells are, and their values."""
        for rows, part in placed(X):
            for b in large:
                here = code[rows] == b
                yield b, rows.start + np.flatnonzero(here), part[here][:, genes[b]].astype(np.float64)

    sums = {b: np.zeros(genes[b].sum()) for b in large}
    products = {b: np.zeros((len(total), len(total))) for b, total in sums.items()}
    for b, _, some in own():
        sums[b] += some.sum(axis=0).A1
        products[b] += (some.T @ some).toarray()  # genes by genes
    axes, center = {}, {b: total / (code == b).sum() for b, total in sums.items()}
    for b in large:
        n, spread = len(sums[b]), products.pop(b) - np.outer(sums[b], center[b])
        axes[b] = linalg.eigh(spread, subset_by_index=(max(0, n - N_COMPS), n - 1))[1][:, ::-1]
    found = np.full((X.shape[0], N_COMPS), np.nan)
    for b, cells, some in own():
        found[cells] = 0
        found[cells, : axes[b].shape[1]] = some @ axes[b] - center[b] @ axes[b]
    return found
