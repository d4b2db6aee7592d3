"""Medians of genes over the cells that express them, by which rank-value encoding weighs counts."""

import numpy as np
from scipy import sparse

from zslib.frozen.tokenize.rank_value import TARGET_SUM


def medians(counts: sparse.csr_matrix, totals: np.ndarray, *, target: float = TARGET_SUM) -> np.ndarray:
    """Median of each gene's expression over the cells that express it, as Geneformer's corpus has it.

    Parameters
    ----------
    counts
        Raw counts, CSR of shape (n_cells, n_genes).
    totals
        Counts of each cell over all of its genes, shape (n_cells,).
    target
        Counts that each cell is scaled to.

    Returns
    -------
    float64 of shape (n_genes,), in counts per `target`; NaN for a gene that no cell expresses.
    """
    scaled = sparse.csr_matrix(counts, dtype=np.float64, copy=True)
    scaled.data *= np.repeat(target / totals, np.diff(scaled.indptr))
    columns = scaled.tocsc()
    columns.eliminate_zeros()
    found = np.full(columns.shape[1], np.nan)
    for gene in np.flatnonzero(np.diff(columns.indptr)):
        found[gene] = np.median(columns.data[columns.indptr[gene] : columns.indptr[gene + 1]])
    return found
