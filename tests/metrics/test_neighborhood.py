import numpy as np
import pytest
from scipy import stats
from sklearn.neighbors import NearestNeighbors

from zslib.errors import DataError
from zslib.metrics import hubness, knn_purity, neighbor_preservation, neighborhood


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


def test_hubness_is_the_skewness_of_scipy(cells):
    counts = np.bincount(nearest(cells.X).ravel(), minlength=400)
    assert hubness(cells.X) == pytest.approx(stats.skew(counts), abs=1e-10)
    drawn = np.random.default_rng(0).integers(0, 3, 400)
    found = neighborhood.skewness(counts.astype(float))(drawn[:, None].astype(float))
    assert found[0] == pytest.approx(stats.skew(np.repeat(counts, drawn)), abs=1e-10)


def test_noise_in_many_dimensions_makes_hubs():
    rng = np.random.default_rng(0)
    assert hubness(rng.standard_normal((500, 500))) > hubness(rng.standard_normal((500, 3))) + 1


def test_a_ring_has_no_hubs():
    angle = np.linspace(0, 2 * np.pi, 100, endpoint=False)
    assert hubness(np.column_stack([np.cos(angle), np.sin(angle)]) + 1e-9) == pytest.approx(0, abs=0.2)
    assert neighborhood.skewness(np.full(5, 14.0))(np.ones((5, 1))).item() == 0


def test_preservation_counts_common_neighbors(cells):
    before, after = cells.raw[:, :20], cells.X[:, :20]
    pairs = zip(nearest(before), nearest(after), strict=True)
    expected = np.mean([len(set(a) & set(b)) / 14 for a, b in pairs])
    assert neighbor_preservation(after, before) == pytest.approx(expected, abs=1e-12)
    assert neighbor_preservation(after, after * 3) == 1
    noise = np.random.default_rng(0).standard_normal((400, 5))
    assert neighbor_preservation(noise, before) == pytest.approx(14 / 399, abs=0.02)


def test_neighbors_of_other_shapes_do_not_compare(cells):
    with pytest.raises(DataError, match="do not compare"):
        neighborhood.overlap(np.zeros((3, 2), dtype=int), np.zeros((3, 4), dtype=int))
    with pytest.raises(DataError, match="399 rows for 400 cells"):
        neighbor_preservation(cells.X, cells.raw[1:])
