"""Control: the network of geneformer-mini-kang with weights that were never trained."""

from zslib.methods import mini, released

TWIN = "geneformer-mini-kang"
CARD = mini.untrained_card(TWIN, order=99, marker="$g_0$")


def build(cells, *, seed=0, max_length: int | None = None):
    """The untrained model for the genes of these cells."""
    return mini.model(TWIN, cells, seed=seed, untrained=True, max_length=max_length)


def embed(adata, *, batch_key=None, seed=0, device="cpu", partial=None, **options):
    """Embeddings of cells, shape (n_cells, 64)."""
    return released.embed(build, adata, seed=seed, device=device, partial=partial, **options)
