"""Control: scGPT's network and tokens with weights that were never trained."""

from zslib.methods import released
from zslib.methods.card import MethodCard

CARD = MethodCard(
    name="scgpt-random",
    title="scGPT's network, untrained",
    family="control",
    summary=(
        "The network and the input of scGPT, with the random weights that training starts from. What pre-training "
        "adds must show as a difference from this: a random network, too, keeps like cells together."
    ),
    recipe=(
        "Twelve layers, 512 dimensions, 51 million weights drawn by the reference's initialization from the seed; "
        "the vocabulary of the released checkpoints; the paper's recipe of tokens and embedding."
    ),
    caveat=(
        "It is not scGPT. One draw of weights is one draw: the profile says how many seeds were run, and up to "
        "how many tokens of a cell were read."
    ),
    citation="Cui et al., Nature Methods 21:1470 (2024), doi:10.1038/s41592-024-02201-0, for the network",
    beside_model=True,
    color="#8C8C8C",
    marker="+",
    order=94,
)


def build(cells, *, seed=0, recipe: str = "paper", max_length: int | None = None):
    """The untrained model for the genes of these cells."""
    from zslib.frozen import scgpt

    counts = cells.read(0, cells.n_cells) if recipe == "paper" else None
    options = {"counts": counts, "recipe": recipe, "seed": seed, "max_length": max_length}
    return scgpt.frozen(*scgpt.untrained(seed), cells.var, f"untrained, seed {seed}", **options)


def embed(adata, *, batch_key=None, seed=0, device="cpu", partial=None, **options):
    """Embeddings of cells, shape (n_cells, 512), each of length 1."""
    return released.embed(build, adata, seed=seed, device=device, partial=partial, **options)
