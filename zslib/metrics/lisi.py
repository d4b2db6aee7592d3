"""LISI: how many batches, or cell types, a neighborhood effectively holds.

scib-metrics takes 0.9 of the time, once it has spent 2.5 seconds on import and compilation in every process, 3 minutes of
the default book (``benchmarks/parts.py``, 2,000 cells). harmonypy searches neighbors of its own.
"""

import numpy as np

from zslib.metrics.bisection import bisect
from zslib.metrics.checks import in_units

N_NEIGHBORS = 90
"""Size of a neighborhood, the cell itself included; the perplexity is a third of it."""
TOLERANCE = 1e-5
TRIES = 50


def lisi(share: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Inverse Simpson index of the neighbors' classes.

    Parameters
    ----------
    share
        Weight of each neighbor, rows adding up to one; shape (n_cells, k).
    codes
        Class of each neighbor, shape (n_cells, k).

    Returns
    -------
    Array of shape (n_cells,): 1 if all the weight is on one class, the number of classes if it is spread evenly.
    """
    simpson = np.zeros(len(share))
    for code in np.unique(codes):
        simpson += np.where(codes == code, share, 0).sum(axis=1) ** 2
    return 1 / np.minimum(simpson, 1)  # rounding must not leave the range


def neighbor_weights(distances: np.ndarray) -> np.ndarray:
    """Weights of neighbors that fall with distance so fast that each cell has the same perplexity.

    Parameters
    ----------
    distances
        Distances to the neighbors, the cell itself excluded, ascending; shape (n_cells, k).

    Returns
    -------
    exp(−β d), rows adding up to one; shape (n_cells, k). β is found, for all cells at once, by the bisection of
    the LISI package with its constants, so that the perplexity is (k + 1) / 3 rounded down.

    Notes
    -----
    Korsunsky et al. 2019, doi:10.1038/s41592-019-0619-0.
    """
    # Less the nearest distance nothing changes but that a far neighborhood cannot vanish.
    beyond = np.asarray(in_units(distances - distances[:, :1]), dtype=np.float64)
    target = np.log((distances.shape[1] + 1) // 3)

    def excess(rows, beta):
        near = beyond[rows]
        weights = np.exp(-near * beta[:, None])
        total = weights.sum(axis=1)
        return target - np.log(total) - beta * (weights * near).sum(axis=1) / total

    weights = np.exp(-beyond * bisect(excess, len(beyond), tries=TRIES, tolerance=TOLERANCE)[:, None])
    return weights / weights.sum(axis=1, keepdims=True)
