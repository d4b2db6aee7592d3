"""Control: the same cells, counted again with half of the molecules."""

import numpy as np
from scipy import sparse

from zslib.core.errors import DataError
from zslib.datasets.counts import of_layer
from zslib.datasets.prepare import log_normalize
from zslib.methods import hvg_pca
from zslib.methods.card import MethodCard

CARD = MethodCard(
    name="split-half-a",
    title="split half A",
    family="control",
    summary=(
        "Every molecule is dealt to one of two halves by the toss of a coin, and this half is analyzed as if it were "
        "the data. The two halves are technical replicates: all that differs between them is noise."
    ),
    recipe=(
        "Counts thinned binomially with probability ½; then as hvg-pca: normalization, choice of genes and "
        "components anew."
    ),
    caveat="It has half the depth, so it shows noise somewhat larger than that of the whole data.",
    citation="After count splitting, Neufeld et al., Biostatistics 25:270 (2024), doi:10.1093/biostatistics/kxac047",
    trained_on_target=True,
    tests_metrics=True,
    color="#555555",
    marker="$A$",
)


def embed(adata, *, batch_key=None, seed=0, device="cpu", n_genes: int = 2000, n_comps: int = 50):
    """Principal components of the first half, shape (n_cells, n_comps)."""
    return analyze(halves(of_layer(adata), seed)[0], n_genes, n_comps)


def halves(counts: sparse.csr_matrix, seed: int) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Deal every molecule to one of two halves.

    Parameters
    ----------
    counts
        Whole numbers, CSR of shape (n_cells, n_genes).
    seed
        Of the coin.

    Returns
    -------
    Two matrices of the same shape whose sum is `counts`.
    """
    first, second = thinned(counts, 0.5, seed), counts.copy()
    second.data = counts.data - first.data
    for half in (first, second):
        half.eliminate_zeros()
    return first, second


def thinned(counts: sparse.csr_matrix, share: float, seed: int) -> sparse.csr_matrix:
    """Keep every molecule with the same chance; CSR of the same entries, some of them zero."""
    kept = counts.copy()
    drawn = np.random.default_rng(seed).binomial(counts.data.astype(np.int64), share)
    kept.data = drawn.astype(counts.dtype)
    return kept


def analyze(counts: sparse.csr_matrix, n_genes: int, n_comps: int) -> np.ndarray:
    """The standard analysis of a matrix of counts, shape (n_cells, n_comps).

    Raises
    ------
    DataError
        If a cell has no molecule left.
    """
    import anndata as ad

    empty = np.asarray(counts.sum(axis=1)).ravel() == 0
    if empty.any():
        raise DataError(
            f"{empty.sum()} cells have no molecule in one half; leave cells of so few counts out (min_genes)"
        )
    return hvg_pca.embed(ad.AnnData(log_normalize(counts)), n_genes=n_genes, n_comps=n_comps)
