"""Leiden and Louvain on the neighbor graph, at the resolution the labels like best."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from zslib.metrics.agreement import contingency, table_ari, table_nmi
from zslib.metrics.checks import encode

REPEATS = 8
"""Clusterings at the chosen resolution: both algorithms start from a random order, and luck moves the scores."""
RESOLUTIONS = tuple(round(0.1 * step, 1) for step in range(1, 21))
"""0.1, 0.2 … 2.0, as in scib and the paper."""


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """A clustering at every resolution, and the one that agrees best with the labels."""

    table: pd.DataFrame
    """Columns resolution, n_clusters, nmi, ari, chosen; one row a resolution."""
    clusters: np.ndarray
    """Cluster of each cell at the chosen resolution, shape (n_repeats, n_cells); the first row is the sweep's."""


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


def best_of_resolutions(
    connectivities: sparse.csr_matrix,
    label,
    *,
    algorithm: str = "leiden",
    resolutions: tuple[float, ...] = RESOLUTIONS,
    repeats: int = REPEATS,
    seed: int = 0,
) -> Sweep:
    """Cluster at several resolutions, keep the one with the highest NMI against the labels, and repeat there.

    The choice looks at the labels, so the result is what an oracle would find and not what a biologist
    without labels would. The whole sweep is returned, for one to see how much was won by choosing.

    Parameters
    ----------
    connectivities
        Symmetric weights of shape (n_cells, n_cells).
    label
        Cell type of each cell, shape (n_cells,).
    algorithm
        ``"leiden"`` or ``"louvain"``.
    resolutions
        Which to try; of equals the first is chosen.
    repeats
        How often to cluster at the chosen resolution, with ``seed``, ``seed + 1`` and so on.
    seed
        Seed of the sweep's clusterings, the same at each resolution.

    Returns
    -------
    The sweep and the clusters at the chosen resolution.
    """
    label, _ = encode(label, connectivities.shape[0], "label")
    graph, run = _igraph(connectivities), ALGORITHMS[algorithm]
    found = [run(graph, resolution, seed) for resolution in resolutions]
    every = np.ones((len(label), 1))
    tables = [contingency(every, label, clusters)[0] for clusters in found]
    scores = [float(table_nmi(table)) for table in tables]
    # Equal partitions with clusters numbered differently differ in the last digits only.
    best = int(np.argmax(np.round(scores, 12)))
    table = pd.DataFrame(
        {
            "resolution": resolutions,
            "n_clusters": [int(clusters.max()) + 1 for clusters in found],
            "nmi": scores,
            "ari": [float(table_ari(table)) for table in tables],
            "chosen": np.arange(len(found)) == best,
        }
    )
    again = [run(graph, resolutions[best], seed + i) for i in range(1, repeats)]
    return Sweep(table=table, clusters=np.stack([found[best], *again]))


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
