"""scGPT's architecture, small, pre-trained on pbmc3k, hao and baron."""

from zslib.methods import mini, released

CARD = mini.card_of("scgpt-mini-pbmc-baron", order=23)


def build(cells, *, seed=0, recipe: str = "paper", max_length: int | None = None):
    """The frozen model for the genes of these cells."""
    return mini.model(CARD.name, cells, seed=seed, recipe=recipe, max_length=max_length)


def embed(adata, *, batch_key=None, seed=0, device="cpu", partial=None, **options):
    """Embeddings of cells, shape (n_cells, 64)."""
    return released.embed(build, adata, seed=seed, device=device, partial=partial, **options)
