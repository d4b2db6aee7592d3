"""Leiden and Louvain on the neighbor graph."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from scipy import sparse

from zslib.core.errors import DataError

ROUNDING = 1e-6
"""Part of the largest weight by which two ways between cells may differ."""
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


def louvain(connectivities: sparse.csr_matrix, *, resolution: float = 1.0, seed: int = 0) -> np.ndarray:
    """Louvain clusters, by modularity; parameters and result as :func:`leiden`.

    Notes
    -----
    Blondel et al. 2008, doi:10.1088/1742-5468/2008/10/P10008.
    """
    return Clusterings(connectivities)("louvain", resolution, seed)


class Clusterings:
    """Clusterings of one graph, each computed when first asked for.

    Parameters
    ----------
    connectivities
        Symmetric weights of shape (n_cells, n_cells), not negative.

    Raises
    ------
    DataError
        If the weights from a cell and to it differ: communities would be sought for ever.
    """

    def __init__(self, connectivities: sparse.csr_matrix):
        graph = self.connectivities = sparse.csr_matrix(connectivities)
        n, m = graph.shape
        if n != m or not np.isfinite(graph.data).all():
            raise DataError(
                f"the graph has shape {n} × {m}; it must be square, and all weights finite numbers"
            )
        if (directed := int((abs(graph - graph.T) > ROUNDING * graph.max()).sum())) > 0:
            raise DataError(
                f"the graph is directed: {directed} of its weights differ from those the other way; pass the symmetric "
                f"connectivities, not the distances, or graph.maximum(graph.T)"
            )
        if graph.diagonal().any() or not (graph.data > 0).all():
            graph = graph.maximum(0) - sparse.diags(np.maximum(graph.diagonal(), 0))
            graph.eliminate_zeros()
        self._graph = (
            graph.indptr.astype(np.int64),
            graph.indices.astype(np.int32),
            graph.data.astype(np.float64),
        )
        self._found: dict[Key, np.ndarray] = {}

    def __call__(self, algorithm: str, resolution: float, seed: int) -> np.ndarray:
        """Cluster codes from 0, int32 of shape (n_cells,); the algorithm is ``"leiden"`` or ``"louvain"``."""
        key = algorithm, resolution, seed
        if key not in self._found:
            self._found[key] = self._cluster(*key)
        return self._found[key]

    def all(self, keys: Iterable[Key]) -> np.ndarray:
        """Several clusterings, shape (n_keys, n_cells), computed side by side on as many cores as torch may use."""
        keys = list(keys)
        missing = [key for key in dict.fromkeys(keys) if key not in self._found]
        with ThreadPoolExecutor(torch.get_num_threads()) as pool:
            self._found |= zip(missing, pool.map(lambda key: self._cluster(*key), missing), strict=True)
        return np.stack([self._found[key] for key in keys])

    def repeated(self, algorithm: str, resolution: float, seed: int, repeats: int) -> np.ndarray:
        """Clusterings from as many seeds, shape (n_repeats, n_cells)."""
        return self.all((algorithm, resolution, seed + i) for i in range(repeats))

    def _cluster(self, algorithm: str, resolution: float, seed: int) -> np.ndarray:
        from zslib.metrics.communities import communities

        iterations = {"leiden": 2, "louvain": 1}[algorithm]
        found = communities(
            *self._graph, float(resolution), np.uint64(seed), iterations, algorithm == "leiden"
        )
        by_size = np.argsort(-np.bincount(found), kind="stable")
        return np.argsort(by_size).astype(np.int32)[found]
