import numpy as np
import pytest

from zslib.errors import DataError
from zslib.stats import bootstrap_weights, centered, group_sums, interval, paired_difference, resample

STRATA = np.random.default_rng(0).integers(0, 4, 100)


def weights(strata=STRATA, n_boot=50, **options):
    return np.concatenate(list(bootstrap_weights(strata, n_boot, **options)), axis=1)


def test_every_stratum_keeps_its_size():
    drawn = weights()
    assert drawn.shape == (100, 50)
    assert (drawn == drawn.astype(int)).all()
    for stratum in range(4):
        assert (drawn[stratum == STRATA].sum(axis=0) == (stratum == STRATA).sum()).all()


def test_the_seed_decides_and_the_block_does_not():
    np.testing.assert_array_equal(weights(), weights(block=1))
    np.testing.assert_array_equal(weights(), weights(block=700))
    assert (weights() != weights(seed=1)).any()


def test_blocks_are_as_small_as_asked():
    assert [block.shape for block in bootstrap_weights(STRATA, 7, block=300)] == [
        (100, 3),
        (100, 3),
        (100, 1),
    ]
    assert list(bootstrap_weights(STRATA, 0)) == []


def test_weights_are_multinomial():
    drawn = weights(n_boot=4000)
    size = np.bincount(STRATA)[STRATA]
    np.testing.assert_allclose(drawn.mean(axis=1), 1, atol=0.08)
    np.testing.assert_allclose(drawn.var(axis=1), 1 - 1 / size, atol=0.15)


def test_a_stratum_of_one_is_always_drawn():
    assert (weights(np.array([0, 1, 1, 1]))[0] == 1).all()


def test_group_sums():
    drawn, values = weights(), np.random.default_rng(1).standard_normal(100)
    for group in range(4):
        mine = group == STRATA
        np.testing.assert_allclose(group_sums(drawn, STRATA, 4, values)[group], values[mine] @ drawn[mine])
        np.testing.assert_allclose(group_sums(drawn, STRATA, 4)[group], mine.sum())


def test_the_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    covered = 0
    for trial in range(400):
        data = rng.exponential(size=80)
        low, high = interval(data @ weights(np.zeros(80, dtype=int), 300, seed=trial) / 80)
        covered += low <= 1 <= high
    assert 0.90 < covered / 400 < 0.97


def test_interval_of_many_at_once():
    replicates = np.random.default_rng(0).standard_normal((1000, 3))
    low, high = interval(replicates, level=0.8)
    assert low.shape == (3,)
    np.testing.assert_allclose(((replicates > low) & (replicates < high)).mean(axis=0), 0.8, atol=0.01)
    assert np.isnan(interval(np.empty(0))).all()
    with pytest.raises(DataError, match="between 0 and 1"):
        interval(replicates, level=95)


def test_centered_replicates_have_the_value_as_mean_and_stay_in_range():
    replicates = np.random.default_rng(0).normal(0.3, 0.05, 500)
    found = centered(replicates, 0.2, within=(0, 1))
    assert found.mean() == pytest.approx(0.2)
    assert found.std() == pytest.approx(replicates.std())
    assert centered(replicates, 0.01, within=(0, 1)).min() == 0
    assert len(centered(np.empty(0), 0.2, within=(0, 1))) == 0


def test_a_paired_difference_is_narrower_than_an_unpaired_one():
    rng = np.random.default_rng(0)
    shared = rng.standard_normal(2000)
    a, b = shared + 0.1 + 0.02 * rng.standard_normal(2000), shared
    found = paired_difference(a, b)
    assert found.estimate == pytest.approx(0.1, abs=0.01)
    assert 0 < found.low < found.estimate < found.high
    assert found.share == 1
    assert found.p == pytest.approx(2 / 2001)
    unpaired = paired_difference(a, rng.permutation(b))
    assert unpaired.high - unpaired.low > 10 * (found.high - found.low)
    assert unpaired.p > 0.5


def test_equal_numbers_do_not_differ():
    a = np.random.default_rng(0).standard_normal((100, 2))
    found = paired_difference(a, a, estimate=[0.0, 0.0])
    assert found.p.tolist() == [1, 1]
    assert found.share.tolist() == [0.5, 0.5]
    assert found.low.tolist() == found.high.tolist() == [0, 0]


def test_replicates_that_do_not_pair_are_refused():
    with pytest.raises(DataError, match="do not pair"):
        paired_difference(np.zeros(10), np.zeros(11))
    with pytest.raises(DataError, match="do not pair"):
        paired_difference(np.zeros(0), np.zeros(0))


def test_resampling_takes_the_draws_of_a_statistic_in_turn():
    values = np.random.default_rng(0).random(100)
    statistics = {
        "one": [lambda w: values @ w / w.sum(axis=0)],
        "two": [lambda w: np.full(w.shape[1], 1.0), lambda w: np.full(w.shape[1], 2.0)],
    }
    found, replicates = resample(statistics, bootstrap_weights(STRATA, 7, block=300), 100, 7)
    assert found == {"one": pytest.approx(values.mean()), "two": 1.5}
    assert replicates["two"].tolist() == [1, 2, 1, 2, 1, 2, 1]
    np.testing.assert_allclose(replicates["one"], values @ weights(n_boot=7) / 100)
