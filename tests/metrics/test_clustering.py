import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from sklearn.metrics import adjusted_rand_score as ari
from sklearn.metrics import normalized_mutual_info_score as nmi

from zslib.core.errors import DataError
from zslib.metrics import RESOLUTIONS, best_of_resolutions, clustering, leiden, neighbors
from zslib.metrics.clustering import Clusterings

BOTH = pytest.mark.parametrize("algorithm", ["leiden", "louvain"])


def cluster(algorithm, graph, resolution=1.0, seed=0):
    return Clusterings(graph)(algorithm, resolution, seed)


@pytest.fixture(scope="module")
def graph(cells):
    return neighbors(cells.X, device="cpu").connectivities


def modularity(graph, clusters, resolution: float = 1.0) -> float:
    """By its definition, on a dense matrix."""
    weights = np.asarray(graph.todense())
    strength, total = weights.sum(axis=1), weights.sum()
    together = clusters[:, None] == clusters
    return float((together * (weights / total - resolution * np.outer(strength, strength) / total**2)).sum())


@st.composite
def graphs(draw):
    """Random weights between up to 30 nodes, some of them without any, in groups or not."""
    n, seed = draw(st.integers(2, 30)), draw(st.integers(0, 10**6))
    rng = np.random.default_rng(seed)
    group = rng.integers(0, draw(st.integers(1, 5)), n)
    near = rng.random((n, n)) < np.where(group[:, None] == group, draw(st.floats(0, 1)), 0.05)
    upper = np.triu(near * rng.random((n, n)), 1)
    return sparse.csr_matrix(upper + upper.T)


@BOTH
@settings(max_examples=30, deadline=None)
@given(graph=graphs(), resolution=st.floats(0.05, 3), seed=st.integers(0, 2**31))
def test_no_cell_would_rather_be_alone_and_no_two_clusters_one(algorithm, graph, resolution, seed):
    clusters = cluster(algorithm, graph, resolution, seed)
    assert np.array_equal(np.unique(clusters), np.arange(clusters.max() + 1))
    if not graph.nnz:
        assert len(np.unique(clusters)) == graph.shape[0]
        return
    reached = modularity(graph, clusters, resolution)
    assert reached >= modularity(graph, np.arange(graph.shape[0]), resolution) - 1e-9
    for one in range(clusters.max() + 1):
        for other in range(one):
            merged = np.where(clusters == one, other, clusters)
            assert modularity(graph, merged, resolution) <= reached + 1e-9


@settings(max_examples=30, deadline=None)
@given(graph=graphs(), resolution=st.floats(0.05, 3), seed=st.integers(0, 2**31))
def test_a_leiden_cluster_hangs_together(graph, resolution, seed):
    clusters = leiden(graph, resolution=resolution, seed=seed)
    for code in np.unique(clusters):
        inside = clusters == code
        assert connected_components(graph[inside][:, inside], directed=False)[0] == 1


@BOTH
def test_two_cliques_and_a_bridge(algorithm):
    weights = np.kron(np.eye(2), 1 - np.eye(5))
    weights[4, 5] = weights[5, 4] = 1
    clusters = cluster(algorithm, sparse.csr_matrix(weights))
    np.testing.assert_array_equal(clusters, np.repeat(clusters[[0, 9]], 5))
    # 20 of 21 edges are within; each clique has half of the strength.
    assert modularity(sparse.csr_matrix(weights), clusters) == pytest.approx(20 / 21 - 1 / 2)


@BOTH
def test_self_loops_and_zeros_do_not_count_and_the_largest_cluster_is_the_first(algorithm, graph):
    same = graph.copy().tolil()
    same.setdiag(7)
    clusters = cluster(algorithm, graph, seed=2)
    np.testing.assert_array_equal(cluster(algorithm, same.tocsr(), seed=2), clusters)
    sizes = np.bincount(clusters)
    assert (np.diff(sizes) <= 0).all()


@BOTH
def test_the_modularity_is_that_of_igraph(algorithm, graph):
    import igraph

    upper = sparse.triu(graph, k=1).tocoo()
    theirs = igraph.Graph(n=graph.shape[0], edges=np.column_stack([upper.row, upper.col]).tolist())
    weights = upper.data.astype(float).tolist()
    for resolution in (0.3, 1.0, 2.0):
        mine = [
            modularity(graph, cluster(algorithm, graph, resolution, seed=s), resolution) for s in range(10)
        ]
        if algorithm == "leiden":
            options = {"objective_function": "modularity", "n_iterations": 2, "resolution": resolution}
            found = [theirs.community_leiden(weights=weights, **options) for _ in range(10)]
        else:
            found = [theirs.community_multilevel(weights=weights, resolution=resolution) for _ in range(10)]
        expected = [modularity(graph, np.array(f.membership), resolution) for f in found]
        assert np.median(mine) >= np.median(expected) - 0.003


