"""Geneformer V1 with 12 layers, frozen."""

from zslib.methods import released
from zslib.methods.released import card_of

CARD = card_of("geneformer-v1-12l", color="#56B4E9", marker="h", order=41)


def build(cells, *, seed=0, layer: int = -2, max_length: int | None = None):
    """The frozen model for the genes of these cells."""
    return released.model(CARD.name, cells, seed=seed, layer=layer, max_length=max_length)


def embed(adata, *, batch_key=None, seed=0, device="cpu", partial=None, **options):
    """Embeddings of cells, shape (n_cells, 512)."""
    return released.embed(build, adata, seed=seed, device=device, partial=partial, **options)
