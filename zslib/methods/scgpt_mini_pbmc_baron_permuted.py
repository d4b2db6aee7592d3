"""Control: the weights of scgpt-mini-pbmc-baron, with every gene read as another."""

from zslib.methods import mini

WEIGHTS = "scgpt-mini-pbmc-baron"
CARD = mini.permuted_card(WEIGHTS, order=98, marker="3")


def embed(adata, *, batch_key=None, seed=0, device="cpu"):
    """Embeddings of cells, shape (n_cells, 64)."""
    return mini.embed(WEIGHTS, adata, seed=seed, device=device, permute=True)
