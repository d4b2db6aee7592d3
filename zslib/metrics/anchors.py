"""Which cells are measured: all of them, or, of very many, some that are dealt by design.

Up to :data:`EXACT_UP_TO` cells everything is exact. Beyond, the work for all pairs of cells would grow with their
square. Then only anchors are measured, but each against *all* cells, so that its silhouette and its neighbors are the
exact ones, and a score is a mean over anchors, weighted by how many cells each stands for.

Nothing is added for the sampling error: cells are drawn again among all cells, and an anchor counts as often as it was
drawn. The mean over anchors then varies as that of so many cells does, which is by what the choice of the anchors
and the draw of the cells change it together, while what follows from all cells (whom a cell is a neighbor of, clusters,
what a probe says) varies as it does in all of them.
"""

from dataclasses import dataclass

import numpy as np

from zslib.core.stats import Statistic

EXACT_UP_TO = 50_000
"""Up to so many cells all of them are measured."""
SHARE = 0.2
"""Anchors, as a share of the cells up to which all would be."""
EVEN = 0.5
"""Part of the anchors that is dealt evenly to all types and batches, however small; the rest by their size."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Anchors:
    """Cells that are measured against all."""

    n: int
    """Of how many cells."""
    rows: np.ndarray
    """Which, ascending; shape (n_anchors,)."""
    weight: np.ndarray | None
    """How many cells each stands for, shape (n_anchors,); None if they are all cells."""

    def weigh(self, weights: np.ndarray) -> np.ndarray:
        """Weights of the anchors from those of all cells, shape (n_anchors, n_resamples)."""
        return weights if self.weight is None else weights[self.rows] * self.weight[:, None]

    def on(self, statistic: Statistic) -> Statistic:
        """A function of the anchors' weights as one of all cells' weights."""
        return statistic if self.weight is None else lambda weights: statistic(self.weigh(weights))


def every_cell(n: int) -> Anchors:
    """All cells, each for itself."""
    return Anchors(n=n, rows=np.arange(n), weight=None)


def dealt(strata: np.ndarray, order: np.ndarray, n: int, *, seed: int = 0) -> Anchors:
    """Deal anchors to strata, half by their size and half evenly, at random within each.

    Parameters
    ----------
    strata, order, seed
        As for :func:`shuffled`.
    n
        How many; fewer if small strata hold fewer, and up to one more for each stratum by rounding.

    Returns
    -------
    Anchors of every stratum, that weigh as many cells as it has.
    """
    rows, size = shuffled(strata, order, [seed, 2])  # unlike folds and references of the same seed
    wanted = n * ((1 - EVEN) * size / len(rows) + EVEN / len(size))
    taken = np.minimum(size, np.ceil(wanted).astype(np.int64))
    rows, weight = rows[first_of_each(size, taken)], np.repeat(size / taken, taken)
    ascending = np.argsort(rows)
    return Anchors(n=len(order), rows=rows[ascending], weight=weight[ascending])


def shuffled(strata: np.ndarray, order: np.ndarray, seed: int | list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Shuffle cells so that those of a stratum stay side by side, whatever its code.

    Parameters
    ----------
    strata
        Stratum of each cell (its type in its batch), integer codes of shape (n_cells,).
    order
        Rows in the order that is shuffled, see :attr:`zslib.metrics.space.Space.order`; shape (n_cells,).
    seed
        Of the shuffle.

    Returns
    -------
    Rows, shape (n_cells,), and how many cells each stratum has, in the order of the rows.
    """
    rows = order[np.random.default_rng(seed).permutation(len(strata))]
    _, first, of, size = np.unique(strata[rows], return_index=True, return_inverse=True, return_counts=True)
    return rows[np.argsort(first[of], kind="stable")], size[np.argsort(first)]


def first_of_each(size: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """Which rows are the first so many of each stratum, boolean of shape (n_cells,); strata lie one after the other."""
    rank = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    return rank < np.repeat(taken, size)
