"""Principal components of the highly variable genes: the standard analysis."""

import numpy as np

from zslib.methods import hvg
from zslib.methods.card import MethodCard

CARD = MethodCard(
    name="hvg-pca",
    title="HVG → PCA",
    family="baseline",
    summary=(
        "The 50 leading principal components of the 2,000 most variable genes: what nearly every "
        "single-cell analysis starts from."
    ),
    recipe="As hvg; then PCA to 50 components, centered, not scaled (scanpy's pca, arpack solver).",
    caveat="It uses no batches, so what differs between them stays in.",
    citation="Wolf, Angerer & Theis, Genome Biology 19:15 (2018), doi:10.1186/s13059-017-1382-0",
    trained_on_target=True,
    in_record=("PCA",),
    streams=True,
    cheap=True,
    color="#3A5FA8",
    marker="s",
)


def embed(adata, *, batch_key=None, seed=0, device="cpu", n_genes: int = 2000, n_comps: int = 50):
    """Principal components, shape (n_cells, n_comps), in units of log expression."""
    import scanpy as sc

    X = hvg.select(adata, n_genes)
    return sc.pp.pca(X, n_comps=n_comps, svd_solver="arpack", random_state=seed).astype(np.float32)
