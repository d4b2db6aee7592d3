"""Rank-value encoding, the input of Geneformer: the genes of a cell in the order of their expression.

Counts are divided by the cell's total and by the gene's median over the corpus, and the genes found in
the cell are listed from the highest value down. The network sees the order and nothing else.

Ties, that is values equal in float64, go to the lower token id. The published tokenizer leaves them to an
unstable sort. Here the order must follow from the genes and not from where their columns stand, or two
files of the same cells would give two embeddings.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from scipy import sparse

from zslib.errors import DataError
from zslib.frozen.tokenize.tokens import EncodingReport, Tokens

TARGET_SUM = 10_000
_BLOCK = 1 << 17  # entries sorted at once; larger ones leave the processor's cache


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

        Returns
        -------
        Tokens with their report.

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
        parts, order, truncated, lost = [np.zeros(0, np.int32)], [], 0, 0.0
        for cells in _blocks(np.diff(counts.indptr)):
            x, at = _gather(counts, cells)  # (n, w)
            totals = None if n_counts is None else n_counts[cells]
            tokens, lost_here = _rank(x, at, totals, columns, room)
            truncated += int(np.count_nonzero(tokens[:, room:].any(axis=1)))
            tokens = self._frame(tokens[:, :room])
            lengths[cells] = np.count_nonzero(tokens, axis=1)
            lost += lost_here
            parts.append(tokens[tokens > 0])
            order.append(cells)
        flat, offsets = _in_order(np.concatenate(parts), lengths, order)
        total = counts.data.sum(dtype=np.float64)
        report = EncodingReport(
            n_genes=len(columns.tokens),
            n_known=int(np.count_nonzero(columns.tokens)),
            unknown=columns.unknown,
            repeated=columns.repeated,
            share_lost=float(lost / total) if total else 0.0,
            empty_cells=tuple(np.flatnonzero(lengths == 0).tolist()),
            n_truncated=truncated,
        )
        if report.empty_cells and empty == "error":
            few = ", ".join(map(str, report.empty_cells[:5]))
            raise DataError(
                f"{len(report.empty_cells)} of {len(lengths)} cells have no counts in a known gene (rows {few}"
                f"{' …' if len(report.empty_cells) > 5 else ''}). Filter them out, or pass empty='keep' to get "
                f"cells without tokens. {report}."
            )
        return Tokens(flat, offsets, report)

    def _columns(self, gene_ids: Sequence[str | None], n_columns: int) -> "_Columns":
        """Token and median of each column, looked up once."""
        if len(gene_ids) != n_columns:
            raise DataError(f"There are {len(gene_ids)} gene ids for {n_columns} columns.")
        names = pd.Index(gene_ids, dtype=object)
        at = self._genes.get_indexer(names)
        tokens, medians = self._tokens[at], self._medians[at]
        if not tokens.any():
            raise DataError(
                f"None of the {n_columns} gene ids, such as {', '.join(map(str, names[:3]))}, has a token. They must "
                f"be human Ensembl ids; zslib.frozen.tokenize.to_ensembl makes them from symbols."
            )
        times = np.bincount(tokens)
        times[0] = 0
        repeated = np.flatnonzero(times > 1)
        return _Columns(
            tokens=tokens,
            medians=medians,
            scale=1 / medians,
            is_repeated=times[tokens] > 1,
            repeated={self._gene_of(token): int(times[token]) for token in repeated},
            unknown=tuple(str(name) for name in names[at < 0] if isinstance(name, str) and name),
            bits=self._bits,
        )

    def _gene_of(self, token: int) -> str:
        return self._genes[np.flatnonzero(self._tokens == token)[0]]

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


@dataclass(frozen=True, kw_only=True, eq=False)
class _Columns:
    """What is known of each column of a count matrix."""

    tokens: np.ndarray
    """0 where the gene is unknown."""
    medians: np.ndarray
    """Infinite where the gene is unknown, which makes its value 0."""
    scale: np.ndarray
    """One over the median."""
    is_repeated: np.ndarray
    """Whether another column has the same token."""
    repeated: dict[str, int]
    unknown: tuple[str, ...]
    bits: int
    """Bits that hold any token."""


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


def _blocks(lengths: np.ndarray) -> Iterator[np.ndarray]:
    """Cells of nearly the same number of entries, so that little is padded when they are sorted together."""
    order = np.argsort(lengths, kind="stable")
    lengths = lengths[order]
    start = 0
    while start < len(order):
        stop = np.searchsorted(lengths, lengths[start] * 1.25 + 16, side="right")
        stop = min(stop, start + max(1, _BLOCK // int(lengths[stop - 1] + 1)))
        yield order[start:stop]
        start = stop


def _gather(counts: sparse.csr_matrix, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Entries of some cells, the longest last: counts and columns, (n, w), padded with counts of 0."""
    starts, lengths = counts.indptr[cells].astype(np.intp), np.diff(counts.indptr)[cells]
    shortest, longest = int(lengths[0]), int(lengths[-1])
    parts = counts.data, counts.indices
    if starts.max() + longest <= counts.nnz:  # whole rows are copied, which is much faster than entries
        x, at = (sliding_window_view(part, longest)[starts] for part in parts)
    else:
        x, at = (part.take(starts[:, None] + np.arange(longest), mode="clip") for part in parts)
    x[:, shortest:][np.arange(shortest, longest) >= lengths[:, None]] = 0
    return x, at.astype(np.intp)


