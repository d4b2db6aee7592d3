"""Highly variable genes: the selected genes themselves as the embedding."""

import warnings

import numpy as np
from scipy import sparse

from zslib.datasets.parts import parts
from zslib.datasets.variable import moments, most_variable
from zslib.methods.card import MethodCard

CARD = MethodCard(
    name="hvg",
    title="HVG",
    family="baseline",
    summary=(
        "Keep the 2,000 most variable genes and use their normalized expression as it is. "
        "The simplest thing a biologist does, with nothing learned and nothing compressed."
    ),
    recipe=(
        "Counts per 10,000, log1p; scanpy's highly_variable_genes with the seurat flavor, 2,000 genes, no "
        "batch key; the dense cells × genes matrix, neither scaled nor reduced, is the embedding."
    ),
    caveat=(
        "It keeps all variance of its genes, much of it unstructured, which makes distances between cells "
        "alike: that lifts its batch ASW toward 1 and pulls its label ASW toward 0.5. Read it beside its "
        "pca50 scores."
    ),
    citation="Kedzierska et al., Genome Biology 26:101 (2025), doi:10.1186/s13059-025-03574-x",
    in_record=("HVG",),
    streams=True,
    cheap=True,
    color="#3F97C9",
    marker="o",
)


def variable(adata, n_genes: int) -> np.ndarray:
    """Which genes vary most, as the paper chooses them.

    Parameters
    ----------
    adata
        Prepared cells; ``X`` holds log1p of counts per 10,000, shape (n_cells, n_all_genes).
    n_genes
        How many genes to keep.

    Returns
    -------
    Bool of shape (n_all_genes,), True at n_genes of them. Of a panel of fewer genes all are kept.
    """
    import scanpy as sc

    if adata.n_vars < n_genes:
        return np.ones(adata.n_vars, dtype=bool)
    if not sparse.issparse(adata.X):  # on the disk: the same choice, some cells at a time
        mean, variance = moments(adata.X)
        return most_variable(mean[0], variance[0], n_genes)
    with warnings.catch_warnings():  # of few cells fewer genes vary, and all of these are kept
        warnings.filterwarnings("ignore", message="`n_top_genes` > number of normalized dispersions")
        chosen = sc.pp.highly_variable_genes(adata, flavor="seurat", n_top_genes=n_genes, inplace=False)
    return chosen["highly_variable"].to_numpy()


def select(adata, n_genes: int):
    """The most variable genes, CSR matrix of shape (n_cells, n_genes), genes in their order in ``adata``."""
    chosen = variable(adata, n_genes)
    return sparse.vstack([part[:, chosen] for part in parts(adata.X)], format="csr")


def embed(adata, *, batch_key=None, seed=0, device="cpu", n_genes: int = 2000):
    """Expression of the most variable genes, shape (n_cells, n_genes), log1p of counts per 10,000."""
    return select(adata, n_genes).toarray()
