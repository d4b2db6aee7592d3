import numpy as np
import pytest
from scipy import linalg, stats
from sklearn.neighbors import NearestNeighbors

from zslib.core.errors import DataError, NotApplicable
from zslib.metrics import anisotropy, effective_rank, hubness, neighbor_preservation, participation_ratio
from zslib.metrics.geometry import shape


def nearest(X):
    return NearestNeighbors(n_neighbors=14).fit(X.astype(float)).kneighbors(return_distance=False)


@pytest.mark.parametrize("n", [400, 40])  # more cells than dimensions, and fewer
def test_ranks_by_their_definitions(cells, n):
    X = cells.X[:n].astype(float)
    singular = linalg.svdvals(X - X.mean(axis=0))
    p = singular / singular.sum()
    p = p[p > 1e-12]
    assert effective_rank(X) == pytest.approx(np.exp(-(p * np.log(p)).sum()), rel=1e-6)
    values = singular**2
    assert participation_ratio(X) == pytest.approx(values.sum() ** 2 / (values**2).sum(), rel=1e-9)


def test_ends_of_the_ranks():
    line = np.arange(1, 51)[:, None] * np.ones(4)
    assert participation_ratio(line) == pytest.approx(1)
    # The square roots of variances that are rounding are small, not nothing.
    assert effective_rank(line) == pytest.approx(1, abs=1e-4)
    ball = np.vstack([np.eye(4), -np.eye(4)])
    assert effective_rank(ball) == pytest.approx(4)
    assert participation_ratio(ball) == pytest.approx(4)


def test_anisotropy_is_the_mean_over_pairs(cells):
    X = cells.X.astype(float)
    units = X / np.linalg.norm(X, axis=1, keepdims=True)
    expected = (units @ units.T)[np.triu_indices(400, 1)].mean()
    assert anisotropy(X) == pytest.approx(expected, abs=1e-12)
    assert anisotropy(X + 1000) == pytest.approx(1, abs=1e-3)
    assert anisotropy(np.vstack([np.eye(3), -np.eye(3)])) == pytest.approx(-1 / 5)


def test_a_cell_drawn_twice_is_not_a_pair():
    X = np.vstack([np.eye(3), -np.eye(3)])
    assert shape.mean_cosine(X)(2 * np.ones((6, 1))).item() == pytest.approx(-1 / 5)


def test_a_spectrum_too_large_is_not_computed(cells, monkeypatch):
    monkeypatch.setattr(shape, "DENSE", 10)
    with pytest.raises(NotApplicable, match="the limit is 10"):
        effective_rank(cells.X)


def test_hubness_is_the_skewness_of_scipy(cells):
    counts = np.bincount(nearest(cells.X).ravel(), minlength=400)
    assert hubness(cells.X) == pytest.approx(stats.skew(counts), abs=1e-10)
    drawn = np.random.default_rng(0).integers(0, 3, 400)
    found = shape.skewness(counts.astype(float))(drawn[:, None].astype(float))
    assert found[0] == pytest.approx(stats.skew(np.repeat(counts, drawn)), abs=1e-10)


def test_noise_in_many_dimensions_makes_hubs():
    rng = np.random.default_rng(0)
    assert hubness(rng.standard_normal((500, 500))) > hubness(rng.standard_normal((500, 3))) + 1


def test_a_ring_has_no_hubs():
    angle = np.linspace(0, 2 * np.pi, 100, endpoint=False)
    assert hubness(np.column_stack([np.cos(angle), np.sin(angle)]) + 1e-9) == pytest.approx(0, abs=0.2)
    assert shape.skewness(np.full(5, 14.0))(np.ones((5, 1))).item() == 0


def test_preservation_counts_common_neighbors(cells):
    before, after = cells.raw[:, :20], cells.X[:, :20]
    pairs = zip(nearest(before), nearest(after), strict=True)
    expected = np.mean([len(set(a) & set(b)) / 14 for a, b in pairs])
    assert neighbor_preservation(after, unintegrated=before) == pytest.approx(expected, abs=1e-12)
    assert neighbor_preservation(after, unintegrated=after * 3) == 1
    noise = np.random.default_rng(0).standard_normal((400, 5))
    assert neighbor_preservation(noise, unintegrated=before) == pytest.approx(14 / 399, abs=0.02)


def test_neighbors_of_other_shapes_do_not_compare(cells):
    with pytest.raises(DataError, match="do not compare"):
        shape.overlap(np.zeros((3, 2), dtype=int), np.zeros((3, 4), dtype=int))
    with pytest.raises(DataError, match="399 rows for 400 cells"):
        neighbor_preservation(cells.X, unintegrated=cells.raw[1:, :9])
