"""Control: Geneformer's network and tokens with weights that were never trained."""

from dataclasses import replace

from zslib.methods import released
from zslib.methods.card import MethodCard

CARD = MethodCard(
    name="geneformer-random",
    title="Geneformer's network, untrained",
    family="control",
    summary=(
        "The network and the input of Geneformer V1, with the random weights that training starts from. What "
        "pre-training adds must show as a difference from this."
    ),
    recipe=(
        "Six layers, 256 dimensions, weights drawn by BERT's initialization from the seed; genes ranked as Geneformer "
        "does, by the published medians where those are here, and else by the medians of the cells themselves; "
        "the embedding taken as the paper does."
    ),
    caveat=(
        "It is not Geneformer. One draw of weights is one draw: the profile says how many seeds were run, and how "
        "many genes of a cell were read."
    ),
    citation="Theodoris et al., Nature 618:616 (2023), doi:10.1038/s41586-023-06139-9, for the network",
    beside_model=True,
    color="#8C8C8C",
    marker="4",
    order=96,
)
MOST = 50_000
"""Cells that own medians are taken from, so that a large file need not be read whole."""


def build(cells, *, seed=0, layer: int = -2, max_length: int | None = None):
    """The untrained model for the genes of these cells."""
    from zslib.frozen import geneformer

    dictionaries, whose = geneformer.dictionaries_here(cells.read(0, min(MOST, cells.n_cells)), cells.var)
    network = geneformer.untrained(seed, dictionaries)
    options = {"layer": layer, "max_length": max_length}
    model = geneformer.frozen(network, dictionaries, cells.var, f"untrained, seed {seed}", **options)
    return replace(model, report={"medians": whose, **model.report})


def embed(adata, *, batch_key=None, seed=0, device="cpu", partial=None, **options):
    """Embeddings of cells, shape (n_cells, 256)."""
    return released.embed(build, adata, seed=seed, device=device, partial=partial, **options)
