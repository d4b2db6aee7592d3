"""Control: an embedding in which cells have changed places within their batch."""

import numpy as np

from zslib.core.errors import NotApplicable
from zslib.methods import hvg_pca
from zslib.methods.card import MethodCard

CARD = MethodCard(
    name="shuffled-labels",
    title="shuffled labels",
    family="control",
    summary=(
        "The principal components of the variable genes, exchanged among the cells of each batch: the same as to "
        "shuffle the cell types within batches. It knows the batches still and the types no longer."
    ),
    recipe="As hvg-pca; then the rows are permuted at random within each batch.",
    caveat=(
        "A biology score above the other floors can only come from batches that hold different types, which is "
        "confounding and not biology."
    ),
    citation="After the control methods of Luecken et al., Open Problems in Single-Cell Analysis",
    streams=True,
    tests_metrics=True,
    color="#909090",
    marker="$L$",
)


def embed(adata, *, batch_key=None, seed=0, device="cpu", n_genes: int = 2000, n_comps: int = 50):
    """Principal components of other cells of the batch, shape (n_cells, n_comps).

    Raises
    ------
    NotApplicable
        If there is one batch: then it is what shuffled-cells is.
    """
    if batch_key is None:
        raise NotApplicable("With one batch, to shuffle labels within batches is to shuffle the cells.")
    X = hvg_pca.embed(adata, seed=seed, n_genes=n_genes, n_comps=n_comps)
    rng, batch, source = np.random.default_rng(seed), adata.obs[batch_key].to_numpy(), np.arange(len(X))
    for name in np.unique(batch):
        mine = batch == name
        source[mine] = rng.permutation(source[mine])
    return X[source]
