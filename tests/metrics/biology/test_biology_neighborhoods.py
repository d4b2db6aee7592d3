import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from zslib.metrics import knn_purity


def nearest(X):
    return NearestNeighbors(n_neighbors=14).fit(X.astype(float)).kneighbors(return_distance=False)


def test_purity_by_scikit_learn(cells):
    expected = (cells.label[nearest(cells.X)] == cells.label[:, None]).mean()
    assert knn_purity(cells.X, cells.label) == pytest.approx(expected, abs=1e-12)


def test_random_neighbors_are_as_pure_as_the_composition():
    rng = np.random.default_rng(0)
    label = rng.permutation(np.repeat(["a", "b", "c"], [1400, 400, 200]))
    assert knn_purity(rng.standard_normal((2000, 10)), label) == pytest.approx(
        0.7**2 + 0.2**2 + 0.1**2, abs=0.02
    )
