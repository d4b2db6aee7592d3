"""Control: the weights of geneformer-mini-kang, with every gene read as another."""

from zslib.methods import mini

WEIGHTS = "geneformer-mini-kang"
CARD = mini.permuted_card(WEIGHTS, order=99, marker="2")


def embed(adata, *, batch_key=None, seed=0, device="cpu"):
    """Embeddings of cells, shape (n_cells, 64)."""
    return mini.embed(WEIGHTS, adata, seed=seed, device=device, permute=True)
