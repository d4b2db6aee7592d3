"""Control: Geneformer's trained weights, with every gene read as another."""

from zslib.methods import released
from zslib.methods.card import MethodCard

CARD = MethodCard(
    name="geneformer-permuted",
    title="Geneformer, genes permuted",
    family="control",
    summary=(
        "The weights of geneformer-v1-10m, with the identities of the genes shuffled: each gene of the data is read "
        "as another one, at its own place in the ranking. What the model knows of genes is gone, all else is kept."
    ),
    recipe=(
        "As geneformer-v1-10m, but that the tokens of the genes of the data are shuffled among themselves by the seed, "
        "after ranking."
    ),
    caveat=(
        "It is not Geneformer. If it scores as geneformer-v1-10m does, that score owes nothing to what was learned of "
        "genes."
    ),
    citation="After the permutation test; the weights are of Theodoris et al., doi:10.1038/s41586-023-06139-9",
    weights="those of geneformer-v1-10m",
    checkpoint="geneformer-v1-10m",
    beside_model=True,
    color="#8C8C8C",
    marker="_",
    order=97,
)


def build(cells, *, seed=0, layer: int = -2, max_length: int | None = None):
    """The model with permuted genes for these cells."""
    options = {"layer": layer, "max_length": max_length, "permute": True}
    return released.model(CARD.checkpoint, cells, seed=seed, **options)


def embed(adata, *, batch_key=None, seed=0, device="cpu", partial=None, **options):
    """Embeddings of cells, shape (n_cells, 256)."""
    return released.embed(build, adata, seed=seed, device=device, partial=partial, **options)
