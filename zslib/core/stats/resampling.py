"""Resamples of cells as weights, and statistics evaluated on them."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np
from scipy import sparse

from zslib.core.device import one_thread_each
from zslib.core.errors import DataError

Statistic = Callable[[np.ndarray], np.ndarray]
"""From cell weights of shape (n_cells, n_resamples) to one value a resample."""

BLOCK = 2**21
"""Weights held at a time: 16 MB of float64."""
MIN_BLOCKS = 5
"""Fewest donors or batches that are resampled whole: of fewer, too few different draws exist."""
SMALL = 10
"""Strata of fewer cells are merged: what is drawn again within a cell or two hardly varies, or not at all."""


def merged_strata(label, batch=None) -> np.ndarray:
    """Strata of label and batch, the small ones of a label put together.

    Parameters
    ----------
    label, batch
        Integer codes from 0, shape (n_cells,); no batch is one batch.

    Returns
    -------
    Codes of shape (n_cells,). Batches with fewer than ten cells of a label make one stratum of the label; where these
    together are still fewer than ten, its next larger batch is with them. Labels are never mixed, so that each keeps
    its number of cells in every resample, and a label of a single cell cannot vary.
    """
    label = np.asarray(label)
    if batch is None:
        return label
    n_batches = int(np.max(batch)) + 1
    strata = label * n_batches + np.asarray(batch)
    sizes = np.bincount(strata, minlength=n_batches * (int(label.max()) + 1)).reshape(-1, n_batches)
    merged = np.arange(sizes.size).reshape(sizes.shape)
    for row, codes in zip(sizes, merged, strict=True):
        order = np.argsort(row, kind="stable")
        order = order[row[order] > 0]
        held = np.cumsum(row[order])
        n_small = int((row[order] < SMALL).sum())
        if n_small and held[n_small - 1] < SMALL:
            n_small += 1
        codes[order[:n_small]] = codes[order[:n_small]].min(initial=codes[-1])
    return merged.ravel()[strata]


def bootstrap_weights(strata, n_boot: int, *, seed: int = 0, block: int = BLOCK) -> Iterator[np.ndarray]:
    """Draw cells with replacement within each stratum, a block of resamples at a time.

    Parameters
    ----------
    strata
        Stratum of each cell, integer codes of shape (n_cells,), see :func:`merged_strata`. Each keeps its size in
        every resample.
    n_boot
        Number of resamples.
    seed
        The same seed and strata give the same resamples, whatever the block size.
    block
        Most weights to hold at a time.

    Yields
    ------
    How often each cell was drawn, float64 of shape (n_cells, some), until n_boot columns are out.
    """
    strata = np.asarray(strata)
    n = len(strata)
    order = np.argsort(strata, kind="stable")
    _, start, inverse, size = np.unique(
        strata[order], return_index=True, return_inverse=True, return_counts=True
    )
    start, size = start[inverse], size[inverse]
    rng = np.random.default_rng(seed)
    width = max(1, block // n)
    for first in range(0, n_boot, width):
        weights = np.empty((n, min(width, n_boot - first)))
        for column in weights.T:
            column[:] = np.bincount(order[start + (rng.random(n) * size).astype(np.int64)], minlength=n)
        yield weights


def block_weights(blocks, n_boot: int, *, seed: int = 0, block: int = BLOCK) -> Iterator[np.ndarray]:
    """Weight whole blocks of cells, such as donors, at random.

    Cells of a donor are not independent, so an interval over cells is too narrow for a claim about other donors.
    Each donor gets a weight from an exponential distribution, scaled so that all cells together keep theirs: the
    Bayesian bootstrap, which unlike drawing donors never leaves a cell type without cells.

    Parameters
    ----------
    blocks
        Block of each cell, integer codes of shape (n_cells,).
    n_boot, seed, block
        As for :func:`bootstrap_weights`.

    Yields
    ------
    Weights, float64 of shape (n_cells, some), until n_boot columns are out.

    Raises
    ------
    DataError
        If there are fewer than five blocks.

    Notes
    -----
    Rubin, Annals of Statistics 9:130 (1981), doi:10.1214/aos/1176345338.
    """
    _, codes, size = np.unique(np.asarray(blocks), return_inverse=True, return_counts=True)
    if len(size) < MIN_BLOCKS:
        raise DataError(
            f"{len(size)} blocks are too few to resample: it takes {MIN_BLOCKS} donors or batches; resample cells instead"
        )
    rng = np.random.default_rng(seed)
    width = max(1, block // len(codes))
    for first in range(0, n_boot, width):
        m = min(width, n_boot - first)
        drawn = rng.exponential(size=(m, len(size))).T
        drawn *= len(codes) / (size @ drawn)
        yield drawn[codes]


def on_all(statistics: Mapping[Hashable, Sequence[Statistic]], n_cells: int) -> dict[Hashable, float]:
    """Evaluate statistics with weight one for every cell; of several draws of one the mean."""
    everyone = np.ones((n_cells, 1))
    return {key: float(np.mean([draw(everyone)[0] for draw in draws])) for key, draws in statistics.items()}


def resample(
    statistics: Mapping[Hashable, Sequence[Statistic]], weights: Iterable[np.ndarray], n_boot: int
) -> dict[Hashable, np.ndarray]:
    """Evaluate statistics on every resample.

    Parameters
    ----------
    statistics
        Under each name the draws of one statistic: several where it depends on luck, else one. Two names may stand
        for the same draws, which are then evaluated once.
    weights
        Blocks of resamples, see :func:`bootstrap_weights` and :func:`block_weights`.
    n_boot
        Number of resamples.

    Returns
    -------
    Under each name an array of shape (n_boot,). Resamples take the draws in turn, so that their spread holds both
    cells and luck. Draws are evaluated side by side.
    """
    names = {key: tuple(map(id, draws)) for key, draws in statistics.items()}
    distinct = {names[key]: draws for key, draws in statistics.items()}
    replicates = {name: np.empty(n_boot) for name in distinct}
    start, blocks = 0, iter(weights)
    block = next(blocks, None)
    with one_thread_each() as side_by_side:
        while block is not None:
            rows = np.arange(start, start + block.shape[1])
            turns = {
                (n, i): (rows[mine], block if n == 1 else np.ascontiguousarray(block[:, mine]))
                for n in {len(draws) for draws in distinct.values()}
                for i in range(n)
                if (mine := rows % n == i).any()
            }
            asked = [
                (name, draw, *turns[len(draws), i])
                for name, draws in distinct.items()
                for i, draw in enumerate(draws)
                if (len(draws), i) in turns
            ]
            start += block.shape[1]
            # The next block is drawn while this one is evaluated.
            tasks = [lambda: next(blocks, None), *(partial(draw, taken) for _, draw, _, taken in asked)]
            block, *found = side_by_side(lambda task: task(), tasks)
            for (name, _, mine, _), values in zip(asked, found, strict=True):
                replicates[name][mine] = values
    return {key: replicates[name] for key, name in names.items()}


def group_sums(weights: np.ndarray, codes: np.ndarray, n_groups: int, values=None) -> np.ndarray:
    """Weighted sum of a value over each group of cells, for many sets of weights at once.

    Parameters
    ----------
    weights
        Cell weights, shape (n_cells, n_resamples).
    codes
        Group of each cell, shape (n_cells,).
    n_groups
        Number of groups.
    values
        Value of each cell, shape (n_cells,); None to sum the weights themselves.

    Returns
    -------
    Array of shape (n_groups, n_resamples).
    """
    values = np.ones(len(codes)) if values is None else values
    if weights.shape[1] == 1:
        return np.bincount(codes, weights=weights[:, 0] * values, minlength=n_groups)[:, None]
    return sparse.csc_matrix((values, codes, np.arange(len(codes) + 1)), (n_groups, len(codes))) @ weights


def widened(statistic: Statistic, by: float) -> Statistic:
    """The same value on all cells, and that much more of what resamples change it by."""

    def wide(weights: np.ndarray) -> np.ndarray:
        value = statistic(np.ones((len(weights), 1)))
        return value + by * (statistic(weights) - value)

    return wide


def centered(replicates: np.ndarray, value: float, *, within: tuple[float, float]) -> np.ndarray:
    """Shift replicates so that their mean is the value of the data, and clip them to the metric's range.

    A cell drawn twice agrees with itself. In a resample this lifts every measure of agreement, most where
    there is least to agree on: uncorrected, the interval of a random embedding lies above its value.

    Parameters
    ----------
    replicates
        Array of shape (n_boot,), possibly empty.
    value
        The metric on all cells, each once.
    within
        Least and largest possible value.

    Returns
    -------
    Array of shape (n_boot,).
    """
    if len(replicates) == 0:
        return replicates
    return np.clip(replicates - np.mean(replicates, where=~np.isnan(replicates)) + value, *within)