@BOTH
def test_from_groups_modularity_is_about_as_high_and_the_seed_decides(algorithm):
    rng = np.random.default_rng(0)
    X = 1.4 * rng.standard_normal((8, 10))[rng.integers(0, 8, 3000)] + rng.standard_normal((3000, 10))
    graph = neighbors(X, device="cpu").connectivities
    one, other = Clusterings(graph, from_groups=True), Clusterings(graph, from_groups=True)
    for resolution in (0.3, 1.0, 2.0):
        keys = [(algorithm, resolution, seed) for seed in range(6)]
        found, whole = one.all(keys), Clusterings(graph).all(keys)
        reached, expected = (
            [modularity(graph, codes, resolution) for codes in every] for every in (found, whole)
        )
        assert np.median(reached) >= np.median(expected) - 0.005
        assert len(np.unique(found, axis=0)) > 1
        np.testing.assert_array_equal(other(*keys[3]), found[3])
        assert (np.diff(np.bincount(found[0])) <= 0).all()
    assert len(one._groups[algorithm, 0][1][3]) < 1000  # groups, of 3,000 cells


def test_groups_that_were_let_go_are_made_again_the_same(graph):
    once, kept = Clusterings(graph, from_groups=True), Clusterings(graph, from_groups=True)
    one, other = ("leiden", 1.0, 0), ("louvain", 1.0, 0)
    found = once(*one), once(*other)
    assert list(once._groups) == [("louvain", 0)]  # those of Leiden take no memory any longer
    once.forget()
    assert not once._groups
    np.testing.assert_array_equal(once.all([one, other]), found)
    np.testing.assert_array_equal(once("leiden", 0.5, 0), kept("leiden", 0.5, 0))
    assert list(once._groups) == [("leiden", 0)]


def test_a_graph_without_edges_is_grouped_too():
    alone = Clusterings(sparse.csr_matrix((4, 4)), from_groups=True)
    assert sorted(alone("leiden", 1.0, 0)) == sorted(alone("louvain", 1.0, 0)) == [0, 1, 2, 3]


@pytest.mark.parametrize("rows", [7, clustering.ROWS])
def test_a_directed_graph_is_refused(graph, rows, monkeypatch):
    monkeypatch.setattr(clustering, "ROWS", rows)
    weights = graph.copy()
    weights.data[3] *= 2
    with pytest.raises(DataError, match="the graph is directed: 2 of its weights"):
        leiden(weights)
    with pytest.raises(DataError, match="must be square"):
        leiden(graph[:10])
    weights.data[3] = np.nan
    with pytest.raises(DataError, match="finite"):
        leiden(weights)
    np.testing.assert_array_equal(leiden(graph.toarray()), leiden(graph))


@BOTH
def test_the_seed_decides(algorithm, graph):
    first = cluster(algorithm, graph, 4, seed=5)
    np.testing.assert_array_equal(first, cluster(algorithm, graph, 4, seed=5))
    assert any((first != cluster(algorithm, graph, 4, seed=s)).any() for s in range(6, 12))


def test_side_by_side_is_as_one_after_the_other(graph, monkeypatch):
    import torch

    keys = [(name, r, s) for name in ("leiden", "louvain") for r in (0.5, 1.5) for s in (0, 1)]
    one, many = Clusterings(graph), Clusterings(graph)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    np.testing.assert_array_equal(many.all(keys * 2)[:8], np.stack([one(*key) for key in keys]))


def test_a_resolution_must_be_a_number(graph):
    with pytest.raises(ValueError, match="high"):
        leiden(graph, resolution="high")


@BOTH
def test_higher_resolution_gives_more_clusters(graph, algorithm):
    assert cluster(algorithm, graph, 0.1).max() < cluster(algorithm, graph, 3.0).max()


@BOTH
def test_the_best_resolution_is_the_one_of_highest_nmi(graph, cells, algorithm):
    sweep = best_of_resolutions(graph, cells.label, algorithm=algorithm)
    table = sweep.table
    assert tuple(table["resolution"]) == RESOLUTIONS
    assert RESOLUTIONS[0] == 0.1
    assert RESOLUTIONS[-1] == 2.0
    assert len(RESOLUTIONS) == 20
    chosen = table[table["chosen"]]
    assert len(chosen) == 1
    assert (
        chosen["nmi"].item()
        == table["nmi"].max()
        == pytest.approx(nmi(cells.label, sweep.clusters[0]), abs=1e-12)
    )
    assert chosen["ari"].item() == pytest.approx(ari(cells.label, sweep.clusters[0]), abs=1e-12)
    assert chosen["n_clusters"].item() == len(np.unique(sweep.clusters[0]))


def test_of_equals_the_lowest_resolution_is_chosen():
    X = np.repeat(np.eye(3), 30, axis=0) + 0.01 * np.random.default_rng(0).standard_normal((90, 3))
    graph = neighbors(X, device="cpu").connectivities
    table = best_of_resolutions(graph, np.repeat(list("abc"), 30), resolutions=(0.3, 0.2, 0.1)).table
    assert (table["nmi"] == 1).all()
    assert table["chosen"].tolist() == [True, False, False]