def _rank(
    x: np.ndarray, at: np.ndarray, totals: np.ndarray | None, columns: _Columns, room: int
) -> tuple[np.ndarray, float]:
    """Tokens by descending value, 0 after the last, (n, w); and the counts that lie in unknown genes.

    Sorting numbers is several times faster than sorting an order of them. So a value and its token
    become one integer: the upper bits of a positive float, which order as it does, with the token in place
    of the lowest bits. Only where two neighbors differ by so little that the bits given up could matter is
    the cell sorted again, by the formula as it is written.
    """
    low = (1 << columns.bits) - 1
    value = columns.scale.take(at, mode="clip")
    value *= x  # the total changes nothing but roundings, which are far below the bits kept
    lost = (x * (value == 0)).sum(dtype=np.float64)
    if columns.repeated:
        _sum_repeated(value, at, columns)
    key = value.view(np.int64)
    key &= ~low
    np.subtract(columns.tokens.take(at, mode="clip"), key, out=key)
    np.minimum(key, 0, out=key)  # what has no value goes last
    key.sort(axis=1)
    near = key[:, 1 : room + 1] - key[:, :-1][:, :room] < 2 << columns.bits
    near &= key[:, 1 : room + 1] < 0
    tokens = (key & low).astype(np.int32)
    unsure = np.flatnonzero(near.any(axis=1))
    if len(unsure):
        x, at = x[unsure], at[unsure]
        totals = x.sum(axis=1, dtype=np.float64) if totals is None else totals[unsure]
        tokens[unsure] = _rank_as_written(x, at, totals, columns)
    return tokens, lost


def _rank_as_written(x: np.ndarray, at: np.ndarray, totals: np.ndarray, columns: _Columns) -> np.ndarray:
    """Tokens by descending value and, where these are equal, by ascending token, 0 after the last; (n, w)."""
    x = x.astype(np.float64)
    if columns.repeated:
        _sum_repeated(x, at, columns)
    value = x / totals[:, None] * TARGET_SUM / columns.medians[at]
    tokens = np.where(value > 0, columns.tokens[at], 0)
    return np.take_along_axis(tokens, np.lexsort((tokens, -value), axis=1), axis=1)


def _sum_repeated(x: np.ndarray, at: np.ndarray, columns: _Columns) -> None:
    """Put the sum over the columns of a repeated gene into the first of them, 0 into the others; in place."""
    entry = np.flatnonzero(columns.is_repeated.take(at, mode="clip"))
    flat, width = x.reshape(-1), x.shape[1]
    entry = entry[flat[entry] > 0]
    gene = (entry // width << columns.bits) + columns.tokens[at.reshape(-1)[entry]]
    _, first, group = np.unique(gene, return_index=True, return_inverse=True)
    sums = np.bincount(group, weights=flat[entry])
    flat[entry] = 0
    flat[entry[first]] = sums


def _in_order(
    flat: np.ndarray, lengths: np.ndarray, order: list[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Bring cells that lie in another order back into theirs."""
    order = np.concatenate([np.zeros(0, np.int64), *order]).astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths[order])])
    # Cells of different lengths are what the rows of a CSR matrix are, and it picks rows fast.
    ragged = sparse.csr_matrix((flat, flat, starts), shape=(len(order), int(flat.max(initial=0)) + 1))
    ragged = ragged[np.argsort(order)]
    return ragged.data, ragged.indptr.astype(np.int64)
