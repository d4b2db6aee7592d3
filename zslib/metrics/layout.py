"""Two-dimensional pictures of an embedding.

UMAP is laid out on the very neighbor graph that the metrics use: no second search for neighbors.
"""

import numpy as np
from scipy import sparse

NEGATIVE = 5
"""Pairs that repel, for each pair that attracts."""
STEP = 4.0
"""Longest step along an axis, before it is multiplied by the learning rate."""
WIDTH = 10.0
"""Of the picture at the start."""


def umap(
    graph: sparse.csr_matrix, start: np.ndarray, *, min_dist: float = 0.3, epochs: int = 200, seed: int = 0
) -> np.ndarray:
    """Lay out a neighbor graph in two dimensions.

    Parameters
    ----------
    graph
        Symmetric connectivities in [0, 1], shape (n_cells, n_cells); very many cells must come in random order.
    start
        Where cells start, shape (n_cells, ≥1); the first two columns are used (principal components).
    min_dist
        How tightly points may be packed.
    epochs
        Passes of the optimization.
    seed
        For the sampling of pairs that repel.

    Returns
    -------
    float32 array of shape (n_cells, 2). Distances between far groups mean nothing.

    Notes
    -----
    McInnes, Healy and Melville 2018, arXiv:1802.03426, with the constants and the schedule of umap-learn.
    """
    # numba takes a second to load, for which what draws nothing need not wait.
    from zslib.metrics.umap_steps import optimize

    n = graph.shape[0]
    place = np.zeros((n, 2))
    place[:, : min(2, start.shape[1])] = start[:, :2]
    # A little noise sets cells apart that start at one place.
    place *= WIDTH / (np.abs(place).max() or 1.0)
    place += np.random.default_rng(seed).normal(scale=1e-4, size=place.shape)
    edges = graph.tocoo()
    most = edges.data.max(initial=0.0)
    kept = (edges.data > 0) & (edges.data >= most / epochs)  # the others would never have their turn
    every = most / edges.data[kept].astype(np.float64)
    heads, tails = (ends[kept].astype(np.int32) for ends in (edges.row, edges.col))
    del edges, kept  # of very many cells, a gigabyte that is not held for minutes
    place = place.astype(np.float32)
    optimize(place, heads, tails, every, epochs, *_curve(min_dist), NEGATIVE, STEP, np.uint64(seed))
    return place


def _curve(min_dist: float) -> tuple[float, float]:
    """A and b for which 1 / (1 + a d²ᵇ) is nearest to 1 up to `min_dist` and exp(min_dist − d) beyond."""
    from scipy.optimize import curve_fit

    d = np.linspace(0, 3, 300)
    wanted = np.where(d < min_dist, 1.0, np.exp(min_dist - d))
    (a, b), _ = curve_fit(lambda d, a, b: 1 / (1 + a * d ** (2 * b)), d, wanted)
    return float(a), float(b)
