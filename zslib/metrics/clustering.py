"""Leiden and Louvain on the neighbor graph."""

from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import torch
from scipy import sparse

from zslib.core.errors import DataError

ROWS = 2**17
"""Of a graph that are compared at a time."""
ROUNDING = 1e-6
"""Part of the largest weight by which two ways between cells may differ."""
FINE = 10.0
"""Resolution of the groups of cells from which very many are clustered."""


class Algorithm(NamedTuple):
    """How often it begins anew, whether communities are refined, and how often cells are merged into groups."""

    iterations: int
    refined: bool
    levels: int


ALGORITHMS = {"leiden": Algorithm(2, True, 2), "louvain": Algorithm(1, False, 1)}
Key = tuple[str, float, int]
"""Algorithm, resolution and seed of a clustering."""


def leiden(connectivities: sparse.csr_matrix, *, resolution: float = 1.0, seed: int = 0) -> np.ndarray:
    """Leiden clusters, by modularity, with two iterations, as scanpy's ``flavor="igraph"``.

    Parameters
    ----------
    connectivities
        Symmetric weights of shape (n_cells, n_cells), not negative.
    resolution
        Higher gives more clusters.
    seed
        The same seed gives the same clusters.

    Returns
    -------
    Cluster codes from 0, the largest cluster first, int32 of shape (n_cells,).

    Notes
    -----
    Traag, Waltman and van Eck 2019, doi:10.1038/s41598-019-41695-z. Not the code of igraph, see
    :mod:`zslib.metrics.communities`; its modularity is the same to within the luck of the seed.
    """
    return Clusterings(connectivities)("leiden", resolution, seed)


class Clusterings:
    """Clusterings of one graph, each computed when first asked for.

    Parameters
    ----------
    connectivities
        Symmetric weights of shape (n_cells, n_cells), not negative.
    from_groups
        For graphs of very many cells. For each seed, cells are merged into groups by the first steps of the algorithm
        at a high resolution; each clustering is of these, after which Leiden moves single cells once more. Takes
        about a tenth of the time, for a modularity about as high; but Leiden no longer warrants that a cluster
        hangs together.

    Raises
    ------
    DataError
        If the weights from a cell and to it differ: communities would be sought for ever.
    """

    def __init__(self, connectivities: sparse.csr_matrix, *, from_groups: bool = False):
        graph = self.connectivities = sparse.csr_matrix(connectivities)
        n, m = graph.shape
        if n != m or not np.isfinite(graph.data).all():
            raise DataError(
                f"the graph has shape {n} × {m}; it must be square, and all weights finite numbers"
            )
        back, least = graph.T.tocsr(), ROUNDING * graph.max()
        parts = (slice(start, start + ROWS) for start in range(0, n, ROWS))
        if (directed := sum(int((abs(graph[part] - back[part]) > least).sum()) for part in parts)) > 0:
            raise DataError(
                f"the graph is directed: {directed} of its weights differ from those the other way; pass the symmetric "
                f"connectivities, not the distances, or graph.maximum(graph.T)"
            )
        del back
        if graph.diagonal().any() or not (graph.data > 0).all():
            graph = graph.maximum(0) - sparse.diags(np.maximum(graph.diagonal(), 0))
            graph.eliminate_zeros()
        indptr, indices = graph.indptr.astype(np.int64), np.require(graph.indices, np.int32, "CW")
        weights = np.require(graph.data, np.float64, "CW")
        strength = sparse.csr_matrix((weights, indices, indptr), shape=(n, n)) @ np.ones(n)
        self._graph = indptr, indices, weights, strength
        self._found: dict[Key, np.ndarray] = {}
        self.from_groups = from_groups
        self._groups: dict[tuple[str, int], tuple] = {}

    def __call__(self, algorithm: str, resolution: float, seed: int) -> np.ndarray:
        """Cluster codes from 0, int32 of shape (n_cells,); the algorithm is ``"leiden"`` or ``"louvain"``."""
        key = algorithm, resolution, seed
        if key not in self._found:
            self.all([key])
        return self._found[key]

    def all(self, keys: Iterable[Key]) -> np.ndarray:
        """Several clusterings, shape (n_keys, n_cells), computed side by side on as many cores as torch may use."""
        keys = list(keys)
        missing = [key for key in dict.fromkeys(keys) if key not in self._found]
        groups = dict.fromkeys((algorithm, seed) for algorithm, _, seed in missing if self.from_groups)
        groups = [key for key in groups if key not in self._groups]
        if missing:  # groups of another algorithm take their gigabyte no longer
            self.forget({algorithm for algorithm, _, _ in missing})
        with ThreadPoolExecutor(torch.get_num_threads()) as pool:
            self._groups |= zip(groups, pool.map(lambda key: self._group(*key), groups), strict=True)
            self._found |= zip(missing, pool.map(lambda key: self._cluster(*key), missing), strict=True)
        return np.stack([self._found[key] for key in keys])

    def forget(self, but: Collection[str] = ()) -> None:
        """Let go of groups of cells, except those of some algorithms; clusterings that are there stay."""
        for key in list(self._groups):
            if key[0] not in but:
                self._groups.pop(key, None)

    def _group(self, algorithm: str, seed: int) -> tuple:
        from zslib.metrics.communities import grouped

        how = ALGORITHMS[algorithm]
        return grouped(self._graph, FINE, np.uint64(seed), how.levels, how.refined)

    def _cluster(self, algorithm: str, resolution: float, seed: int) -> np.ndarray:
        # numba takes a second to load, for which what clusters nothing need not wait.
        from zslib.metrics.communities import communities, moved

        given, how = (float(resolution), np.uint64(seed)), ALGORITHMS[algorithm]
        group, graph = self._groups[algorithm, seed] if self.from_groups else (slice(None), self._graph)
        found = communities(graph, *given, how.iterations, how.refined)[group]
        if self.from_groups and how.refined:
            found = moved(self._graph, found, *given)
        by_size = np.argsort(-np.bincount(found), kind="stable")
        return np.argsort(by_size).astype(np.int32)[found]
