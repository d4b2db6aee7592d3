"""The same cells, the same genes and the same seed for every method."""

import numpy as np
from anndata import AnnData
from scipy import sparse

from zslib.core.errors import DataError
from zslib.datasets.check import check
from zslib.datasets.h5ad import content_hash, read, write
from zslib.datasets.parts import gathered, in_order, lengths, masked, parts
from zslib.datasets.sample import strata_of, stratified
from zslib.datasets.within_batch import within_batch_pcs

FITTED = 50_000
"""Cells from which components are found where all of them do not fit into memory."""
__all__ = ["content_hash", "log_normalize", "pca", "prepare", "read", "write"]


def prepare(
    adata: AnnData,
    *,
    n_cells: int | None = 3000,
    seed: int = 0,
    min_genes: int = 10,
    min_cells: int = 10,
    min_cells_of_type: int | None = None,
    n_comps: int = 50,
) -> AnnData:
    """Pick cells, filter as the paper does, log-normalize, and compute the reference PCA.

    In this order: cells are picked, stratified by label and batch; cells with fewer than
    `min_genes` genes go; cell types left with fewer than `min_cells_of_type` cells go; genes found
    in fewer than `min_cells` of the remaining cells go, and cells that have no other genes. Cells come in random order, and which and
    in what order does not depend on the order of the input, see
    :func:`zslib.datasets.sample.stratified`.

    Parameters
    ----------
    adata
        A loaded dataset, see :mod:`zslib.datasets.check`.
    n_cells
        Cells to pick; None, or more than there are, keeps all.
    seed
        Of the pick, of the order and of the start of the PCA solver.
    min_genes, min_cells
        Filters of cells and of genes.
    min_cells_of_type
        Filter of cell types; None is what the card asks for.
    n_comps
        Principal components; fewer if the data have fewer.

    Returns
    -------
    A new dataset with X (log1p of counts per 10,000, CSR float32), ``layers["counts"]``,
    ``obsm["X_unintegrated"]`` of shape (n_cells, n_comps): principal components of the centered X
    of all genes, what batch metrics compare an embedding against; ``obsm["X_within_batch"]``, what scGraph
    compares with, see :func:`zslib.datasets.within_batch.within_batch_pcs`; and ``uns["prepare"]``: the parameters, what went
    and why, and the hash of the content.

    Raises
    ------
    DataError
        If the input does not have the common shape, nothing is left of it or all cells are alike.
    """
    check(adata)
    smallest = min_cells_of_type
    if smallest is None:
        smallest = int(adata.uns.get("dataset", {}).get("min_cells", 10))
    obs = adata.obs
    picked = stratified(strata_of(obs), adata.obs_names.to_numpy(str), n_cells, seed)
    obs, counts = obs.iloc[picked], gathered(in_order(adata.layers["counts"], picked))

    kept = lengths(counts) >= min_genes
    poor, small, empty = int((~kept).sum()), {}, np.ones(1, dtype=bool)
    while empty.any():  # without rare genes a cell may have no counts, and without it others be rare
        sizes = obs["label"][kept].value_counts()
        small |= {kind: n for kind, n in sizes[sizes < smallest].items() if n}
        kept = kept & ~obs["label"].isin(list(small)).to_numpy()
        genes = sum(part.getnnz(axis=0) for part in masked(counts, kept)) >= min_cells
        empty = kept & (np.concatenate([part @ genes.astype(np.float32) for part in parts(counts)]) == 0)
        kept = kept & ~empty
    out = AnnData(obs=obs[kept], var=adata.var[genes])
    if not (out.n_obs and out.n_vars):
        raise DataError(
            f"Nothing is left of {adata.n_obs} cells and {adata.n_vars} genes after the filters: a cell needs "
            f"{min_genes} genes, a type {smallest} cells, a gene {min_cells} cells. Ask for more cells."
        )
    for column in out.obs.select_dtypes("category"):
        out.obs[column] = out.obs[column].cat.remove_unused_categories()
    if not (kept.all() and genes.all()):
        counts = gathered(part[:, genes] for part in masked(counts, kept))
    out.layers["counts"] = counts
    check(out)

    out.X = gathered(log_normalize(part) for part in parts(out.layers["counts"]))
    first = out.X[:1]
    if all((part.max(axis=0) != first).nnz + (part.min(axis=0) != first).nnz == 0 for part in parts(out.X)):
        raise DataError(f"The {out.n_obs} cells that are left are all alike: there is nothing to tell apart.")
    out.obsm["X_unintegrated"] = pca(out.X, n_comps=n_comps, seed=seed)
    out.obsm["X_within_batch"] = within_batch_pcs(out.X, out.obs["batch"])
    out.uns = dict(adata.uns)
    out.uns["prepare"] = {
        "n_cells": "all" if n_cells is None else n_cells,
        "seed": seed,
        "min_genes": min_genes,
        "min_cells": min_cells,
        "n_comps": out.obsm["X_unintegrated"].shape[1],
        "components_from": out.n_obs if sparse.issparse(out.X) else min(FITTED, out.n_obs),
        "cells_before": adata.n_obs,
        "cells_picked": len(picked),
        "cells_with_few_genes": poor,
        "cells_with_rare_genes_alone": len(picked) - poor - sum(small.values()) - out.n_obs,
        "cells_after": out.n_obs,
        "genes_before": adata.n_vars,
        "genes_after": out.n_vars,
        "n_cells_per_label": {str(k): int(n) for k, n in out.obs["label"].value_counts(sort=False).items()},
        "dropped": {str(kind): int(n) for kind, n in small.items()},
        "dropped_why": {str(kind): f"fewer than {smallest} cells among those picked" for kind in small},
        "hash": content_hash(out),
    }
    return out


def log_normalize(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Scale each cell to 10,000 counts and take log1p.

    Parameters
    ----------
    counts
        Raw counts, CSR of shape (n_cells, n_genes), no empty cell.

    Returns
    -------
    Natural logarithm of 1 + counts per 10,000, CSR float32 of the same shape.
    """
    total = np.asarray(counts.sum(axis=1, dtype=np.float64)).ravel()
    scaled = sparse.csr_matrix(counts, dtype=np.float64, copy=True)
    scaled.data *= np.repeat(1e4 / total, np.diff(scaled.indptr))
    np.log1p(scaled.data, out=scaled.data)
    return scaled.astype(np.float32)


def pca(X, n_comps: int = 50, seed: int = 0) -> np.ndarray:
    """Principal components of the centered matrix; exact, with a fixed sign.

    Parameters
    ----------
    X
        Matrix of shape (n_cells, n_genes). Of one that stays on the disk, whose cells come in random order, the
        loadings are those of the first :data:`FITTED` cells.

    Returns
    -------
    Scores, float32 of shape (n_cells, n_comps), or fewer columns where X allows fewer; the entry of
    largest magnitude of each loading is positive.
    """
    from sklearn.decomposition import PCA

    n_comps = min(n_comps, min(X.shape) - 1)
    model = PCA(n_comps, svd_solver="arpack", random_state=seed)  # centers without making X dense
    model.fit((X if sparse.issparse(X) else X[:FITTED]).astype(np.float64))
    scores = np.vstack([model.transform(part.astype(np.float64)) for part in parts(X)])
    peak = np.abs(model.components_).argmax(axis=1)
    sign = np.sign(model.components_[np.arange(n_comps), peak])
    return (scores * sign).astype(np.float32)
