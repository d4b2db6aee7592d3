"""Geneformer's architecture, small, pre-trained on pbmc3k, hao and baron."""

from zslib.methods import mini

CARD = mini.card_of("geneformer-mini-pbmc-baron", order=25)


def embed(adata, *, batch_key=None, seed=0, device="cpu"):
    """Embeddings of cells, shape (n_cells, 64)."""
    return mini.embed(CARD.name, adata, seed=seed, device=device)
