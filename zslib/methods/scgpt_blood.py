"""scGPT, pre-trained on 10 million cells of blood and bone marrow, frozen."""

from zslib.methods import released
from zslib.methods.released import card_of

CARD = card_of("scgpt-blood", color="#CC79A7", marker="H", order=31)


def build(cells, *, seed=0, recipe: str = "paper", max_length: int | None = None):
    """The frozen model for the genes of these cells."""
    return released.model(CARD.name, cells, seed=seed, recipe=recipe, max_length=max_length)


def embed(adata, *, batch_key=None, seed=0, device="cpu", partial=None, **options):
    """Embeddings of cells, shape (n_cells, 512), each of length 1."""
    return released.embed(build, adata, seed=seed, device=device, partial=partial, **options)
