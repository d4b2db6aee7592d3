"""Control: all genes, summed with random weights."""

import numpy as np

from zslib.datasets.parts import parts
from zslib.methods.card import MethodCard

CARD = MethodCard(
    name="random-projection",
    title="random projection",
    family="control",
    summary=(
        "All genes squeezed into 50 dimensions by random weights, with nothing learned. A learned embedding "
        "must beat it."
    ),
    recipe=(
        "log1p of counts per 10,000, all kept genes, times a genes × 50 matrix of independent normal "
        "numbers of variance 1/50, which keeps distances between cells in expectation."
    ),
    caveat="It keeps whatever structure the data have, batch effects included, blurred by the projection.",
    citation="Johnson & Lindenstrauss, Contemporary Mathematics 26:189 (1984)",
    streams=True,
    cheap=True,
    color="#6F6F6F",
    marker="P",
)


def embed(adata, *, batch_key=None, seed=0, device="cpu", n_dims: int = 50):
    """Random projections of expression, shape (n_cells, n_dims)."""
    weights = np.random.default_rng(seed).standard_normal((adata.n_vars, n_dims)) / np.sqrt(n_dims)
    return np.vstack([(part @ weights).astype(np.float32) for part in parts(adata.X)])
