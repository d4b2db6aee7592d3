"""Control: a good embedding whose rows have been given to other cells."""

import numpy as np

from zslib.methods import hvg_pca
from zslib.methods.card import MethodCard

CARD = MethodCard(
    name="shuffled-cells",
    title="shuffled cells",
    family="control",
    summary=(
        "The principal components of the variable genes, dealt out to the cells at random. The cloud of points is "
        "that of a good embedding, and no point has to do with its cell."
    ),
    recipe="As hvg-pca; then the rows are permuted at random.",
    caveat=(
        "What it scores, the shape of a cloud scores by itself. A method that comes out here has mixed up its rows."
    ),
    citation="After the control methods of Luecken et al., Open Problems in Single-Cell Analysis",
    streams=True,
    tests_metrics=True,
    color="#909090",
    marker="$C$",
)


def embed(adata, *, batch_key=None, seed=0, device="cpu", n_genes: int = 2000, n_comps: int = 50):
    """Principal components of other cells, shape (n_cells, n_comps)."""
    X = hvg_pca.embed(adata, seed=seed, n_genes=n_genes, n_comps=n_comps)
    return X[np.random.default_rng(seed).permutation(len(X))]
