"""Value binning: an expressed gene gets the bin, 1 to 50, that its value falls in within its cell.

The 50 edges of a cell are quantiles of its non-zero values. Counts are small, so many edges coincide,
and a value on several of them gets one of the bins between at random, as in scGPT's pre-training. Here
that chance comes from the seed and from which genes the cell expresses, never from what was binned
before: a cell's bins are the same alone, in any company and in any order.

Only the order of the values within a cell matters: counts and their logarithms give the same bins.
``benchmarks/agreement_scgpt.py --speed`` times them beside the reference package's loop over cells.
"""

from collections.abc import Iterator
from functools import cache

import numpy as np

from zslib.core.errors import DataError

TIES = ("random", "middle", "reference")
_ENTRIES, _CELLS = 1 << 17, 1 << 13  # of a block: they fit a processor's cache, and a key of 64 bits


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
        gene; ``middle``, the middle one, without chance, which no published model was trained on;
        ``reference``, as the reference package draws it after ``numpy.random.seed(seed)``, where a
        cell's bins depend on the cells before it.

    Returns
    -------
    Bins from 1 to ``n_bins - 1``, float32 of shape (n_entries,).

    Raises
    ------
    DataError
        If a value is not positive and finite, or `ties` is none of these.

    Notes
    -----
    As ``scgpt.preprocess.binning`` (0.2.4), which also draws uniformly. With ``reference`` the bins are
    the same number for number. Otherwise an edge lies on a value or between two, whatever these are; the
    reference computes it, and where it comes to lie within rounding of a value, that value's bin may
    differ. In the 9.5 million counts of the dataset kang none does.
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
    if ties == "reference":
        chance = np.random.RandomState(seed).random_sample(len(data))
    bins = np.empty(len(data), dtype=np.float32)
    for cells, entries in blocks(indptr):
        starts = indptr[cells] - indptr[cells][0]
        run, cell, first, counted = _runs(data[entries], starts)
        if ties == "reference":
            low, high = _edges_rounded(data[entries], starts, run, cell, first, n_bins)
        else:
            below = first - starts[cell]
            low, high = _edges(below, below + counted, np.diff(starts)[cell], n_bins)
        if ties == "random":
            u = draw(genes[entries], starts, seed) * 2.0**-32
        else:
            u = chance[entries] if ties == "reference" else 0.5
        # uniform on {low + 1, ..., high}; where no edge equals the value, low is high
        bins[entries] = np.ceil(u * (low - high).take(run) + high.take(run))
    return bins


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
    genes, sizes = np.asarray(genes), np.diff(indptr)
    marked = np.ones(len(genes), dtype=bool)
    entry = np.flatnonzero(np.repeat(sizes > n, sizes))  # of the cells that have more
    indptr = np.concatenate([[0], np.cumsum(sizes[sizes > n])])
    for cells, entries in blocks(indptr):
        starts = indptr[cells] - indptr[cells][0]
        order, _ = _sorted(draw(genes[entry[entries]], starts, seed), starts)
        rank = np.arange(len(order)) - np.repeat(starts[:-1], np.diff(starts))
        marked[entry[entries][order[rank >= n]]] = False
    return marked


def blocks(indptr: np.ndarray) -> Iterator[tuple[slice, slice]]:
    """Cut into blocks of whole cells: slices of `indptr`, with the end of the last, and of the entries."""
    start, n_cells = 0, len(indptr) - 1
    while start < n_cells or start == 0:
        stop = int(np.searchsorted(indptr, indptr[start] + _ENTRIES, side="right")) - 1
        stop = min(max(stop, start + 1), start + _CELLS, n_cells)
        yield slice(start, stop + 1), slice(indptr[start], indptr[stop])
        start = max(stop, 1)


def _runs(data: np.ndarray, starts: np.ndarray):
    """Find the runs: the entries of a cell that share a value.

    Returns
    -------
    The run of each entry; and of each run, in the order of cells and of values, its cell, how many entries
    come before it and how many it has.
    """
    sizes = np.diff(starts)
    top = np.zeros(len(sizes), dtype=np.float64)
    top[sizes > 0] = np.maximum.reduceat(data, starts[:-1][sizes > 0])
    if top.sum() <= 4 * len(data) and (data == (codes := data.astype(np.int64))).all():
        # Counts: a table of every value from 1 to each cell's largest, so that nothing need be sorted.
        offsets = np.concatenate([[0], np.cumsum(top.astype(np.int64))])
        entry = codes + np.repeat(offsets[:-1] - 1, sizes)
        table = np.bincount(entry, minlength=offsets[-1])
        values = np.flatnonzero(table)
        counted, cell = table[values], np.searchsorted(offsets, values, side="right") - 1
        table[values] = np.arange(len(values))
        run = table.take(entry)
    else:
        order, keys = _sorted(data.view(np.uint32), starts)  # positive floats sort as their bits do
        first = np.flatnonzero(np.diff(keys, prepend=keys[:1] + 1))
        counted, cell = np.diff(first, append=len(data)), np.searchsorted(starts, first, side="right") - 1
        run = np.empty(len(data), dtype=np.int64)
        run[order] = np.repeat(np.arange(len(first)), counted)
    return run, cell, np.cumsum(counted) - counted, counted


def _sorted(numbers: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sort 32-bit numbers within cells: the entries in order, and their cell and number as one integer."""
    sizes = np.diff(starts)
    bits = int(sizes.max()).bit_length()  # of a position in a cell; with number and cell fewer than 64
    cell = np.repeat(np.arange(len(sizes), dtype=np.uint64), sizes) << np.uint64(32)
    position = np.arange(len(numbers)) - np.repeat(starts[:-1], sizes)
    # Sorting the positions along with the numbers is faster than finding the order of the numbers.
    keys = np.sort((cell | numbers) << np.uint64(bits) | position.astype(np.uint64))
    order = (keys & np.uint64((1 << bits) - 1)).astype(np.int64) + np.repeat(starts[:-1], sizes)
    return order, keys >> np.uint64(bits)


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


def _edges_rounded(data, starts, run, cell, first, n_bins: int):
    """As :func:`_edges`, with every edge a number in floating point, interpolated as the reference does.

    It may be rounded onto the entry that it lies beside, so that the order of values no longer settles it.
    """
    value = np.empty(len(cell), dtype=np.float32)
    value[run] = data
    sizes = np.diff(starts)[np.diff(starts) > 0][:, None]
    position = np.linspace(0, 1, n_bins - 1) * (sizes - 1)  # (n_cells, n_bins - 1)
    left = np.floor(position).astype(np.int64)
    t, offset = position - left, np.cumsum(sizes)[:, None] - sizes
    a, b = (
        np.searchsorted(first, offset + i, side="right") - 1 for i in (left, np.minimum(left + 1, sizes - 1))
    )
    step = value[b] - value[a]
    edge = np.where(t < 0.5, value[a] + step * t, value[b] - step * (1 - t))
    # The first run that is not below the edge, and the first one above it.
    reached = np.where(edge == value[a], a, b)
    passed = reached + (edge == value[reached])
    before = (np.cumsum(np.diff(cell, prepend=cell[:1]) > 0)) * (n_bins - 1)  # edges of the cells before
    low, high = (
        np.cumsum(np.bincount(x.ravel(), minlength=len(cell) + 1))[:-1] - before for x in (passed, reached)
    )
    return low.astype(np.float64), high.astype(np.float64)


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
