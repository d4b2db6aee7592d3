import numpy as np
from scipy import sparse

from zslib.metrics.batch.subgraphs import in_main_component


def test_the_largest_part_of_each_type_by_hand():
    # a: a chain of three and a cell apart; b: two cells tied through a cell of type a only.
    edges = np.array([[0, 1], [1, 2], [3, 4], [3, 5]])
    graph = sparse.coo_matrix((np.ones(4), edges.T), shape=(6, 6))
    found = in_main_component((graph + graph.T).tocsr(), np.array([0, 0, 0, 0, 1, 1]))
    assert found[:4].tolist() == [True, True, True, False]
    assert found[4:].sum() == 1
