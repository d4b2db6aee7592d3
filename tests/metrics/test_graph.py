import numpy as np
import pytest

from zslib.core.errors import DataError
from zslib.metrics import graph_connectivity, neighbors
from zslib.metrics.graph import smooth_distances


def test_the_graph_is_symmetric_with_weights_up_to_one(cells):
    graph = neighbors(cells.X, device="cpu").connectivities
    assert abs(graph - graph.T).max() == 0
    assert 0 < graph.data.min() <= graph.data.max() <= 1
    assert graph.diagonal().max() == 0
    # every cell is tied to its nearest with weight one
    assert graph.max(axis=1).toarray().min() == pytest.approx(1)


def test_each_neighborhood_adds_up_to_log2_of_its_size(cells):
    distances = neighbors(cells.X, device="cpu").distances
    rho, sigma = smooth_distances(distances)
    total = np.exp(-np.maximum(distances - rho[:, None], 0) / sigma[:, None]).sum(axis=1)
    np.testing.assert_allclose(total, np.log2(15), atol=1e-5)


def test_coinciding_cells_make_a_graph():
    X = np.repeat(np.random.default_rng(0).standard_normal((5, 3)), 20, axis=0)
    graph = neighbors(X, device="cpu").connectivities
    assert (graph.data == 1).all()
    assert graph_connectivity(X, np.repeat(list("abcde"), 20)) == 1.0


def test_too_few_cells():
    with pytest.raises(DataError, match="at least 15 cells"):
        neighbors(np.random.default_rng(0).standard_normal((9, 2)))
