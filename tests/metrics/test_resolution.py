import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score as ari

from zslib.metrics import Clusterings, leiden, neighbors, stability
from zslib.metrics.resolution import matched_resolution


def islands(n_islands, n=60, spread=0.05):
    rng = np.random.default_rng(0)
    centers = 3 * rng.standard_normal((n_islands, 6))
    return np.repeat(centers, n, axis=0) + spread * rng.standard_normal((n_islands * n, 6))


@pytest.fixture(scope="module")
def graph(cells):
    return neighbors(cells.X, device="cpu").connectivities


def test_clusterings_are_computed_once_and_as_by_themselves(graph):
    shared = Clusterings(graph)
    first = shared("leiden", 1.0, 3)
    assert shared("leiden", 1.0, 3) is first
    np.testing.assert_array_equal(first, leiden(graph, resolution=1.0, seed=3))


@pytest.mark.parametrize("n_clusters", [3, 5, 9, 30])
def test_as_many_clusters_as_asked_for(graph, n_clusters):
    found = leiden(graph, resolution=matched_resolution(Clusterings(graph), n_clusters, 0)).max() + 1
    assert found == pytest.approx(n_clusters, abs=1 if n_clusters > 10 else 0)


def test_of_unreachable_numbers_the_nearest():
    apart = neighbors(islands(4, spread=1e-3), device="cpu").connectivities
    resolution = matched_resolution(Clusterings(apart), 2, 0)
    assert leiden(apart, resolution=resolution).max() + 1 == 4  # parts of a graph never join


def test_stability_finds_the_islands_without_labels():
    X, truth = islands(6), np.repeat(np.arange(6), 60)
    graph = neighbors(X, device="cpu").connectivities
    table = stability(graph)
    chosen = table[table["chosen"]]
    assert len(chosen) == 1
    assert chosen["stability"].item() >= table.loc[table["n_clusters"] > 1, "stability"].max() - 0.05
    assert ari(truth, leiden(graph, resolution=chosen["resolution"].item())) > 0.95


def test_noise_has_no_stable_clusters():
    noise = np.random.default_rng(0).standard_normal((400, 20))
    shown = stability(neighbors(islands(6), device="cpu").connectivities)["stability"].max()
    hidden = stability(neighbors(noise, device="cpu").connectivities)
    assert hidden.loc[hidden["n_clusters"] > 1, "stability"].max() < shown - 0.3


def test_the_seed_decides(graph):
    assert stability(graph, seed=1).equals(stability(graph, seed=1))
    assert not stability(graph, seed=1).equals(stability(graph, seed=2))
