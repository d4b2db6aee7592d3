"""The neighbor graph, as scanpy would build it.

umap-learn takes as long for the same graph, in single precision, and before that 15 seconds for import and compilation in
every process, 20 minutes of the default book (``benchmarks/parts.py``, 2,000 cells).
"""

from dataclasses import dataclass

import numpy as np
import torch
from scipy import sparse

from zslib.metrics.bisection import bisect
from zslib.metrics.checks import check_embedding, in_units
from zslib.metrics.distances import measure_geometry

K = 14
"""Neighbors of a cell in the graph, which counts the cell itself as its fifteenth."""
SOUGHT = 30
"""Neighbors that an approximate search looks for: the nearest 14 of some more are right more often."""
# Constants of umap-learn, needed to arrive at its graph.
N_ITER = 64
TOLERANCE = 1e-5
MIN_SCALE = 1e-3


@dataclass(frozen=True, kw_only=True)
class Neighbors:
    """The k nearest neighbors of every cell and the weighted graph made of them."""

    indices: np.ndarray
    """Rows of the nearest cells, itself excluded, nearest first; shape (n_cells, k)."""
    distances: np.ndarray
    """Their Euclidean distances; shape (n_cells, k)."""
    connectivities: sparse.csr_matrix
    """Symmetric weights in (0, 1], without self-loops; shape (n_cells, n_cells)."""


def neighbors(X, *, n_neighbors: int = 15, device: str = "auto") -> Neighbors:
    """Exact neighbors of an embedding, and their graph.

    The graph is always made from the array given. There is no stored one that could be stale.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims).
    n_neighbors
        Size of the neighborhood, the cell itself included as in ``scanpy.pp.neighbors``.
    device
        Where to compute the distances.

    Returns
    -------
    What ``scanpy.pp.neighbors(n_neighbors=15, use_rep=…, method="umap")`` gives from exact neighbors.
    """
    geometry = measure_geometry(check_embedding(X, np.shape(X)[0]), k=n_neighbors - 1, device=device)
    return Neighbors(
        indices=geometry.indices,
        distances=geometry.distances,
        connectivities=fuzzy_graph(geometry.indices, geometry.distances),
    )


def approximate(X: np.ndarray, order: np.ndarray, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Nearest cells as an approximate search finds them, for cells too many to look at all pairs.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims).
    order
        Rows as the search takes them, shape (n_cells,).
    seed
        Of the search.

    Returns
    -------
    Rows and distances as of :class:`Neighbors`, found by nearest neighbor descent (Dong et al., WWW 2011,
    doi:10.1145/1963405.1963487) in single precision, as scanpy's are.
    """
    from pynndescent import NNDescent

    points = np.asarray(X[order] - X.mean(axis=0, dtype=np.float64), dtype=np.float32)
    search = NNDescent(points, n_neighbors=SOUGHT, random_state=seed, n_jobs=torch.get_num_threads())
    found, far = search.neighbor_graph
    del search
    itself = found == np.arange(len(found))[:, None]
    far[itself | (found < 0)] = np.inf
    nearest = np.argsort(far, axis=1, kind="stable")[:, :K]
    indices, distances = np.empty((len(found), K), dtype=np.int64), np.empty((len(found), K))
    indices[order] = order[np.take_along_axis(found, nearest, axis=1)]
    distances[order] = np.take_along_axis(far, nearest, axis=1)
    return indices, distances


def fuzzy_graph(indices: np.ndarray, distances: np.ndarray) -> sparse.csr_matrix:
    """UMAP's fuzzy union of local neighborhoods.

    Parameters
    ----------
    indices, distances
        Nearest cells without the cell itself, nearest first; shape (n_cells, k).

    Returns
    -------
    Symmetric weights of shape (n_cells, n_cells), in (0, 1].

    Notes
    -----
    McInnes, Healy and Melville 2018, arXiv:1802.03426.
    """
    (n, k), distances = indices.shape, in_units(distances)
    rho, sigma = smooth_distances(distances)
    beyond = np.maximum(distances - rho[:, None], 0)
    weights = np.exp(-beyond / np.where(sigma > 0, sigma, 1)[:, None])
    there = sparse.csr_matrix((weights.ravel(), indices.ravel(), np.arange(0, n * k + 1, k)), shape=(n, n))
    back = there.T.tocsr()
    graph = there + back - there.multiply(back)
    graph.eliminate_zeros()
    graph.sort_indices()
    return graph


def smooth_distances(distances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each cell's distance to its first distinct neighbor, and the scale of its neighborhood.

    The scale is found so that the weights exp(−(d − rho)/sigma) add up to log2(k + 1), by the bisection of
    umap-learn with its constants. Distances are ascending, of shape (n_cells, k); rho and sigma of shape (n_cells,).
    """
    n, k = distances.shape
    first = np.where(distances > 0, distances, np.inf).min(axis=1)
    rho = np.where(np.isinf(first), 0.0, first)
    beyond, target = np.maximum(distances - rho[:, None], 0), np.log2(k + 1)

    def excess(rows, scale):
        return np.exp(-beyond[rows] / scale[:, None]).sum(axis=1) - target

    sigma = bisect(excess, n, tries=N_ITER, tolerance=TOLERANCE)
    # umap-learn counts the cell itself, at distance 0, in both means.
    floor = np.where(rho > 0, distances.sum(axis=1) / (k + 1), distances.sum() / (n * (k + 1)))
    return rho, np.maximum(sigma, MIN_SCALE * floor)
