"""Subsets of a corpus: each scheme is one order of the cells, and its subset of n cells is the first n.

Subsets of a scheme are thereby nested: a larger one holds the smaller, so that along a learning curve
nothing changes but what is added.
"""

from collections.abc import Sequence

import numpy as np

from zslib.composition.settings import SCHEMES
from zslib.errors import DataError

BOXES = 0.1
"""Boxes of a sketch that hold a cell, as a share of the cells."""


def order(scheme: str, *, types: Sequence, batches: Sequence, pcs: np.ndarray, seed: int) -> np.ndarray:
    """Order the cells of a corpus by a scheme.

    Parameters
    ----------
    scheme
        ``uniform``: at random. ``balanced``: in turn one of each cell type, as long as it has cells left.
        ``sketch``: in turn one of each box of a grid over the principal components, so that dense and
        thin regions get alike (geometric sketching, Hie et al. 2019, doi:10.1016/j.cels.2019.05.003).
        ``few-batches``: all of one batch before the next begins, where ``uniform`` mixes them; which comes
        first goes round with the seed.
    types, batches
        Cell type and batch of each cell, shape (n_cells,).
    pcs
        Principal components, shape (n_cells, n_comps); for ``sketch``.
    seed
        The same seed gives the same order.

    Returns
    -------
    Rows, shape (n_cells,): each once.

    Raises
    ------
    DataError
        If there is no such scheme.
    """
    n, rng = len(types), np.random.default_rng(seed)
    if scheme == "uniform":
        return rng.permutation(n)
    if scheme == "balanced":
        return in_turn(np.unique(np.asarray(types, dtype=str), return_inverse=True)[1], rng)
    if scheme == "sketch":
        return in_turn(boxes(pcs, max(2, round(BOXES * n))), rng)
    if scheme == "few-batches":
        codes = np.unique(np.asarray(batches, dtype=str), return_inverse=True)[1]
        place = (codes - seed) % (codes.max() + 1)
        shuffled = rng.permutation(n)
        return shuffled[np.argsort(place[shuffled], kind="stable")]
    raise DataError(f"There is no scheme {scheme!r}; there are {', '.join(SCHEMES)}.")


def sizes(shares: Sequence[float], n_cells: int) -> list[int]:
    """Cells of each share of a corpus, two or more, ascending; shares that come to the same are one size."""
    return sorted({max(2, round(share * n_cells)) for share in shares})


def in_turn(group: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Order cells so that each group gives one cell in turn, until it has none left.

    Parameters
    ----------
    group
        Group of each cell, integer codes of shape (n_cells,).

    Returns
    -------
    Rows, shape (n_cells,). Within a turn groups come in random order.
    """
    shuffled = rng.permutation(len(group))
    by_group = shuffled[np.argsort(group[shuffled], kind="stable")]
    sizes = np.bincount(group)
    start = np.cumsum(sizes) - sizes
    turn = np.empty(len(group), dtype=np.int64)
    turn[by_group] = np.arange(len(group)) - np.repeat(start, sizes)
    return np.lexsort((rng.random(len(group)), turn))


def boxes(pcs: np.ndarray, n_boxes: int) -> np.ndarray:
    """Divide space into equal boxes, as small as it takes for about so many to hold a cell.

    Parameters
    ----------
    pcs
        Shape (n_cells, n_comps).
    n_boxes
        How many boxes shall hold a cell.

    Returns
    -------
    Box of each cell, codes of shape (n_cells,).
    """
    pcs = np.asarray(pcs, dtype=np.float64)
    pcs = pcs - pcs.min(axis=0)
    low, high = 0.0, float(pcs.max()) or 1.0
    found = np.zeros(len(pcs), dtype=np.int64)
    for _ in range(40):  # by halving: smaller boxes, more of them
        side = (low + high) / 2
        found = np.unique(np.floor(pcs / side), axis=0, return_inverse=True)[1].ravel()
        if found.max() + 1 > n_boxes:
            low = side
        else:
            high = side
        if abs(found.max() + 1 - n_boxes) <= 0.02 * n_boxes:
            break
    return found
