"""Scores of hidden genes against scikit-learn and scipy, and their intervals."""

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from zslib.core.errors import DataError
from zslib.studies.expression import baselines, cards, masking, scores


@pytest.fixture(scope="module")
def case():
    rng = np.random.default_rng(1)
    values = rng.integers(1, 51, (40, 60)) * (rng.random((40, 60)) < 0.5)
    masked = masking.mask(values[:20], values[20:], 0.5, seed=0)
    noisy = masked.target + rng.normal(0, 12, masked.target.shape)
    return masked, baselines.Prediction(noisy, noisy + 1), baselines.predict("gene mean", masked)


def ratio(pair):
    return pair[0].sum() / pair[1].sum()


def test_scores_of_a_guess(case):
    masked, prediction, reference = case
    found = scores.parts(masked, prediction, reference)
    truth, expressed = masked.target, masked.target > 0
    zero = masked.scored & ~expressed
    error = ((prediction.given - truth)[expressed] ** 2).sum()
    assert ratio(found["r2"]) == pytest.approx(error / ((reference.given - truth)[expressed] ** 2).sum())
    assert ratio(found["mae"]) == pytest.approx(np.abs(prediction.given - truth)[expressed].mean())
    assert ratio(found["zero_error"]) == pytest.approx(np.abs(prediction.level[zero]).mean())
    rho = [spearmanr(t[e], g[e])[0] for t, g, e in zip(truth, prediction.given, expressed, strict=True)]
    assert ratio(found["cell_correlation"]) == pytest.approx(np.mean(rho))
    rho = [spearmanr(t[e], g[e])[0] for t, g, e in zip(truth.T, prediction.given.T, expressed.T, strict=True)]
    assert ratio(found["gene_correlation"]) == pytest.approx(np.mean(rho))
    assert found["gene_correlation"][0].shape == (60,)
    assert not found["gene_correlation"][1][~masked.hidden].any()
    auc = [
        roc_auc_score(e[a], g[a]) for e, g, a in zip(expressed, prediction.level, masked.scored, strict=True)
    ]
    assert ratio(found["detection"]) == pytest.approx(np.mean(auc))


def test_the_truth_scores_best_and_the_gene_mean_zero(case):
    masked, _, reference = case
    truth = baselines.Prediction(masked.target, masked.target)
    want = {
        "r2": 1,
        "mae": 0,
        "cell_correlation": 1,
        "gene_correlation": 1,
        "detection": 1,
        "zero_error": 0,
    }
    for name, pair in scores.parts(masked, truth, reference).items():
        assert scores.values(name, [pair])["value"] == pytest.approx(want[name])
    found = {
        name: scores.values(name, [pair])["value"]
        for name, pair in scores.parts(masked, reference, reference).items()
    }
    assert found["r2"] == found["gene_correlation"] == 0


def test_intervals_hold_the_value_and_narrow_with_cells():
    rng = np.random.default_rng(0)
    width = []
    for n in (20, 2000):
        draws = [(rng.normal(0.6, 0.2, n), np.ones(n)) for _ in range(3)]
        found = scores.values("mae", draws, n_boot=300)
        assert found["ci_low"] < found["value"] < found["ci_high"]
        assert found["n"] == n
        width.append(found["ci_high"] - found["ci_low"])
        share = scores.values("r2", draws, n_boot=300)
        assert share["value"] == pytest.approx(1 - found["value"])
        assert share["ci_low"] == pytest.approx(1 - found["ci_high"])
    assert width[1] < width[0] / 4


def test_intervals_hold_the_luck_of_the_draw():
    alike = [(np.full(50, 0.5), np.ones(50))] * 2
    differ = [(np.full(50, level), np.ones(50)) for level in (0.2, 0.8)]
    assert scores.values("mae", alike)["ci_low"] == pytest.approx(0.5)
    found = scores.values("mae", differ)
    assert (found["ci_low"], found["value"], found["ci_high"]) == pytest.approx((0.2, 0.5, 0.8))


def test_what_is_defined_nowhere_has_no_value():
    found = scores.values("detection", [(np.zeros(4), np.zeros(4))])
    assert np.isnan(found["value"])
    assert found["n"] == 0


def test_a_missing_answer_is_refused(case):
    masked, prediction, reference = case
    given = prediction.given.copy()
    given[np.nonzero(masked.scored & (masked.target > 0))] = np.nan
    with pytest.raises(DataError, match="missing"):
        scores.parts(masked, baselines.Prediction(prediction.level, given), reference)


def test_hits_by_hand():
    table = np.array([[3.0, 2, 1], [1, 2, 3], [5, 5, 5], [0, 1, 1]])
    target = np.array([0, 0, 1, 2])  # first; last; one of three equals; one of two equals
    found = scores.hits(table, target, (1, 2, 3))
    assert found[1] == pytest.approx(1 + 0 + 1 / 3 + 1 / 2)
    assert found[2] == pytest.approx(1 + 0 + 2 / 3 + 1)
    assert found[3] == 4


def test_cards():
    for name, card in cards.CARDS.items():
        assert card.better in ("higher", "lower"), name
