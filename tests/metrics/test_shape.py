import numpy as np
import pytest
from scipy import linalg

from zslib.errors import NotApplicable
from zslib.metrics import anisotropy, effective_rank, participation_ratio, shape


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
