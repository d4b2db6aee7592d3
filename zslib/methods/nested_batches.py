"""Control: batches that lie in pairs, the pairs far apart."""

import dataclasses

import numpy as np

from zslib.core.errors import NotApplicable
from zslib.methods import unintegrated

CARD = dataclasses.replace(
    unintegrated.CARD,
    name="nested-batches",
    title="nested batches",
    summary=(
        "The unintegrated data with the batches of each half brought to one mean, and the halves far apart. "
        "A score that asks for the nearest other batch alone calls that mixed."
    ),
    recipe=(
        "As unintegrated; each batch centered; then every other batch, in the order of their names, is moved by four "
        "times the spread of the cells in a dimension of its own. Needs four batches."
    ),
    caveat="It tests batch scores alone.",
    citation="After Rautenstrauch & Ohler, Nat Biotechnol (2025), doi:10.1038/s41587-025-02743-4",
    sees_batch=True,
    marker="$Z$",
)


def embed(adata, *, batch_key=None, seed=0, device="cpu", n_comps: int = 50):
    """Components centered by batch, and the half of the batch, shape (n_cells, n_comps + 1)."""
    names, batch = np.unique(adata.obs["batch"].to_numpy(str), return_inverse=True)
    if len(names) < 4:
        raise NotApplicable("fewer than four batches cannot lie in two halves of two or more")
    X = unintegrated.embed(adata, n_comps=n_comps, seed=seed)
    for code in range(len(names)):
        X[batch == code] -= X[batch == code].mean(axis=0)
    apart = 4 * np.sqrt(X.var(axis=0).sum())
    return np.column_stack([X, apart * (batch % 2)])
