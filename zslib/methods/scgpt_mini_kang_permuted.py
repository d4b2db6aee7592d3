"""Control: the weights of scgpt-mini-kang, with every gene read as another."""

from zslib.methods import mini

WEIGHTS = "scgpt-mini-kang"
CARD = mini.permuted_card(WEIGHTS, order=98, marker="$p$")


def embed(adata, *, batch_key=None, seed=0, device="cpu"):
    """Embeddings of cells, shape (n_cells, 64)."""
    return mini.embed(WEIGHTS, adata, seed=seed, device=device, permute=True)
