"""What each piece of our own speed in the scores buys, beside the library that it stands in for, on real cells.

    python benchmarks/parts.py [--dataset kang] [--cells 2000] [--repeats 5] [--profile default]

Cells are prepared as for the grid, the embedding is HVG → PCA. Each piece and its library get the same input and take
turns, in one thread; printed are medians of processor time and their ratio. What the first turn of the library takes beyond that, mostly
its import and what it compiles, is printed apart: every process pays it once, and every run is a process. Of a library
in several rows the first one pays for its import. Then one whole evaluation of the embedding is run, which says for how
long each piece works in it, and so how much longer all runs of a profile would take with the library in its place, first
turns included (two spaces a run, one layout).
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from zslib import datasets, metrics
from zslib.datasets import prepare
from zslib.metrics import clustering, distances, graph, layout, lisi, probe, space
from zslib.results import embedding

Pair = tuple[Callable[[], object], Callable[[], object]]
"""Ours and the library's."""


def clusterings(cells: metrics.Space, algorithm: str) -> Pair:
    """Clusters at resolution 1 against python-igraph's, whose graph is made beforehand."""
    import igraph

    weights = cells.neighbors.connectivities
    theirs = igraph.Graph.Weighted_Adjacency(weights, mode="undirected")
    options = {"weights": theirs.es["weight"], "resolution": 1.0}
    if algorithm == "leiden":
        options |= {"objective_function": "modularity", "n_iterations": 2}
    find = theirs.community_leiden if algorithm == "leiden" else theirs.community_multilevel
    return lambda: metrics.Clusterings(weights)(algorithm, 1.0, 0), lambda: find(**options)


def distance_pass(cells: metrics.Space) -> Pair:
    """All that scores need of the pairs of cells against scikit-learn's searches and silhouettes, one by one."""
    from sklearn.metrics import silhouette_samples
    from sklearn.neighbors import NearestNeighbors

    X, label, batch, fold = cells.X.astype(float), cells.label, cells.batch, cells.fold
    groups = [label == t for t in range(len(cells.names))]

    def near(known, asked, k):
        search = NearestNeighbors(n_neighbors=min(k, len(known)), algorithm="brute", n_jobs=1).fit(known)
        return search.kneighbors(asked)

    def theirs():
        near(X, X, 90)
        silhouette_samples(X, label)
        for own in groups:
            near(X[own], X[own], 90)
            if batch is not None and 1 < len(set(batch[own])) < own.sum():
                silhouette_samples(X[own], batch[own])
        for held in range(fold.max() + 1):
            near(X[fold != held], X[fold == held], 15)

    options = {"k": 89, "k_own": 89, "fold": fold, "k_other": 15, "device": "cpu"}
    return lambda: distances.measure_geometry(X, label, batch, **options), theirs


def probe_of_types(cells: metrics.Space) -> Pair:
    """Predictions of held-out folds by our logistic regression against those by scikit-learn's."""
    from sklearn.linear_model import LogisticRegression

    fold, label = cells.fold, cells.label
    X = cells.X.astype(float)
    X = (X - X.mean(axis=0)) / np.sqrt(((X - X.mean(axis=0)) ** 2).mean())

    def theirs():
        for held in range(fold.max() + 1):
            known = fold != held
            LogisticRegression(max_iter=500).fit(X[known], label[known]).predict(X[~known])

    return lambda: probe.held_out(cells.X, label, fold, cells.order, device="cpu"), theirs


def lisi_weights(cells: metrics.Space) -> Pair:
    """LISI of given neighbors against scib-metrics', compiled by JAX."""
    from scib_metrics import lisi_knn
    from scib_metrics.nearest_neighbors import NeighborsResults

    found, codes = cells.geometry("wide"), cells.label
    itself = np.arange(len(codes))
    near = NeighborsResults(
        indices=np.column_stack([itself, found.indices]),
        distances=np.column_stack([np.zeros(len(codes)), found.distances]),
    )
    return (
        lambda: lisi.lisi(lisi.neighbor_weights(found.distances), codes[found.indices]),
        lambda: np.asarray(lisi_knn(near, codes)),
    )


def fuzzy(cells: metrics.Space) -> Pair:
    """The fuzzy graph of given neighbors against umap-learn's."""
    from umap.umap_ import fuzzy_simplicial_set

    found = cells.neighbors
    itself = np.arange(len(found.indices))
    indices = np.column_stack([itself, found.indices]).astype(np.int32)
    far = np.column_stack([np.zeros(len(itself)), found.distances]).astype(np.float32)
    state = np.random.RandomState(0)
    return (
        lambda: graph.fuzzy_graph(found.indices, found.distances),
        lambda: fuzzy_simplicial_set(indices, 15, state, "euclidean", knn_indices=indices, knn_dists=far),
    )


def umap_layout(cells: metrics.Space) -> Pair:
    """The optimization of UMAP's layout against umap-learn's, from the same graph and start."""
    from umap.umap_ import find_ab_params, simplicial_set_embedding

    weights, start = cells.neighbors.connectivities, metrics.pca(cells.X, 2)
    a, b = find_ab_params(1.0, 0.3)

    def theirs():
        state = np.random.RandomState(0)
        given = (cells.X, weights.tocoo(), 2, 1.0, a, b, 1.0, 5, 200, start, state, "euclidean", {})
        return simplicial_set_embedding(*given, False, {}, False)

    return lambda: layout.umap(weights, start), theirs


