"""Replicates that spread as fresh draws do, and comparisons with the best that luck may have favored."""

import numpy as np
import pytest
from scipy.stats import t

from zslib.core import stats
from zslib.core.errors import DataError


def test_replicates_have_students_interval_of_every_score_and_difference():
    draws = np.random.default_rng(1).normal(0, [1, 2, 3], (8, 3))
    made = stats.redrawn(draws, 200_000)
    for found, wanted in ((made[:, 1], draws[:, 1]), (made[:, 0] - made[:, 2], draws[:, 0] - draws[:, 2])):
        reach = t.ppf(0.975, 7) * wanted.std(ddof=1)
        np.testing.assert_allclose(stats.interval(found), [-reach, reach], rtol=0.03)
    np.testing.assert_allclose(stats.redrawn(draws[:, :1], 9), stats.redrawn(draws, 9)[:, :1])
    with pytest.raises(DataError, match="two or more"):
        stats.redrawn(draws[:1], 9)


def test_halves_of_a_sample_spread_as_fresh_samples_do():
    rng = np.random.default_rng(0)
    fresh = rng.exponential(1, (4000, 100)).mean(axis=1).std()
    halves = [
        np.std([rng.permutation(x)[:50].mean() for _ in range(200)]) for x in rng.exponential(1, (40, 100))
    ]
    assert np.sqrt(np.mean(np.square(halves))) / fresh == pytest.approx(1, abs=0.1)


def test_inflation_pools_variances_and_is_never_below_one():
    rng = np.random.default_rng(0)
    still = np.zeros((50, 1))
    one = rng.standard_normal((4000, 2)) * [3, 0.1], rng.standard_normal((4000, 2))
    found = stats.inflation([np.c_[one[0], np.zeros(4000)]], [np.c_[one[1], np.zeros(4000)]])
    np.testing.assert_allclose(found[:2], [3, 1], rtol=0.05)
    assert np.isnan(found[2])
    assert np.isnan(stats.inflation([still], [still])[0])


def test_intervals_behind_the_best_hold_although_it_was_picked():
    """Six equal methods: no more than one set in twenty may leave the best out by luck; only pairs with it do so more often."""
    rng, wrong = np.random.default_rng(0), {"all pairs": 0, "with the first": 0}
    for _ in range(400):
        values = rng.standard_normal(6)
        replicates = values + rng.standard_normal((400, 6))
        first, low, _ = stats.behind_best(replicates, values)
        wrong["all pairs"] += (np.delete(low, first) > 0).any()
        others = np.delete(np.arange(6), first)
        deltas = replicates[:, [first]] - replicates[:, others]
        wrong["with the first"] += (stats.simultaneous(deltas, values[first] - values[others])[0] > 0).any()
    assert wrong["all pairs"] / 400 < 0.08
    assert wrong["with the first"] > wrong["all pairs"]


def test_the_best_itself_is_behind_by_nothing():
    replicates = np.array([0.2, 0.9, 0.5]) + np.random.default_rng(0).normal(0, 0.01, (300, 3))
    first, low, high = stats.behind_best(replicates, [0.2, 0.9, 0.5])
    assert (first, low[1], high[1]) == (1, 0, 0)
    assert low[0] < 0.7 < high[0]
    assert 0 < low[2] < 0.4 < high[2]
