"""UMAP of the metrics' own graph."""

import numpy as np

from zslib import metrics
from zslib.metrics import layout


def _blobs():
    rng = np.random.default_rng(0)
    centers = 8 * rng.normal(size=(3, 10))
    group = np.repeat(np.arange(3), 60)
    return centers[group] + rng.normal(size=(180, 10)), group


def test_groups_that_are_apart_stay_apart_and_the_seed_decides():
    X, group = _blobs()
    graph = metrics.neighbors(X).connectivities
    first = layout.umap(graph, X, seed=3)
    assert first.shape == (180, 2)
    assert metrics.asw_label(first, group) > 0.85
    np.testing.assert_array_equal(first, layout.umap(graph, X, seed=3))
    assert not np.array_equal(first, layout.umap(graph, X, seed=4))


def test_one_dimension_to_start_from_is_enough():
    X, _ = _blobs()
    graph = metrics.neighbors(X).connectivities
    assert np.isfinite(layout.umap(graph, X[:, :1])).all()


def test_neighbors_are_kept_as_well_as_by_igraph():
    import igraph
    from scipy import sparse
    from sklearn.manifold import trustworthiness

    rng = np.random.default_rng(1)
    turn = np.sort(rng.uniform(0, 12, 400))
    X = np.column_stack([turn * np.cos(turn), turn * np.sin(turn), rng.uniform(0, 8, 400)])
    graph, start = metrics.neighbors(X).connectivities, metrics.pca(X, 2)
    upper = sparse.triu(graph, k=1).tocoo()
    theirs = igraph.Graph(n=400, edges=np.column_stack([upper.row, upper.col]).tolist()).layout_umap(
        dist=(-np.log(upper.data)).tolist(), seed=start.tolist(), min_dist=0.3, epochs=200
    )
    mine, expected = (
        trustworthiness(X, Y, n_neighbors=14) for Y in (layout.umap(graph, start), theirs.coords)
    )
    assert mine > 0.9
    assert mine > expected - 0.01


def test_cells_that_start_at_one_place_and_an_empty_graph_are_no_trouble():
    from scipy import sparse

    X, _ = _blobs()
    graph = metrics.neighbors(X).connectivities
    assert len(np.unique(layout.umap(graph, np.zeros((180, 2))), axis=0)) == 180
    assert np.isfinite(layout.umap(sparse.csr_matrix((5, 5)), np.zeros((5, 2)))).all()


def test_the_curve_is_that_of_umap_learn():
    # find_ab_params(spread=1, min_dist=0.1) of umap-learn 0.5, to the digits it is commonly printed with.
    a, b = layout._curve(0.1)
    assert (round(a, 3), round(b, 3)) == (1.577, 0.895)


def test_of_many_cells_those_that_repel_are_drawn_by_stretches():
    from scipy import sparse

    n, rng = 40_000, np.random.default_rng(0)
    group = rng.integers(0, 2, n)
    rows = [np.flatnonzero(group == g) for g in (0, 1)]
    heads = np.concatenate([np.repeat(some, 4) for some in rows])
    tails = np.concatenate([rng.choice(some, 4 * len(some)) for some in rows])
    graph = sparse.csr_matrix((np.ones(4 * n), (heads, tails)), (n, n))
    graph = graph.maximum(graph.T)
    graph.data[:] = 1
    found = layout.umap(graph, rng.normal(size=(n, 2)), epochs=30)
    assert np.isfinite(found).all()
    center = [found[some].mean(axis=0) for some in rows]
    assert np.linalg.norm(center[0] - center[1]) > 2 * np.mean([found[some].std() for some in rows])