def umap_by_igraph(cells: metrics.Space) -> Pair:
    """The optimization of UMAP's layout against python-igraph's, from the same graph and start."""
    import igraph

    weights, start = cells.neighbors.connectivities, metrics.pca(cells.X, 2)
    upper = sparse.triu(weights, k=1).tocoo()
    theirs = igraph.Graph(n=len(cells.X), edges=np.column_stack([upper.row, upper.col]).tolist())
    options = {
        "dist": (-np.log(np.maximum(upper.data, 1e-300))).tolist(),
        "seed": start.tolist(),
        "min_dist": 0.3,
        "epochs": 200,
    }
    return lambda: layout.umap(weights, start), lambda: theirs.layout_umap(**options)


def side_by_side(build: Callable[[], Pair], repeats: int) -> tuple[float, float, float]:
    """Median seconds of both, which take turns after a first one; and how much longer the library's first one takes."""
    start = time.process_time()
    pair = build()
    pair[1]()
    first = time.process_time() - start
    pair[0]()
    took: tuple[list, list] = ([], [])
    for _ in range(repeats):
        for call, times in zip(pair, took, strict=True):
            start = time.process_time()
            call()
            times.append(time.process_time() - start)
    ours, theirs = map(statistics.median, took)
    return ours, theirs, max(0.0, first - theirs)


def in_an_evaluation(cells: dict) -> dict[str, float]:
    """Seconds that each piece works in one evaluation in one space."""
    spent: dict[str, float] = {}

    def timed(name, function):
        def call(*args, **kwargs):
            start = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                spent[name] = spent.get(name, 0.0) + time.perf_counter() - start

        return call

    def cluster(self, algorithm, resolution, seed, plain=clustering.Clusterings._cluster):
        return timed(algorithm, plain)(self, algorithm, resolution, seed)

    clustering.Clusterings._cluster = cluster
    for module, name, part in (
        (space, "measure_geometry", "pairs of cells"),
        (space, "fuzzy_graph", "fuzzy graph"),
        (lisi, "neighbor_weights", "LISI"),
        (probe, "held_out", "probe"),
    ):
        setattr(module, name, timed(part, getattr(module, name)))
    start = time.perf_counter()
    found = metrics.score(**cells, device="cpu", spaces=["native"])
    metrics.titrate(found.spaces["native"])
    spent["whole"] = time.perf_counter() - start
    flat = metrics.pca(cells["embedding"], 2)
    timed("UMAP layout", layout.umap)(found.spaces["native"].neighbors.connectivities, flat)
    return spent


def main() -> None:
    """Read the command line; measure."""
    from zslib.workflow import grid

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", default="kang")
    parser.add_argument("--cells", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--profile", default="default", help="the runs that the last column is about")
    given = parser.parse_args()
    adata = prepare.prepare(datasets.load(given.dataset), n_cells=given.cells)
    X, _ = embedding.compute(adata, "hvg-pca", device="cpu")
    label, batch = (adata.obs[key].to_numpy() for key in ("label", "batch"))
    cells = metrics.Space.of(X, label, batch, device="cpu")
    setup = grid.load(given.profile)
    runs = len(setup.datasets) * len(setup.methods) * len(setup.seeds)
    _ = cells.neighbors, cells.neighbor_weights, cells.fold  # what the pieces are given is there beforehand
    pairs = [
        ("leiden", "igraph", lambda: clusterings(cells, "leiden"), 2),
        ("louvain", "igraph", lambda: clusterings(cells, "louvain"), 2),
        ("pairs of cells", "scikit-learn", lambda: distance_pass(cells), 2),
        ("probe", "scikit-learn", lambda: probe_of_types(cells), 2),
        ("fuzzy graph", "umap-learn", lambda: fuzzy(cells), 2),
        ("LISI", "scib-metrics", lambda: lisi_weights(cells), 2),
        ("UMAP layout", "umap-learn", lambda: umap_layout(cells), 1),
        ("UMAP layout", "igraph", lambda: umap_by_igraph(cells), 1),
    ]
    with threadpool_limits(1):
        took = [side_by_side(build, given.repeats) for _, _, build, _ in pairs]
        spent = in_an_evaluation(
            {
                "embedding": X,
                "label": label,
                "batch": batch,
                "unintegrated": adata.obsm["X_unintegrated"],
                "within_batch": adata.obsm["X_within_batch"],
            }
        )
    print(
        f"{given.dataset}: {adata.n_obs:,} cells × {X.shape[1]} dimensions; {runs} runs of {given.profile}\n"
    )
    print(
        "| piece | beside | ours, s | theirs, s | ratio | more at first, s | in an evaluation, s | saved in all runs, min |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for (name, library, _, spaces), (ours, theirs, first) in zip(pairs, took, strict=True):
        saved = (spent[name] * (theirs / ours - 1) * spaces + first) * runs / 60
        print(
            f"| {name} | {library} | {ours:.3f} | {theirs:.3f} | {theirs / ours:.1f} | {first:.1f} | "
            f"{spent[name]:.2f} | {saved:.1f} |"
        )
    print(f"\nOne space of one evaluation, intervals and all: {spent['whole']:.1f} s.")


if __name__ == "__main__":
    main()
