"""Control: the other half of the molecules of the same cells."""

import dataclasses

from zslib.datasets.counts import of_layer
from zslib.methods import split_half_a

CARD = dataclasses.replace(
    split_half_a.CARD,
    name="split-half-b",
    title="split half B",
    summary="The other half of the molecules. What it scores otherwise than split half A is technical noise.",
    marker="$B$",
)


def embed(adata, *, batch_key=None, seed=0, device="cpu", n_genes: int = 2000, n_comps: int = 50):
    """Principal components of the second half, shape (n_cells, n_comps)."""
    return split_half_a.analyze(split_half_a.halves(of_layer(adata), seed)[1], n_genes, n_comps)
