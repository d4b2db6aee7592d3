"""Leiden and Louvain on the neighbor graph."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from scipy import sparse


def leiden(connectivities: sparse.csr_matrix, *, resolution: float = 1.0, seed: int = 0) -> np.ndarray:
    """Leiden clusters, by modularity, with two iterations, as scanpy's ``flavor="igraph"``.

    Parameters
    ----------
    connectivities
        Symmetric weights of shape (n_cells, n_cells).
    resolution
        Higher gives more clusters.
    seed
        The same seed gives the same clusters.

    Returns
    -------
    Cluster codes from 0, shape (n_cells,).

    Notes
    -----
    Traag, Waltman and van Eck 2019, doi:10.1038/s41598-019-41695-z.
    """
    return _leiden(_igraph(connectivities), resolution, seed)


def louvain(connectivities: sparse.csr_matrix, *, resolution: float = 1.0, seed: int = 0) -> np.ndarray:
    """Louvain clusters, by modularity; parameters and result as :func:`leiden`.

    Notes
    -----
    Blondel et al. 2008, doi:10.1088/1742-5468/2008/10/P10008.
    """
    return _louvain(_igraph(connectivities), resolution, seed)


class Clusterings:
    """Clusterings of one graph, each computed when first asked for.

    Parameters
    ----------
    connectivities
        Symmetric weights of shape (n_cells, n_cells).
    """

    def __init__(self, connectivities: sparse.csr_matrix):
        self.connectivities = connectivities
        self._graph = _igraph(connectivities)
        self._found: dict[tuple[str, float, int], np.ndarray] = {}

    def __call__(self, algorithm: str, resolution: float, seed: int) -> np.ndarray:
        """Cluster codes from 0, int32 of shape (n_cells,); the algorithm is ``"leiden"`` or ``"louvain"``."""
        key = algorithm, resolution, seed
        if key not in self._found:
            self._found[key] = ALGORITHMS[algorithm](self._graph, resolution, seed).astype(np.int32)
        return self._found[key]

    def repeated(self, algorithm: str, resolution: float, seed: int, repeats: int) -> np.ndarray:
        """Clusterings from as many seeds, shape (n_repeats, n_cells)."""
        return np.stack([self(algorithm, resolution, seed + i) for i in range(repeats)])


def _leiden(graph, resolution: float, seed: int) -> np.ndarray:
    with _seeded(seed):
        parts = graph.community_leiden(
            objective_function="modularity", weights="weight", resolution=resolution, n_iterations=2
        )
    return np.asarray(parts.membership)


def _louvain(graph, resolution: float, seed: int) -> np.ndarray:
    with _seeded(seed):
        parts = graph.community_multilevel(weights="weight", resolution=resolution)
    return np.asarray(parts.membership)


ALGORITHMS: dict[str, Callable] = {"leiden": _leiden, "louvain": _louvain}


def _igraph(connectivities: sparse.csr_matrix):
    import igraph

    half = sparse.triu(connectivities, k=1, format="coo")
    # Lists of Python numbers: igraph walks through an array entry by entry, five times slower.
    graph = igraph.Graph(n=half.shape[0], edges=np.column_stack([half.row, half.col]).tolist())
    graph.es["weight"] = half.data.astype(np.float64).tolist()
    return graph


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    import igraph

    igraph.set_random_number_generator(random.Random(seed))
    try:
        yield
    finally:
        igraph.set_random_number_generator(random)  # igraph's own default
