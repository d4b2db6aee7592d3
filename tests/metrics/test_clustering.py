import random

import numpy as np
import pytest

from zslib.metrics import RESOLUTIONS, ari, best_of_resolutions, leiden, louvain, neighbors, nmi


@pytest.fixture(scope="module")
def graph(cells):
    return neighbors(cells.X, device="cpu").connectivities


@pytest.mark.parametrize("algorithm", [leiden, louvain])
def test_the_seed_decides_and_python_random_is_left_alone(graph, algorithm):
    random.seed(3)
    expected = random.random()
    random.seed(3)
    first = algorithm(graph, resolution=1.0, seed=5)
    assert random.random() == expected
    np.testing.assert_array_equal(first, algorithm(graph, resolution=1.0, seed=5))


def test_igraph_gets_its_own_generator_back_after_an_error(graph, monkeypatch):
    import igraph

    given_back = []
    monkeypatch.setattr(igraph, "set_random_number_generator", given_back.append)
    with pytest.raises((TypeError, ValueError)):
        leiden(graph, resolution="high")
    assert given_back[-1] is random


@pytest.mark.parametrize("algorithm", [leiden, louvain])
def test_higher_resolution_gives_more_clusters(graph, algorithm):
    assert algorithm(graph, resolution=0.1).max() < algorithm(graph, resolution=3.0).max()


@pytest.mark.parametrize("algorithm", ["leiden", "louvain"])
def test_the_best_resolution_is_the_one_of_highest_nmi(graph, cells, algorithm):
    sweep = best_of_resolutions(graph, cells.label, algorithm=algorithm)
    table = sweep.table
    assert tuple(table["resolution"]) == RESOLUTIONS
    assert RESOLUTIONS[0] == 0.1
    assert RESOLUTIONS[-1] == 2.0
    assert len(RESOLUTIONS) == 20
    chosen = table[table["chosen"]]
    assert len(chosen) == 1
    assert chosen["nmi"].item() == table["nmi"].max() == nmi(cells.label, sweep.clusters[0])
    assert chosen["ari"].item() == pytest.approx(ari(cells.label, sweep.clusters[0]), abs=1e-12)
    assert chosen["n_clusters"].item() == len(np.unique(sweep.clusters[0]))


def test_of_equals_the_lowest_resolution_is_chosen():
    X = np.repeat(np.eye(3), 30, axis=0) + 0.01 * np.random.default_rng(0).standard_normal((90, 3))
    graph = neighbors(X, device="cpu").connectivities
    table = best_of_resolutions(graph, np.repeat(list("abc"), 30), resolutions=(0.3, 0.2, 0.1)).table
    assert (table["nmi"] == 1).all()
    assert table["chosen"].tolist() == [True, False, False]
