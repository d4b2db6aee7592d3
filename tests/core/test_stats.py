import numpy as np
import pytest

from zslib.core.errors import DataError
from zslib.core.stats import (
    block_weights,
    bootstrap_weights,
    centered,
    group_sums,
    interval,
    merged_strata,
    on_all,
    paired_difference,
    resample,
    simultaneous,
    widened,
)

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


def test_a_widened_statistic_has_the_same_value_and_more_spread():
    values, weights = np.arange(4.0), np.random.default_rng(0).integers(1, 4, (4, 9)).astype(float)
    plain = lambda weights: values @ weights / weights.sum(axis=0)  # noqa: E731
    wide = widened(plain, 1.5)
    assert wide(np.ones((4, 1))) == 1.5
    np.testing.assert_allclose(wide(weights) - 1.5, 1.5 * (plain(weights) - 1.5))


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
    replicates = resample(statistics, bootstrap_weights(STRATA, 7, block=300), 7)
    assert on_all(statistics, 100) == {"one": pytest.approx(values.mean()), "two": 1.5}
    assert replicates["two"].tolist() == [1, 2, 1, 2, 1, 2, 1]
    np.testing.assert_allclose(replicates["one"], values @ weights(n_boot=7) / 100)


def test_draws_that_stand_under_two_names_are_evaluated_once():
    blocks = []
    draws = [lambda w: blocks.append(w.shape[1]) or w[0]]
    found = resample({"native": draws, "pca50": draws}, bootstrap_weights(STRATA, 7, block=300), 7)
    assert sum(blocks) == 7
    assert found["native"].tolist() == found["pca50"].tolist() == weights(n_boot=7)[0].tolist()


def test_simultaneous_intervals_all_hold_as_often_as_they_say():
    rng = np.random.default_rng(0)
    joint = single = 0
    for trial in range(200):
        truth, n = np.array([0.0, 0.5, 1.0, 0.2]), 150
        data = rng.standard_normal((n, 4)) + truth
        means = np.stack([data.T @ w / n for w in weights(np.zeros(n, dtype=int), 200, seed=trial).T])
        low, high = simultaneous(means, data.mean(axis=0))
        joint += ((low <= truth) & (truth <= high)).all()
        low, high = interval(means)
        single += ((low <= truth) & (truth <= high)).all()
    assert 0.90 < joint / 200 < 0.985
    assert single < joint - 10


@pytest.mark.parametrize("missing", [1, 40])
def test_a_missing_replicate_does_not_collapse_an_interval(missing):
    D = np.random.default_rng(0).standard_normal((200, 2))
    low, high = simultaneous(D[missing:], [0, 0])
    one_low, one_high = interval(D[missing:])
    found = paired_difference(D[missing:], np.zeros((200 - missing, 2)))
    D[:missing, 0] = np.nan
    again = simultaneous(D, [0, 0])
    single = interval(D)
    paired = paired_difference(D, np.zeros((200, 2)))
    if missing == 1:
        np.testing.assert_allclose(again, [low, high])
        assert (single[0][0], single[1][0]) == (one_low[0], one_high[0])
        for name in ("estimate", "low", "high", "share", "p"):
            assert getattr(paired, name)[0] == pytest.approx(getattr(found, name)[0]), name
    else:  # too many to say anything
        assert np.isnan([again[0][0], again[1][0], single[0][0], single[1][0], paired.low[0]]).all()
    assert again[1][1] > 1.5


def test_a_score_that_no_resample_moves_has_no_interval():
    replicates = np.stack([np.ones(50), np.random.default_rng(0).random(50)], axis=1)
    assert interval(replicates)[0][0] == interval(replicates)[1][0] == 1
    low, high = interval(replicates, still=False)
    assert np.isnan([low[0], high[0]]).all()
    assert low[1] < high[1]
    assert np.isnan(interval(np.ones(50), still=False)).all()


