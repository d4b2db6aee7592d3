"""How diverse a set of cells is: by the names of its types, and by likeness alone."""

from collections.abc import Sequence

import numpy as np


def shannon(types: Sequence) -> float:
    """Shannon's index of the cell types, in bits.

    Parameters
    ----------
    types
        Cell type of each cell, shape (n_cells,).

    Returns
    -------
    0 for one type, log2 of their number if all are equally frequent; higher is more diverse.
    """
    share = np.unique(np.asarray(types, dtype=str), return_counts=True)[1] / len(types)
    return float(-(share * np.log2(share)).sum()) + 0.0


def vendi(pcs: np.ndarray) -> float:
    """Vendi score of cells: how many cells without any likeness they are worth.

    Parameters
    ----------
    pcs
        Principal components, shape (n_cells, n_comps); likeness is the cosine.

    Returns
    -------
    From 1, for cells that are all alike, to the smaller of n_cells and n_comps; higher is more diverse.

    Notes
    -----
    Friedman and Dieng, TMLR 2023, arXiv:2210.02410: the exponential of the entropy of the eigenvalues of the
    matrix of likeness, divided by the number of cells.
    """
    X = np.asarray(pcs, dtype=np.float64)
    norm = np.linalg.norm(X, axis=1, keepdims=True)
    X = X / np.where(norm > 0, norm, 1)
    # X Xᵀ and Xᵀ X have the same eigenvalues but for zeros; the second matrix is small.
    share = np.linalg.eigvalsh(X.T @ X / len(X))
    share = share[share > 1e-12]
    return float(np.exp(-(share * np.log(share)).sum()))
