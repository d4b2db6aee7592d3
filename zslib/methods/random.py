"""Control: noise that knows nothing of the cells."""

import numpy as np

from zslib.methods.card import MethodCard

CARD = MethodCard(
    name="random",
    title="random",
    family="control",
    summary="Every cell gets 50 random numbers. The floor: a score here owes nothing to the cells.",
    recipe="Independent standard normal numbers, 50 per cell.",
    caveat=(
        "Random points mix batches perfectly, so a batch score alone can never tell a good embedding "
        "from an empty one."
    ),
    citation="This book",
    streams=True,
    cheap=True,
    color="#888888",
    marker="x",
)


def embed(adata, *, batch_key=None, seed=0, device="cpu", n_dims: int = 50):
    """Standard normal noise, shape (n_cells, n_dims)."""
    return np.random.default_rng(seed).standard_normal((adata.n_obs, n_dims), dtype=np.float32)