def test_small_strata_of_a_label_are_merged():
    sizes = {
        (0, 0): 30,
        (0, 1): 12,
        (0, 2): 4,
        (0, 3): 3,
        (1, 0): 9,
        (1, 1): 2,
        (1, 3): 40,
        (2, 2): 1,
        (3, 0): 25,
    }
    label, batch = (np.repeat([key[i] for key in sizes], list(sizes.values())) for i in (0, 1))
    merged = merged_strata(label, batch)
    groups = {frozenset((label[i], batch[i]) for i in np.flatnonzero(merged == code)) for code in set(merged)}
    assert groups == {
        frozenset({(0, 0)}),
        frozenset({(0, 1), (0, 2), (0, 3)}),  # seven cells in two batches, and the next larger with them
        frozenset({(1, 0), (1, 1)}),  # eleven cells in two batches
        frozenset({(1, 3)}),
        frozenset({(2, 2)}),  # labels are never mixed
        frozenset({(3, 0)}),
    }
    np.testing.assert_array_equal(merged_strata(label), label)
    large = np.isin(label, [3])
    assert (merged[large] == (label * 4 + batch)[large]).all()  # what is not merged is drawn as it was


@pytest.mark.parametrize("cells", [1, 2, 5, 50])
def test_the_interval_of_a_mean_is_as_wide_whatever_the_strata(cells):
    values = np.random.default_rng(0).standard_normal(500)
    label = np.arange(500) // 100
    batch = np.arange(500) % 100 // cells
    drawn = weights(merged_strata(label, batch), 400)
    low, high = interval(values @ drawn / 500)
    assert high - low == pytest.approx(2 * 1.96 * values.std() / np.sqrt(500), rel=0.12)


def test_simultaneous_intervals_of_one_and_of_copies_are_no_wider_than_one():
    D = np.random.default_rng(0).standard_normal((500, 1))
    low, high = simultaneous(D, [0.3])
    assert high - 0.3 == pytest.approx(0.3 - low)
    assert high[0] - 0.3 == pytest.approx(np.quantile(np.abs(D - D.mean()), 0.95))
    copies = simultaneous(np.hstack([D, D, 2 * D]), [0.3, 0.3, 0.6])
    assert copies[1][0] == pytest.approx(high[0])
    many = simultaneous(np.random.default_rng(1).standard_normal((500, 8)), np.zeros(8))
    assert many[1].mean() > 1.3 * (high[0] - 0.3)


def test_a_difference_that_never_varies_is_not_certain():
    D = np.stack([np.full(50, 0.2), np.random.default_rng(0).standard_normal(50), np.zeros(50)], axis=1)
    low, high = simultaneous(D, [0.2, 0.0, 0.0])
    assert np.isnan([low[0], high[0]]).all()
    assert low[1] < 0 < high[1]
    assert low[2] == high[2] == 0  # the same numbers on the same cells
    assert np.isnan(simultaneous(D[:, :1], [0.2])).all()
    found = paired_difference(D, np.zeros_like(D))
    assert np.isnan([found.low[0], found.high[0], found.p[0]]).all()
    assert found.low[2] == found.high[2] == 0
    assert found.p[2] == 1
    with pytest.raises(DataError, match="do not fit"):
        simultaneous(D, [0.2])


def test_blocks_are_weighted_whole_and_all_cells_keep_their_sum():
    blocks = np.repeat(np.arange(6), [5, 10, 20, 30, 5, 30])
    drawn = np.concatenate(list(block_weights(blocks, 400, block=3000)), axis=1)
    assert drawn.shape == (100, 400)
    np.testing.assert_allclose(drawn.sum(axis=0), 100)
    for b in range(6):
        assert (np.ptp(drawn[blocks == b], axis=0) == 0).all()
    assert (drawn > 0).all()
    again = np.concatenate(list(block_weights(blocks, 400, block=3000)), axis=1)
    np.testing.assert_array_equal(drawn, again)
    with pytest.raises(DataError, match="too few"):
        next(block_weights(np.repeat([0, 1], 50), 10))


def test_blocks_widen_an_interval_where_cells_of_a_donor_are_alike():
    rng = np.random.default_rng(0)
    blocks = np.repeat(np.arange(8), 25)
    values = rng.standard_normal(8)[blocks] + 0.1 * rng.standard_normal(200)
    of_cells, of_blocks = (
        np.concatenate([values @ w / w.sum(axis=0) for w in drawn])
        for drawn in (bootstrap_weights(np.zeros(200, dtype=int), 500), block_weights(blocks, 500))
    )
    assert of_blocks.std() > 2 * of_cells.std()
