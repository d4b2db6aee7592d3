"""One bisection for many rows at once: the scale at which each cell's neighborhood has the size it should."""

from collections.abc import Callable

import numpy as np

ROWS = 1 << 12
"""Rows that are taken together, so that memory does not grow with their number."""


def bisect(
    excess: Callable[[np.ndarray, np.ndarray], np.ndarray], n: int, *, tries: int, tolerance: float
) -> np.ndarray:
    """Find for each row the positive number at which a rising function is zero.

    Parameters
    ----------
    excess
        Of rows and one number each, the value of the function.
    n
        How many rows there are.
    tries, tolerance
        When the search ends: after so many steps, or once the function is so near to zero.

    Returns
    -------
    Array of shape (n,). As umap-learn and the LISI package do, the search starts at 1 and doubles until it is too far.
    """
    found, low, high = np.ones(n), np.zeros(n), np.full(n, np.inf)
    for start in range(0, n, ROWS):
        rows = np.arange(start, min(n, start + ROWS))
        for _ in range(tries):
            above = excess(rows, found[rows])
            open_ = np.abs(above) >= tolerance
            rows, above = rows[open_], above[open_]
            if not len(rows):
                break
            high[rows] = np.where(above > 0, found[rows], high[rows])
            low[rows] = np.where(above > 0, low[rows], found[rows])
            too_near = np.isinf(high[rows])
            found[rows] = np.where(too_near, 2 * found[rows], (low[rows] + high[rows]) / 2)
    return found
