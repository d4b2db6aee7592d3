"""Genes that vary most, from sums over cells: scanpy's choice, whose function needs all cells in memory."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import sparse

from zslib.datasets.parts import placed


def moments(X, group: np.ndarray | None = None, of: Callable = np.expm1) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of each gene in each group of cells.

    Parameters
    ----------
    X
        log1p of counts per 10,000, shape (n_cells, n_genes).
    group
        Group of each cell from 0 on, shape (n_cells,); one if None.
    of
        Of what, as a function of some rows of X; as it is, of counts per 10,000.

    Returns
    -------
    Two arrays of shape (n_groups, n_genes).
    """
    group = np.zeros(X.shape[0], dtype=int) if group is None else group
    size = np.bincount(group)[:, None]
    sums, squares = np.zeros((2, len(size), X.shape[1]))
    for rows, part in placed(X):
        n = part.shape[0]
        member = sparse.csr_matrix((np.ones(n), (group[rows], np.arange(n))), (len(size), n))
        part = of(part).astype(np.float64)
        sums += (member @ part).toarray()  # of groups by genes, not of cells
        squares += (member @ part.power(2)).toarray()
    mean = sums / size
    return mean, (squares / size - mean**2) * size / np.maximum(size - 1, 1)


def most_variable(mean: np.ndarray, variance: np.ndarray, n: int) -> np.ndarray:
    """Which genes vary most for their mean, as scanpy's ``highly_variable_genes`` of the flavor seurat has it.

    Returns
    -------
    Bool of shape (n_genes,), True at n genes, more where they tie, or fewer where fewer vary.
    """
    varies = variance > 0
    table = pd.DataFrame({"bin": pd.cut(np.log1p(np.where(mean == 0, 1e-12, mean)), 20)})
    table["spread"] = np.log(np.divide(variance, mean, out=np.full_like(mean, np.nan), where=varies))
    alike = table.groupby("bin", observed=True)["spread"]
    center, width = alike.transform("mean"), alike.transform("std")
    alone = width.isna()  # in its bin: then it counts as one standard deviation above
    score = ((table["spread"] - center.mask(alone, 0)) / width.mask(alone, center)).to_numpy()
    ranked = np.sort(score[~np.isnan(score)])[::-1]
    return np.nan_to_num(score, nan=-np.inf) >= ranked[min(n, len(ranked)) - 1]
