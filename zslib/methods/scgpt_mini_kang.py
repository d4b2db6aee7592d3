"""scGPT's architecture, small, pre-trained on kang."""

from zslib.methods import mini

CARD = mini.card_of("scgpt-mini-kang", order=22)


def embed(adata, *, batch_key=None, seed=0, device="cpu"):
    """Embeddings of cells, shape (n_cells, 64), each of length 1."""
    return mini.embed(CARD.name, adata, seed=seed, device=device)
