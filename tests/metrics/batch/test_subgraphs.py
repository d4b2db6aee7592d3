import numpy as np
import pytest
from scipy import sparse

from zslib.metrics import graph_connectivity
from zslib.metrics.batch.subgraphs import in_main_component


def test_the_largest_part_of_each_type_by_hand():
    # a: a chain of three and a cell apart; b: two cells tied through a cell of type a only.
    edges = np.array([[0, 1], [1, 2], [3, 4], [3, 5]])
    graph = sparse.coo_matrix((np.ones(4), edges.T), shape=(6, 6))
    found = in_main_component((graph + graph.T).tocsr(), np.array([0, 0, 0, 0, 1, 1]))
    assert found[:4].tolist() == [True, True, True, False]
    assert found[4:].sum() == 1


def test_connectivity_does_not_depend_on_the_order_of_cells(cells):
    value = graph_connectivity(cells.X, cells.label)
    order = np.random.default_rng(0).permutation(400)
    assert graph_connectivity(cells.X[order], cells.label[order]) == pytest.approx(value)
    assert 0 < value <= 1
