"""Rank-value encoding, the input of Geneformer: the genes of a cell in the order of their expression.

Counts are divided by the cell's total and by the gene's median over the corpus, and the genes found in
the cell are listed from the highest value down. The network sees the order and nothing else.

Ties, that is values equal in float64, go to the lower token id. The published tokenizer leaves them to an
unstable sort. Here the order must follow from the genes and not from where their columns stand, or two
files of the same cells would give two embeddings.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from scipy import sparse

from zslib.core.errors import DataError
from zslib.frozen.geneformer.ranking import Columns, blocks, gather, in_order, rank
from zslib.frozen.tokens import Tokens


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
        self._bits = max(ids).bit_length()
        genes = [gene for gene in token_dictionary if gene in gene_medians and not gene.startswith("<")]
        self._genes = pd.Index(genes, dtype=object)
        # An unknown gene is looked up as the last: token 0, and a median that makes its value 0.
        self._tokens = np.array([*(token_dictionary[gene] for gene in genes), 0], dtype=np.int64)
        self._medians = np.array([*(gene_medians[gene] for gene in genes), np.inf], dtype=np.float64)
        if not genes or not ((self._medians[:-1] > 0) & np.isfinite(self._medians[:-1])).all():
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
        counts = _checked_counts(counts)
        if n_counts is not None:
            n_counts = _checked_totals(n_counts, counts)
        columns = self._columns(gene_ids, counts.shape[1])
        room = self.max_length - len(self.special)
        lengths = np.zeros(counts.shape[0], dtype=np.int64)
        parts, order = [np.zeros(0, np.int32)], []
        for cells in blocks(np.diff(counts.indptr)):
            x, at = gather(counts, cells)  # (n, w)
            totals = None if n_counts is None else n_counts[cells]
            tokens = self._frame(rank(x, at, totals, columns, room)[:, :room])
            lengths[cells] = np.count_nonzero(tokens, axis=1)
            parts.append(tokens[tokens > 0])
            order.append(cells)
        flat, offsets = in_order(np.concatenate(parts), lengths, order)
        if empty == "error" and not lengths.all():
            rows = np.flatnonzero(lengths == 0)
            few = ", ".join(map(str, rows[:5])) + (" …" if len(rows) > 5 else "")
            raise DataError(
                f"{len(rows)} of {len(lengths)} cells have no counts in a known gene (rows {few}); "
                f"{np.count_nonzero(columns.tokens)} of {len(columns.tokens)} genes are known. Filter these cells out, "
                "or pass empty='keep' to get cells without tokens."
            )
        return Tokens(flat, offsets)

    def _columns(self, gene_ids: Sequence[str | None], n_columns: int) -> Columns:
        """Token and median of each column, looked up once."""
        if len(gene_ids) != n_columns:
            raise DataError(f"There are {len(gene_ids)} gene ids for {n_columns} columns.")
        names = pd.Index(gene_ids, dtype=object)
        at = self._genes.get_indexer(names)
        tokens, medians = self._tokens[at], self._medians[at]
        if not tokens.any():
            raise DataError(
                f"None of the {n_columns} gene ids, such as {', '.join(map(str, names[:3]))}, has a token. They must "
                "be human Ensembl ids; zslib.frozen.geneformer.to_ensembl makes them from symbols."
            )
        times = np.bincount(tokens)
        times[0] = 0
        return Columns(tokens=tokens, medians=medians, repeated=times[tokens] > 1, bits=self._bits)

    def _frame(self, tokens: np.ndarray) -> np.ndarray:
        """Put the special tokens, if any, around those of each cell that has some."""
        if not self.special:
            return tokens
        n, w = tokens.shape
        length = np.count_nonzero(tokens, axis=1)
        framed = np.zeros((n, w + 2), dtype=tokens.dtype)
        framed[:, 1:-1] = tokens
        framed[:, 0] = self.special[0]
        framed[np.arange(n), length + 1] = self.special[1]
        framed[length == 0] = 0
        return framed


def _checked_counts(counts) -> sparse.csr_matrix:
    """Counts as CSR without repeated entries."""
    counts = sparse.csr_matrix(counts)
    if not counts.has_canonical_format:
        counts = counts.copy()
        counts.sum_duplicates()
    # Either of the two carries a NaN through, and no comparison with it holds.
    if not (counts.data.min(initial=0) >= 0 and counts.data.max(initial=0) < np.inf):
        raise DataError("Counts must be finite and not negative: raw counts, not scaled values.")
    return counts


def _checked_totals(n_counts, counts: sparse.csr_matrix) -> np.ndarray:
    n_counts = np.asarray(n_counts, dtype=np.float64)
    if n_counts.shape != counts.shape[:1]:
        raise DataError(f"n_counts has shape {n_counts.shape} for {counts.shape[0]} cells.")
    if not ((n_counts > 0) & np.isfinite(n_counts))[np.diff(counts.indptr) > 0].all():
        raise DataError("n_counts must be positive and finite where a cell has counts.")
    return n_counts
