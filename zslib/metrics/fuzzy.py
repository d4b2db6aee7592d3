"""The inner loops of UMAP's fuzzy graph, compiled; kept on disk as :mod:`zslib.metrics.communities` is."""

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
