"""Rank-value encoding, the input of Geneformer: the genes of a cell in the order of their expression.

Counts are divided by the cell's total and by the gene's median over the corpus, and the genes found in
the cell are listed from the highest value down. The network sees the order and nothing else.

Ties, that is values equal in float64, go to the lower token id. The published tokenizer leaves them to an
unstable sort. Here the order must follow from the genes and not from where their columns stand, or two
files of the same cells would give two embeddings.

It takes as long as the published loop over rows of a sparse matrix (0.9 times as fast on the 13,576 cells of kang, by
``benchmarks/agreement_geneformer.py --speed``), and is here for that order and for genes that have several columns.
"""

import itertools
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from scipy import sparse

from zslib.core.errors import DataError
from zslib.frozen.tokens import Tokens

TARGET_SUM = 10_000
"""Counts that each cell is scaled to."""


class RankValueEncoder:
    """Turns counts into Geneformer's tokens.

    Parameters
    ----------
    token_dictionary
        Token of each Ensembl id, and of ``<pad>``, which must be 0.
    gene_medians
        Median of each gene over the corpus, by Ensembl id. Genes without one are not used.
    max_length
        Most tokens of a cell, special ones included: 2048 for V1, 4096 for V2.
    special
        Put each cell between ``<cls>`` and ``<eos>``, as V2 does and V1 does not.

    Raises
    ------
    DataError
        If the dictionaries are not those of such a network.
    """

    def __init__(
        self,
        token_dictionary: Mapping[str, int],
        gene_medians: Mapping[str, float],
        *,
        max_length: int,
        special: bool,
    ):
        ids = [int(token) for token in token_dictionary.values()]
        if token_dictionary.get("<pad>") != 0 or len(set(ids)) < len(ids) or min(ids) < 0:
            raise DataError("The token dictionary must give every gene an id of its own, and <pad> 0.")
        genes = [gene for gene in token_dictionary if gene in gene_medians and not gene.startswith("<")]
        genes.sort(key=token_dictionary.get)
        self._genes = pd.Index(genes, dtype=object)
        self._tokens = np.array([token_dictionary[gene] for gene in genes], dtype=np.int32)
        self._medians = np.array([gene_medians[gene] for gene in genes], dtype=np.float64)
        if not genes or not ((self._medians > 0) & np.isfinite(self._medians)).all():
            raise DataError("The medians must be positive and finite, under the ids of the token dictionary.")
        if special and not {"<cls>", "<eos>"} <= set(token_dictionary):
            raise DataError("This token dictionary has no <cls> and <eos>: it is of V1, so special=False.")
        self.special = tuple(int(token_dictionary[name]) for name in ("<cls>", "<eos>")) if special else ()
        if max_length <= len(self.special):
            raise DataError(f"max_length={max_length} leaves no room for genes.")
        self.max_length = max_length

    def encode(
        self,
        counts: sparse.csr_matrix,
        gene_ids: Sequence[str | None],
        n_counts: np.ndarray | None = None,
        *,
        empty: Literal["error", "keep"] = "error",
    ) -> Tokens:
        """Tokens of all cells; those of a cell depend on that cell alone.

        Parameters
        ----------
        counts
            Raw counts of shape (n_cells, n_genes), zero or more.
        gene_ids
            Ensembl id of each column, without version; None or empty where there is none. Columns of the
            same id are summed.
        n_counts
            Total counts of each cell, shape (n_cells,), where `counts` does not hold all of its genes;
            their sum if None. Dividing a cell by a number changes its order nowhere but among values that
            differ by rounding alone.
        empty
            What becomes of cells without counts in a known gene: an error, or a cell without tokens, not
            even special ones.

        Raises
        ------
        DataError
            If counts are negative or not finite, shapes disagree, no gene is known, or a cell is empty.
        """
        counts = sparse.csr_matrix(counts)
        # Either of the two carries a NaN through, and no comparison with it holds.
        if not (counts.data.min(initial=0) >= 0 and counts.data.max(initial=0) < np.inf):
            raise DataError("Counts must be finite and not negative: raw counts, not scaled values.")
        summed, genes = self._by_gene(counts, gene_ids)
        if n_counts is None:
            totals = np.asarray(counts.sum(axis=1, dtype=np.float64)).ravel()
        else:
            totals = _checked_totals(n_counts, counts)
        lengths = np.diff(summed.indptr)
        value = summed.data / np.repeat(totals, lengths) * TARGET_SUM / self._medians[genes][summed.indices]
        tokens = self._tokens[genes][summed.indices]
        room, cells = self.max_length - len(self.special), [np.zeros(0, np.int32)]
        for start, stop in itertools.pairwise(summed.indptr):
            found = tokens[start:stop][np.argsort(-value[start:stop], kind="stable")[:room]]
            if self.special and len(found):
                found = np.concatenate([self.special[:1], found, self.special[1:]], dtype=np.int32)
            cells.append(found)
        if empty == "error" and not lengths.all():
            rows = np.flatnonzero(lengths == 0)
            few = ", ".join(map(str, rows[:5])) + (" …" if len(rows) > 5 else "")
            raise DataError(
                f"{len(rows)} of {len(lengths)} cells have no counts in a known gene (rows {few}); "
                f"{len(genes)} of {counts.shape[1]} genes are known. Filter these cells out, or pass empty='keep' to get "
                "cells without tokens."
            )
        return Tokens(np.concatenate(cells), np.cumsum([len(cell) for cell in cells], dtype=np.int64))

    def _by_gene(self, counts, gene_ids: Sequence[str | None]) -> tuple[sparse.csr_matrix, np.ndarray]:
        """Counts with one column for each known gene, by ascending token, and which of the genes these are."""
        if len(gene_ids) != counts.shape[1]:
            raise DataError(f"There are {len(gene_ids)} gene ids for {counts.shape[1]} columns.")
        names = pd.Index(gene_ids, dtype=object)
        at = self._genes.get_indexer(names)
        known = np.flatnonzero(at >= 0)
        if not len(known):
            raise DataError(
                f"None of the {len(names)} gene ids, such as {', '.join(map(str, names[:3]))}, has a token. They must "
                "be human Ensembl ids; zslib.frozen.geneformer.to_ensembl makes them from symbols."
            )
        genes, place = np.unique(at[known], return_inverse=True)
        sums = sparse.csr_matrix((np.ones(len(known)), (known, place)), (len(names), len(genes)))
        summed = counts @ sums
        summed.eliminate_zeros()
        summed.sort_indices()  # a stable sort by value then leaves ties in the order of tokens
        return summed, genes


def _checked_totals(n_counts, counts: sparse.csr_matrix) -> np.ndarray:
    n_counts = np.asarray(n_counts, dtype=np.float64)
    if n_counts.shape != counts.shape[:1]:
        raise DataError(f"n_counts has shape {n_counts.shape} for {counts.shape[0]} cells.")
    if not ((n_counts > 0) & np.isfinite(n_counts))[np.diff(counts.indptr) > 0].all():
        raise DataError("n_counts must be positive and finite where a cell has counts.")
    return n_counts
