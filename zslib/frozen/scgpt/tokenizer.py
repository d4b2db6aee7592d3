"""From counts to what scGPT reads of a cell, by the two recipes that are published.

``authors`` is what the reference package's own ``embed_data`` does: every gene of the vocabulary, and at
``<cls>`` the value of padding, as in pre-training. ``paper`` is what Kedzierska et al. (2025) did: 1,200
highly variable genes, binned among themselves, and at ``<cls>`` a zero. Scores by one do not compare
with scores by the other.

In both, a cell with more genes than the network takes loses some at random, by the seed and the cell
alone; bins were given before that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from zslib.core.errors import DataError
from zslib.datasets.matrices import csr_float32
from zslib.frozen.scgpt.binning import bin_values, sample
from zslib.frozen.tokens import Tokens

SPECIAL = ("<pad>", "<cls>", "<eoc>")
LEAST_MATCHED = 0.5
LEAST_VARYING = 10
"""The regression behind the choice crashes on a handful of genes."""


@dataclass(frozen=True, eq=False)
class ValueTokenizer:
    """One dataset's genes and one vocabulary brought together; call it with cells, any number at a time.

    Attributes
    ----------
    ids
        Token of each gene of the dataset, int32 of shape (n_genes,), or −1 where it is not read.
    matched
        How many genes of the dataset the vocabulary knows.
    cls_id, cls_value, pad_id, pad_value
        Of the special tokens.
    n_bins, max_len, seed
        See :func:`zslib.frozen.scgpt.binning.bin_values`; `max_len` counts ``<cls>``.
    empty
        What becomes of cells that express none of the genes that are read: ``error``, or ``keep``, which
        leaves them ``<cls>`` alone, so that all of them get the same embedding.
    """

    ids: np.ndarray
    matched: int
    cls_id: int
    cls_value: float
    pad_id: int
    pad_value: float
    n_bins: int = 51
    max_len: int = 1200
    seed: int = 0
    empty: str = "error"

    def __call__(self, X) -> Tokens:
        """Tokenize cells.

        Parameters
        ----------
        X
            Counts, or any transform of them that keeps zeros and order, CSR of shape (n_cells, n_genes).

        Raises
        ------
        DataError
            If a value is negative or missing, a cell is empty, or the number of genes is another.
        """
        if X.shape[1] != len(self.ids):
            raise DataError(
                f"The cells have {X.shape[1]} genes, this tokenizer was made for {len(self.ids)}."
            )
        X = csr_float32(X)
        genes, indptr = self.ids.take(X.indices), X.indptr.astype(np.int64)
        genes, values, indptr = _keep(genes >= 0, genes, X.data, indptr)
        sizes = np.diff(indptr)
        if self.empty != "keep" and not sizes.all():
            raise DataError(
                f"{int((sizes == 0).sum())} of {len(sizes)} cells express none of the genes that are read, so "
                'scGPT has nothing to say about them. Leave them out for every method, or give empty="keep".'
            )
        values = bin_values(values, genes, indptr, n_bins=self.n_bins, seed=self.seed)
        if sizes.max(initial=0) >= self.max_len:
            marked = sample(genes, indptr, self.max_len - 1, ~self.seed)
            genes, values, indptr = _keep(marked, genes, values, indptr)
        genes = np.insert(genes, indptr[:-1], self.cls_id)
        values = np.insert(values, indptr[:-1], self.cls_value)
        return Tokens(genes, indptr + np.arange(len(indptr)), values, self.pad_id, self.pad_value)


def authors(genes: Sequence[str], vocab: Mapping[str, int], *, pad_value: float = -2, **options):
    """Tokenizer of the authors' recipe, for expression as it comes: counts, or normalized.

    Parameters
    ----------
    genes
        Symbol of each gene of the dataset.
    vocab
        Id of each token of the network, see :func:`zslib.frozen.scgpt.files.read_vocab`.
    pad_value
        From the settings of the network.
    options
        `n_bins`, `max_len`, `seed` and `empty` of the :class:`ValueTokenizer`.

    Returns
    -------
    A :class:`ValueTokenizer`.

    Raises
    ------
    DataError
        If the vocabulary knows fewer than half of the genes.
    """
    return _tokenizer(match_genes(genes, vocab), vocab, pad_value, pad_value, options)


def paper(
    genes: Sequence[str],
    vocab: Mapping[str, int],
    *,
    counts=None,
    hvg=None,
    n_hvg: int = 1200,
    min_counts: int = 3,
    pad_value: float = -2,
    **options,
):
    """Tokenizer of the paper's recipe.

    The paper normalizes to 10,000 counts and takes logarithms before binning. That changes no bin and
    is left out: counts are what the tokenizer is to be called with.

    Parameters
    ----------
    genes, vocab, pad_value, options
        As for :func:`authors`.
    counts
        Raw counts of the whole dataset, CSR of shape (n_cells, n_genes), to choose the genes from.
    hvg
        The genes to read instead, bool of shape (n_genes,); then no counts are needed.
    n_hvg, min_counts
        How many genes to choose, and how many counts in all a gene must have.

    Returns
    -------
    A :class:`ValueTokenizer`.

    Raises
    ------
    DataError
        If the vocabulary knows fewer than half of the genes, or none is chosen.
    """
    ids = match_genes(genes, vocab)
    if hvg is None:
        hvg = variable_genes(counts, ids >= 0, n_hvg, min_counts)
    hvg = np.asarray(hvg, dtype=bool)
    if hvg.shape != ids.shape or not (hvg & (ids >= 0)).any():
        raise DataError(
            f"hvg must hold one True or False for each of the {len(ids)} genes, True for some that the "
            f"vocabulary knows; it has shape {hvg.shape} and {int(hvg.sum())} True."
        )
    return _tokenizer(ids, vocab, 0.0, pad_value, options, read=hvg)


RECIPES = {"authors": authors, "paper": paper}


def match_genes(genes: Sequence[str], vocab: Mapping[str, int]) -> np.ndarray:
    """Token of each gene, int32 of shape (n_genes,), −1 where there is none.

    Raises
    ------
    DataError
        If that is so for more than half of them.
    """
    ids = np.array([vocab.get(gene, -1) if gene not in SPECIAL else -1 for gene in genes], dtype=np.int32)
    if (known := int((ids >= 0).sum())) < max(LEAST_MATCHED * len(ids), 1):
        raise DataError(
            f"The vocabulary knows {known} of {len(ids)} genes, fewer than half (first of all: "
            f"{', '.join(map(str, genes[:3]))}). It holds human gene symbols such as CD3E: give symbols, "
            "not Ensembl ids, and human cells."
        )
    return ids


def variable_genes(counts, among, n_genes: int = 1200, min_counts: int = 3) -> np.ndarray:
    """Choose the most variable genes as the paper does: scanpy's ``seurat_v3`` on raw counts, no batch key.

    Parameters
    ----------
    counts
        Raw counts, CSR of shape (n_cells, n_genes_in_all).
    among
        The genes that may be chosen, bool of shape (n_genes_in_all,).
    n_genes
        How many to choose.
    min_counts
        Counts in all that a gene must have.

    Returns
    -------
    Bool of shape (n_genes_in_all,). Where fewer genes may be chosen than are asked for, all of them are.

    Raises
    ------
    DataError
        If these are not counts, or too few cells are left.
    """
    if counts is None:
        raise DataError("Variable genes are chosen from raw counts: give counts, or the genes as hvg.")
    counts = csr_float32(counts)
    if (counts.data != np.rint(counts.data)).any():
        raise DataError("The paper's recipe chooses variable genes from raw counts; these are not integers.")
    total = np.asarray(counts.sum(axis=0, dtype=np.float64)).ravel()
    left = np.flatnonzero(np.asarray(among, dtype=bool) & (total >= min_counts))
    chosen = np.zeros(counts.shape[1], dtype=bool)
    if len(left) < n_genes:  # a panel
        chosen[left] = True
        return chosen
    squares = np.asarray(counts.multiply(counts).sum(axis=0, dtype=np.float64)).ravel()
    n_varying = int((squares * counts.shape[0] > total**2)[left].sum())
    if n_varying < max(n_genes, LEAST_VARYING):
        raise DataError(
            f"{n_genes} variable genes were asked for but only {n_varying} differ between the {counts.shape[0]} cells; "
            "give more cells, or the genes as hvg."
        )
    import scanpy as sc
    from anndata import AnnData

    adata = AnnData(counts[:, left])
    try:
        found = sc.pp.highly_variable_genes(adata, flavor="seurat_v3", n_top_genes=n_genes, inplace=False)
    except ValueError as error:  # of few cells and few distinct means its regression has no solution
        raise DataError(
            f"{counts.shape[0]} cells do not suffice to choose variable genes (scanpy's seurat_v3: {error}); give more "
            "cells, or the genes as hvg."
        ) from error
    chosen[left[found["highly_variable"].to_numpy()]] = True
    return chosen


def _tokenizer(ids, vocab, cls_value, pad_value, options, read=True) -> ValueTokenizer:
    return ValueTokenizer(
        ids=np.where(read, ids, -1).astype(np.int32),
        matched=int((ids >= 0).sum()),
        cls_id=vocab["<cls>"],
        cls_value=cls_value,
        pad_id=vocab["<pad>"],
        pad_value=pad_value,
        **options,
    )


def _keep(marked, genes, values, indptr):
    """Leave out entries that are not marked."""
    kept = np.flatnonzero(marked)
    if len(kept) == len(marked):
        return genes, values, indptr
    return genes.take(kept), values.take(kept), np.searchsorted(kept, indptr)
