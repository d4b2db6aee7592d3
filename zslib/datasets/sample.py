"""Picking a part of the cells so that every type in every batch is still there."""

import logging
from fractions import Fraction

import numpy as np
import pandas as pd
from numpy.typing import NDArray

log = logging.getLogger(__name__)


def allocate(sizes: NDArray[np.integer], n: int, floor: int = 10) -> NDArray[np.int64]:
    """Share out `n` picks among strata in proportion to their sizes.

    No stratum gets fewer than ``min(size, floor)``; what is left is shared in proportion, rounded
    by the largest remainder (ties: the earlier stratum). If `n` is too small for these floors, the
    largest floor that fits is used, and a warning says so.

    Parameters
    ----------
    sizes
        Cells in each stratum, of shape (n_strata,).
    n
        Cells to pick, at most the sum of `sizes`.
    floor
        Cells that each stratum keeps if it has them.

    Returns
    -------
    Cells to pick from each stratum, of shape (n_strata,); they sum to `n`.
    """
    sizes = np.asarray(sizes, dtype=np.int64)
    if not 0 <= n <= sizes.sum():
        raise ValueError(f"n must be from 0 to {sizes.sum()}, the number of cells, not {n}")
    asked = floor
    while np.minimum(sizes, floor).sum() > n:
        floor -= 1
    if floor < asked:
        log.warning(f"{n} cells are too few to keep {asked} of each of {len(sizes)} strata; keeping {floor}.")
    share = np.minimum(sizes, floor)
    free = sizes > share  # strata that still take part in the sharing
    while free.any():
        rate = Fraction(int(n - share[~free].sum()), int(sizes[free].sum()))
        short = free & np.array([rate * int(size) < least for size, least in zip(sizes, share, strict=True)])
        if not short.any():
            break
        free &= ~short  # these stay at their floor
    if free.any():
        quota = [rate * int(size) for size in sizes[free]]  # fractions: ties are ties on every machine
        whole = np.array([int(q) for q in quota])
        rest = [q - w for q, w in zip(quota, whole, strict=True)]
        left = int(n - share[~free].sum() - whole.sum())
        whole[sorted(range(len(rest)), key=lambda i: -rest[i])[:left]] += 1
        share[free] = whole
    return share


def strata_of(obs: pd.DataFrame, label: str = "label", batch: str = "batch") -> NDArray[np.str_]:
    """Name the stratum of each cell, its type and its batch, of shape (n_cells,); two of them cannot run together."""
    return obs[label].astype(str).str.cat(obs[batch].astype(str), sep="\0").to_numpy(str)


def stratified(
    strata: NDArray, names: NDArray, n: int | None, seed: int, floor: int = 10
) -> NDArray[np.int64]:
    """Pick `n` cells, stratified, in random order.

    Which cells are picked, and their order, depends on names, strata and seed alone, not on the
    order of the input. The order is random because many files are sorted by type: a method or
    metric that breaks ties by position would then read the labels off the order.

    Parameters
    ----------
    strata
        The stratum of each cell, of shape (n_cells,).
    names
        Unique cell names, of shape (n_cells,).
    n
        Cells to pick; None, or more than there are, picks all.
    seed
        Of the random order.
    floor
        See :func:`allocate`.

    Returns
    -------
    Positions of the picked cells, of shape (min(n, n_cells),).
    """
    order = np.argsort(np.asarray(names, dtype=str), kind="stable")
    order = order[np.random.default_rng(seed).permutation(len(order))]
    if n is None or n >= len(order):
        return order
    code = np.unique(np.asarray(strata, dtype=str), return_inverse=True)[1][order]
    take = allocate(np.bincount(code), n, floor)
    # The first take[s] cells of each stratum s in the random order.
    rank = pd.Series(code).groupby(code).cumcount().to_numpy()
    return order[rank < take[code]]
