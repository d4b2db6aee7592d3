"""Value binning: an expressed gene gets the bin, 1 to 50, that its value falls in within its cell.

The 50 edges of a cell are quantiles of its non-zero values. Counts are small, so many edges coincide,
and a value on several of them gets one of the bins between at random, as in scGPT's pre-training. Here
that chance comes from the seed and from which genes the cell expresses, never from what was binned
before: a cell's bins are the same alone, in any company and in any order.

Only the order of the values within a cell matters: counts and their logarithms give the same bins.
That is why it is here: the reference package cannot give it, and takes three times as long (all cells of kang to padded
batches, as ``benchmarks/agreement_scgpt.py --speed`` times them).
"""

from collections.abc import Callable
from functools import cache

import numpy as np

from zslib.core.errors import DataError

TIES = ("random", "middle")
ENTRIES, CELLS = 1 << 17, 1 << 13
"""Of a block: they fit a processor's cache, and a key of 64 bits."""


def bin_values(data, genes, indptr, *, n_bins: int = 51, seed: int = 0, ties: str = "random") -> np.ndarray:
    """Bins of the non-zero values of cells, given as the three arrays of a CSR matrix.

    Parameters
    ----------
    data
        Positive values, shape (n_entries,), taken as float32.
    genes
        Gene of each value, shape (n_entries,): its number from 0, the same in every call, such as its
        id in a vocabulary. Used for the random choice only.
    indptr
        Where each cell starts, and the end of the last: shape (n_cells + 1,).
    n_bins
        Number of bins, that of zero included.
    seed
        Of the random choice.
    ties
        What a value on several edges gets: ``random``, one of the bins between, by seed, cell and
        gene; ``middle``, the middle one, without chance, which no published model was trained on.

    Returns
    -------
    Bins from 1 to ``n_bins - 1``, float32 of shape (n_entries,).

    Raises
    ------
    DataError
        If a value is not positive and finite, or `ties` is none of these.

    Notes
    -----
    As ``scgpt.preprocess.binning`` (0.2.4), which also draws uniformly. An edge lies on a value or between
    two, whatever these are; the reference computes it, and where it comes to lie within rounding of a value,
    that value's bin may differ. In the 9.5 million counts of the dataset kang none does.
    """
    if ties not in TIES:
        raise DataError(f"ties is {ties!r}; it must be one of {', '.join(TIES)}.")
    data, indptr = np.ascontiguousarray(data, dtype=np.float32), np.asarray(indptr, dtype=np.int64)
    genes = np.asarray(genes)
    if len(data) and not (data.min() > 0 and data.max() < np.inf):
        raise DataError(
            "The expression to bin must be positive and finite where a gene is expressed. Give counts, or "
            "counts normalized so that zero stays zero (log1p does); not scaled, centered or missing values."
        )
    return _by_block(lambda *cells: _binned(*cells, n_bins, seed, ties), indptr, data, genes)


def _binned(indptr, data: np.ndarray, genes: np.ndarray, n_bins: int, seed: int, ties: str) -> np.ndarray:
    """As :func:`bin_values`, of a few cells."""
    order, keys = _sorted(data.view(np.uint32), indptr)  # positive floats sort as their bits do
    first = np.flatnonzero(np.diff(keys, prepend=~keys[:1]))  # of each run of equal values of a cell
    counted = np.diff(first, append=len(data))
    cell = np.searchsorted(indptr, first, side="right") - 1
    below = first - indptr[cell]
    low, high = _edges(below, below + counted, np.diff(indptr)[cell], n_bins)
    run = np.empty(len(data), dtype=np.int64)
    run[order] = np.repeat(np.arange(len(first)), counted)
    u = draw(genes, indptr, seed) * 2.0**-32 if ties == "random" else 0.5
    # uniform on {low + 1, ..., high}; where no edge equals the value, low is high
    return np.ceil(u * (low - high).take(run) + high.take(run)).astype(np.float32)


def draw(genes, indptr, seed: int) -> np.ndarray:
    """One random number per entry, which depends on the seed, the gene and the cell's set of genes only.

    Parameters
    ----------
    genes, indptr
        As for :func:`bin_values`.
    seed
        Other seeds give unrelated numbers.

    Returns
    -------
    Uniform 32-bit integers, uint32 of shape (n_entries,), all different within a cell.
    """
    genes, indptr = np.asarray(genes), np.asarray(indptr, dtype=np.int64)
    wide, narrow = _scrambled(int(genes.max(initial=0)).bit_length())
    sizes = np.diff(indptr)
    total = np.zeros(len(sizes), dtype=np.uint64)  # over the genes of each cell, wrapping around
    total[sizes > 0] = np.add.reduceat(wide.take(genes), indptr[:-1][sizes > 0])
    cell = _mix64(total ^ _mix64(np.array([seed], dtype=np.int64).view(np.uint64)))
    cell = np.repeat((cell >> np.uint64(32)).astype(np.uint32), sizes)
    return _mix32(narrow.take(genes) ^ cell)


