"""Control: the weights of scgpt-mini-kang, with every gene read as another."""

from zslib.methods import mini, released

WEIGHTS = "scgpt-mini-kang"
CARD = mini.permuted_card(WEIGHTS, order=98, marker="$p$")


def build(cells, *, seed=0, recipe: str = "paper", max_length: int | None = None):
    """The model with permuted genes for these cells."""
    return mini.model(WEIGHTS, cells, seed=seed, recipe=recipe, max_length=max_length, permute=True)


def embed(adata, *, batch_key=None, seed=0, device="cpu", partial=None, **options):
    """Embeddings of cells, shape (n_cells, 64)."""
    return released.embed(build, adata, seed=seed, device=device, partial=partial, **options)
