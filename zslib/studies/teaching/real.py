"""Real cells of the grid for a chapter: few enough to be quick, drawn so that no type or batch is lost."""

from typing import TYPE_CHECKING

import numpy as np

from zslib.core import store
from zslib.core.errors import DataError
from zslib.datasets import prepare
from zslib.datasets.sample import strata_of, stratified
from zslib.methods import hvg

if TYPE_CHECKING:
    from zslib.workflow.grid import Grid


def some_cells(grid: "Grid", n_cells: int = 1000, *, batches: int = 2, smallest: int = 10):
    """Take cells of the first dataset of a grid that has enough batches, or of the first if none has.

    Parameters
    ----------
    grid
        What was run.
    n_cells
        Most cells to take, stratified by label and batch.
    batches
        How many batches the dataset should have.
    smallest
        Types left with fewer cells than this are dropped.

    Returns
    -------
    Prepared cells as AnnData, see :func:`zslib.datasets.prepare.prepare`.

    Raises
    ------
    DataError
        If fewer than two types are left.
    """
    found = {}
    for name in grid.datasets:
        found[name] = prepare.read(store.prepared_path(grid.results, name))
        if found[name].obs["batch"].nunique() >= batches:
            break
    else:
        name = next(iter(found))
    adata = found[name]
    rows = stratified(strata_of(adata.obs), adata.obs_names.to_numpy(str), n_cells, 0)
    label = adata.obs["label"].to_numpy(str)[rows]
    _, code, count = np.unique(label, return_inverse=True, return_counts=True)
    if (count >= smallest).sum() < 2:
        raise DataError(
            f"{len(rows)} cells of {name} leave fewer than two types of {smallest} cells; take more cells"
        )
    return adata[rows[count[code] >= smallest]].copy()


def variable_genes(adata, n_genes: int = 2000) -> np.ndarray:
    """Expression of the genes that the method ``hvg`` chooses, shape (n_cells, n_genes), float64; all if there are fewer."""
    return hvg.select(adata, min(n_genes, adata.n_vars)).toarray().astype(np.float64)
