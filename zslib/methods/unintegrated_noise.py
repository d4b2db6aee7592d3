"""Control: the data as they are, beside dimensions of nothing but noise."""

import dataclasses

import numpy as np

from zslib.methods import unintegrated

CARD = dataclasses.replace(
    unintegrated.CARD,
    name="unintegrated-noise",
    title="unintegrated + noise",
    summary=(
        "The unintegrated data with 500 dimensions of random numbers beside them, which hold as much variance as the "
        "data. No batch is mixed by that, so a batch score that rises is fooled by noise."
    ),
    recipe="As unintegrated; then 500 independent normal dimensions of one variance, together that of all components.",
    caveat="It tests batch scores; biology scores fall, as they should.",
    citation="This book",
    marker="$N$",
)


def embed(adata, *, batch_key=None, seed=0, device="cpu", n_comps: int = 50, n_noise: int = 500):
    """Principal components and noise, shape (n_cells, n_comps + n_noise)."""
    X = unintegrated.embed(adata, n_comps=n_comps, seed=seed)
    spread = np.sqrt(X.var(axis=0).sum() / n_noise)
    return np.hstack([X, spread * np.random.default_rng(seed).standard_normal((len(X), n_noise))])
