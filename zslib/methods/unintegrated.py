"""Control: the data as they are, nothing selected and nothing integrated."""

from zslib.datasets.prepare import pca
from zslib.methods.card import MethodCard

CARD = MethodCard(
    name="unintegrated",
    title="unintegrated",
    family="control",
    summary=(
        "Principal components of all genes. All that the data hold is in it, batch effects included: whoever claims "
        "to remove these must score above it."
    ),
    recipe="log1p of counts per 10,000, all kept genes, centered; PCA to 50 components (arpack).",
    caveat="Its PCR comparison is 0 by definition, since it is what that score compares with.",
    citation="After the control methods of Luecken et al., Open Problems in Single-Cell Analysis",
    trained_on_target=True,
    streams=True,
    tests_metrics=True,
    color="#777777",
    marker="$U$",
)


def embed(adata, *, batch_key=None, seed=0, device="cpu", n_comps: int = 50):
    """Principal components of all genes, shape (n_cells, n_comps), in units of log expression."""
    return pca(adata.X, n_comps=n_comps, seed=seed)
