"""Control: scGPT's trained weights, with every gene read as another."""

from zslib.methods import released
from zslib.methods.card import MethodCard

CARD = MethodCard(
    name="scgpt-permuted",
    title="scGPT, genes permuted",
    family="control",
    summary=(
        "The weights of scgpt-human, with the identities of the genes shuffled: each gene of the data is read as "
        "another one. What the model knows of genes is gone, all else is kept."
    ),
    recipe="As scgpt-human, but that the ids of the genes of the data are shuffled among themselves by the seed.",
    caveat="It is not scGPT. If it scores as scgpt-human does, that score owes nothing to what was learned of genes.",
    citation="After the permutation test; the weights are of Cui et al., doi:10.1038/s41592-024-02201-0",
    weights="those of scgpt-human",
    checkpoint="scgpt-human",
    beside_model=True,
    color="#8C8C8C",
    marker="|",
    order=95,
)


def build(cells, *, seed=0, recipe: str = "paper", max_length: int | None = None):
    """The model with permuted genes for these cells."""
    options = {"recipe": recipe, "max_length": max_length, "permute": True}
    return released.model(CARD.checkpoint, cells, seed=seed, **options)


def embed(adata, *, batch_key=None, seed=0, device="cpu", partial=None, **options):
    """Embeddings of cells, shape (n_cells, 512), each of length 1."""
    return released.embed(build, adata, seed=seed, device=device, partial=partial, **options)
