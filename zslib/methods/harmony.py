"""Harmony: principal components, corrected for batch."""

import numpy as np

from zslib.core.errors import NotApplicable
from zslib.methods import hvg_pca
from zslib.methods.card import MethodCard

CARD = MethodCard(
    name="harmony",
    title="Harmony",
    family="baseline",
    summary=(
        "The principal components of hvg-pca, moved so that cells of the same kind from different "
        "batches coincide: soft clusters are found and each batch is shifted within each cluster."
    ),
    recipe="As hvg-pca; then harmonypy's run_harmony on the 50 components with its default settings.",
    caveat=(
        "It is given the batch of every cell and fitted to the very cells it embeds; a frozen model has "
        "neither advantage. Where batch carries biology (kang: stimulation) it removes that too."
    ),
    citation="Korsunsky et al., Nature Methods 16:1289 (2019), doi:10.1038/s41592-019-0619-0",
    trained_on_target=True,
    sees_batch=True,
    in_record=("Harmony",),
    streams=True,
    cheap=True,
    color="#0F857A",
    marker="D",
)


def embed(adata, *, batch_key=None, seed=0, device="cpu", n_genes: int = 2000, n_comps: int = 50):
    """Corrected principal components, shape (n_cells, n_comps).

    Raises
    ------
    NotApplicable
        If there is one batch only.
    """
    if batch_key is None:
        raise NotApplicable("Harmony corrects differences between batches, and this dataset has one batch")
    import harmonypy

    pcs = hvg_pca.embed(adata, seed=seed, n_genes=n_genes, n_comps=n_comps)
    fitted = harmonypy.run_harmony(pcs, adata.obs, batch_key, random_state=seed, verbose=False)
    # harmonypy turned its output from (PCs × cells) to (cells × PCs) in 2.0; a silent transposition
    # would score as noise.
    corrected = np.asarray(fitted.Z_corr, dtype=np.float32)
    if corrected.shape != pcs.shape:
        raise RuntimeError(f"harmonypy returned shape {corrected.shape} for {pcs.shape}; use harmonypy>=2.1")
    return corrected
