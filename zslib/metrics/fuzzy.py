"""The inner loops over neighborhoods, compiled; kept on disk as :mod:`zslib.metrics.communities` is.

By ``benchmarks/parts.py`` on 2,000 cells, umap-learn makes the graph in 0.9 of the time and scib-metrics LISI in 0.4,
but only after 11 and 2 seconds for import and compilation in every process, which here are 7 and 30 milliseconds of
work; and umap-learn's weights are of single precision. harmonypy's LISI searches neighbors of its own.
"""

import numpy as np
from numba import njit


@njit("UniTuple(float64[::1], 2)(float64[:, ::1], int64, float64)", cache=True, nogil=True)
def smooth(distances, n_iter, tolerance):
    """Find the scale of each cell's neighborhood by bisection, see :func:`zslib.metrics.graph.smooth_distances`.

    Parameters
    ----------
    distances
        Ascending, shape (n_cells, k).
    n_iter, tolerance
        When the bisection ends.

    Returns
    -------
    Distance to the first distinct neighbor, 0 if there is none, and scale; each of shape (n_cells,).
    """
    n, k = distances.shape
    target = np.log2(k + 1)
    rho, sigma = np.zeros(n), np.ones(n)
    for i in range(n):
        for j in range(k):
            if distances[i, j] > 0:
                rho[i] = distances[i, j]
                break
        low, high, scale = 0.0, np.inf, 1.0
        for _ in range(n_iter):
            excess = -target
            for j in range(k):
                excess += np.exp(-max(distances[i, j] - rho[i], 0.0) / scale)
            if abs(excess) < tolerance:
                break
            if excess > 0:
                high = scale
                scale = (low + high) / 2
            else:
                low = scale
                scale = 2 * scale if high == np.inf else (low + high) / 2
        sigma[i] = scale
    return rho, sigma


@njit("float64[:, ::1](float64[:, ::1], float64, int64, float64)", cache=True, nogil=True)
def narrow(beyond, target, n_iter, tolerance):
    """Find by bisection how fast weights fall with distance, see :func:`zslib.metrics.lisi.neighbor_weights`.

    Parameters
    ----------
    beyond
        Distances less the nearest, shape (n_cells, k).
    target
        Entropy the weights are to have.
    n_iter, tolerance
        When the bisection ends.

    Returns
    -------
    Weights, rows adding up to one; shape (n_cells, k).
    """
    n, k = beyond.shape
    weights = np.empty((n, k))
    for i in range(n):
        low, high, beta = -np.inf, np.inf, 1.0
        for _ in range(n_iter):
            total = mean = 0.0
            for j in range(k):
                weight = np.exp(-beyond[i, j] * beta)
                total += weight
                mean += weight * beyond[i, j]
            excess = np.log(total) + beta * mean / total - target
            if abs(excess) < tolerance:
                break
            if excess > 0:
                low = beta
                beta = 2 * beta if high == np.inf else (beta + high) / 2
            else:
                high = beta
                beta = beta / 2 if low == -np.inf else (beta + low) / 2
        total = 0.0
        for j in range(k):
            weights[i, j] = np.exp(-beyond[i, j] * beta)
            total += weights[i, j]
        for j in range(k):
            weights[i, j] /= total
    return weights


@njit("Tuple((int64[::1], int32[::1], float64[::1]))(int32[:, ::1], float64[:, ::1])", cache=True, nogil=True)
def fuzzy_union(indices, weights):
    """Join directed weights a and b between two cells to a + b − ab.

    Parameters
    ----------
    indices, weights
        Of each cell's neighbors, shape (n_cells, k); no cell is its own.

    Returns
    -------
    indptr, indices and data of the symmetric CSR matrix, its rows sorted, without zeros.
    """
    n, k = indices.shape
    back = np.full((n, k), -1.0)  # the weight the other way; negative where there is no such neighbor
    size = np.zeros(n + 1, dtype=np.int64)
    for i in range(n):
        for e in range(k):
            j = indices[i, e]
            for f in range(k):
                if indices[j, f] == i:
                    back[i, e] = weights[j, f]
            if weights[i, e] > 0 or back[i, e] > 0:
                size[i + 1] += 1
                if back[i, e] < 0:
                    size[j + 1] += 1
    indptr = np.cumsum(size)
    place = indptr[:-1].copy()
    found, data = np.empty(indptr[-1], dtype=np.int32), np.empty(indptr[-1])
    for i in range(n):
        for e in range(k):
            j, a, b = indices[i, e], weights[i, e], max(back[i, e], 0.0)
            if a > 0 or b > 0:
                found[place[i]], data[place[i]] = j, a + b - a * b
                place[i] += 1
                if back[i, e] < 0:
                    found[place[j]], data[place[j]] = i, a
                    place[j] += 1
    for i in range(n):
        row = slice(indptr[i], indptr[i + 1])
        order = np.argsort(found[row])
        found[row] = found[row][order]
        data[row] = data[row][order]
    return indptr, found, data
