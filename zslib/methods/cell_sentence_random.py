"""Control: the same top genes as the cell sentence, with a random vector in place of each name."""

import numpy as np

from zslib.methods import cell_sentence
from zslib.methods.card import MethodCard

CARD = MethodCard(
    name="cell-sentence-random",
    title="cell sentence, random vectors",
    family="small",
    summary=(
        "The top genes of the cell sentence, but every gene stands for a random vector and not for its name. "
        "What its name says of a gene must show as a difference from this."
    ),
    recipe=(
        "Each gene gets 384 independent normal numbers; a cell is the mean over its 40 most expressed genes, "
        "about as many as fit into the cell sentence, scaled to length 1."
    ),
    caveat=(
        "Which genes are at the top is itself information about the cell: this is no floor, random is. It has as many "
        "dimensions as the cell sentence and no network: the untrained twin is cell-sentence-untrained."
    ),
    citation="After GenePT-w, Chen & Zou, Nature Biomedical Engineering 9:483 (2025)",
    color="#8C8C8C",
    marker="1",
)


def embed(adata, *, batch_key=None, seed=0, device="cpu", n_genes: int = 40, n_dims: int = 384):
    """Mean random vectors of the top genes, shape (n_cells, n_dims), each of length 1."""
    genes, offsets = cell_sentence.top_genes(adata.X, n_genes)
    vectors = np.random.default_rng(seed).standard_normal((adata.n_vars, n_dims), dtype=np.float32)
    summed = np.add.reduceat(vectors[genes], offsets[:-1], axis=0)
    return summed / np.linalg.norm(summed, axis=1, keepdims=True)
