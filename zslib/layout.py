"""Two-dimensional pictures of an embedding.

UMAP is laid out by igraph's C implementation on the very neighbor graph the metrics use: no second search
for neighbors and nothing compiled on the fly.
"""

import random

import numpy as np
from scipy import sparse


def umap(
    graph: sparse.csr_matrix, start: np.ndarray, *, min_dist: float = 0.3, epochs: int = 200, seed: int = 0
):
    """Lay out a neighbor graph in two dimensions.

    Parameters
    ----------
    graph
        Symmetric connectivities in [0, 1], shape (n_cells, n_cells).
    start
        Where cells start, shape (n_cells, ≥2); the first two columns are used (principal components).
    min_dist
        How tightly points may be packed.
    epochs
        Passes of the optimization.
    seed
        For the sampling of edges and of pairs that repel.

    Returns
    -------
    float32 array of shape (n_cells, 2). Distances between far groups mean nothing.
    """
    import igraph

    upper = sparse.triu(graph, k=1).tocoo()
    network = igraph.Graph(n=graph.shape[0], edges=np.column_stack([upper.row, upper.col]).tolist())
    first = np.zeros((graph.shape[0], 2))
    first[:, : min(2, start.shape[1])] = start[:, :2]
    spread = np.abs(first).max() or 1.0
    igraph.set_random_number_generator(random.Random(seed))
    try:
        # igraph turns distances into weights by exp(-(d - nearest)); this hands it UMAP's own weights.
        layout = network.layout_umap(
            dist=(-np.log(np.clip(upper.data, 1e-4, 1.0))).tolist(),
            seed=(10 * first / spread).tolist(),
            min_dist=min_dist,
            epochs=epochs,
        )
    finally:
        igraph.set_random_number_generator(random)
    return np.asarray(layout.coords, dtype=np.float32)
