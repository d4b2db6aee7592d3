import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import friedmanchisquare, kendalltau, rankdata

from zslib.core.errors import DataError
from zslib.core.stats.ranks import kendall_tau, rank_datasets, ranks


def tables(rows=(3, 8), columns=(3, 6)):
    """Scores with ties."""
    shape = st.tuples(st.integers(*rows), st.integers(*columns), st.integers(0, 10**6))
    return shape.map(lambda s: np.random.default_rng(s[2]).integers(0, 5, s[:2]).astype(float))


@settings(deadline=None, max_examples=40)
@given(tables())
def test_orders_are_those_of_scipy(scores):
    for row, found in zip(scores, ranks(scores), strict=True):
        np.testing.assert_array_equal(found, rankdata(-row))
    expected = [kendalltau(row, scores[0]).statistic for row in scores]
    np.testing.assert_allclose(kendall_tau(scores, scores[0]), expected, atol=1e-12)


@settings(deadline=None, max_examples=40)
@given(tables())
def test_friedmans_test_is_that_of_scipy(scores):
    if (np.ptp(scores, axis=1) == 0).all():
        return
    found = rank_datasets(scores)
    expected = friedmanchisquare(*scores.T)
    assert found.friedman == pytest.approx(expected.statistic, abs=1e-9)
    assert found.p == pytest.approx(expected.pvalue, abs=1e-9)
    np.testing.assert_allclose(found.mean_ranks, ranks(scores).mean(axis=0))


@pytest.mark.parametrize(("k", "q"), [(2, 1.960), (3, 2.343), (5, 2.728), (10, 3.164)])
def test_the_critical_difference_is_that_of_demsars_table(k, q):
    scores = np.random.default_rng(0).random((6, k))
    assert rank_datasets(scores).critical_difference == pytest.approx(q * np.sqrt(k * (k + 1) / 36), abs=2e-3)


def test_three_datasets_do_not_separate_what_thirty_do():
    order = np.array([[4, 3, 2, 1], [3, 4, 1, 2], [4, 2, 3, 1]], dtype=float)
    assert not rank_datasets(order).separates
    assert rank_datasets(np.tile(order, (10, 1))).separates


def test_what_is_missing_or_too_little_is_refused():
    with pytest.raises(DataError, match="missing"):
        ranks([[1.0, np.nan]])
    with pytest.raises(DataError, match="two or more of each"):
        rank_datasets(np.ones((1, 4)))
    with pytest.raises(DataError, match="do not compare"):
        kendall_tau([1, 2, 3], [1, 2])
    assert np.isnan(kendall_tau([1, 1, 1], [1, 2, 3]))
    assert rank_datasets(np.ones((3, 3))).friedman == 0