def sample(genes, indptr, n: int, seed: int) -> np.ndarray:
    """Mark `n` entries of each cell at random, or all of a cell that has no more.

    Parameters
    ----------
    genes, indptr
        As for :func:`bin_values`.
    n
        How many.
    seed
        Not that of the bins, or a gene's bin would bear on its chance to stay.

    Returns
    -------
    Bool of shape (n_entries,); which entries of a cell are True depends on its genes and the seed only.
    """
    genes, indptr = np.asarray(genes), np.asarray(indptr, dtype=np.int64)

    def marked(indptr, genes) -> np.ndarray:
        if np.diff(indptr).max(initial=0) <= n:  # nothing to draw
            return np.ones(len(genes), dtype=bool)
        order, _ = _sorted(draw(genes, indptr, seed), indptr)
        found = np.empty(len(order), dtype=bool)
        found[order] = np.arange(len(order)) - np.repeat(indptr[:-1], np.diff(indptr)) < n
        return found

    return _by_block(marked, indptr, genes)


def _by_block(function: Callable[..., np.ndarray], indptr: np.ndarray, *entries: np.ndarray) -> np.ndarray:
    """Apply a function to as many cells at a time as a processor's cache and a key of 64 bits hold."""
    found, start = [function(indptr[:1] * 0, *(values[:0] for values in entries))], 0
    while start < len(indptr) - 1:
        stop = int(np.searchsorted(indptr, indptr[start] + ENTRIES, side="right")) - 1
        stop = min(max(stop, start + 1), start + CELLS)
        some = slice(indptr[start], indptr[stop])
        found.append(
            function(indptr[start : stop + 1] - indptr[start], *(values[some] for values in entries))
        )
        start = stop
    return np.concatenate(found)


def _sorted(numbers: np.ndarray, indptr: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sort 32-bit numbers within cells: the entries in order, and their cell and number as one integer."""
    sizes = np.diff(indptr)
    bits = int(sizes.max(initial=1)).bit_length()  # of a position in a cell
    cell = np.repeat(np.arange(len(sizes), dtype=np.uint64) << np.uint64(32), sizes)
    starts = np.repeat(indptr[:-1], sizes)
    # To sort the positions along with the numbers is faster than to find the order of the numbers.
    position = (np.arange(len(numbers)) - starts).astype(np.uint64)
    keys = np.sort((cell | numbers) << np.uint64(bits) | position)
    return (keys & np.uint64((1 << bits) - 1)).astype(np.int64) + starts, keys >> np.uint64(bits)


def _edges(below: np.ndarray, upto: np.ndarray, size: np.ndarray, n_bins: int):
    """Count the edges below a value, and at or below it, from how many entries are below and up to it.

    Edge k of 0 … n_bins - 2 lies among the sorted entries, at position (size - 1) k / (n_bins - 2) counted
    from 0. As the reference, multiply by k / (n_bins - 2) in floating point, which puts some edges just
    beside the entry that they belong on: hence the second steps.
    """
    last, gaps = n_bins - 2, np.maximum(size - 1, 1)
    share = np.linspace(0, 1, n_bins - 1)
    low = -(-below * last // gaps)
    low += share[low] * (size - 1) < below
    high = (upto - 1) * last // gaps + 1
    high -= share[high - 1] * (size - 1) > upto - 1
    return low.astype(np.float64), np.where(size == 1, n_bins - 1.0, high)


@cache
def _scrambled(bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers for the genes below ``2**bits``, of 64 and of 32 bits."""
    return _mix64(np.arange(1 << bits, dtype=np.uint64)), _mix32(np.arange(1 << bits, dtype=np.uint32))


def _mix64(x: np.ndarray) -> np.ndarray:
    """Scramble 64-bit integers, one to one: the finalizer of SplitMix64 (Steele et al. 2014)."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ x >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ x >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return x ^ x >> np.uint64(31)


def _mix32(x: np.ndarray) -> np.ndarray:
    """Scramble 32-bit integers, one to one: the finalizer of MurmurHash3 (Appleby, public domain)."""
    x = (x ^ x >> np.uint32(16)) * np.uint32(0x85EBCA6B)
    x = (x ^ x >> np.uint32(13)) * np.uint32(0xC2B2AE35)
    return x ^ x >> np.uint32(16)
