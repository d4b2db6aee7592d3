import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from zslib.metrics.discovery.ranking import auroc, average_precision


@st.composite
def rankings(draw):
    """Scores with many ties, of positive and other cells, with whole weights."""
    n = draw(st.integers(2, 30))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    positive = rng.random(n) < 0.4
    positive[:2] = True, False
    weights = rng.integers(0, 4, n).astype(float)
    weights[:2] += 1
    return rng.integers(0, 6, n).astype(float), positive, weights


@settings(deadline=None, max_examples=40)
@given(rankings())
def test_weighted_ranks_are_those_of_scikit_learn(ranking):
    score, positive, weights = ranking
    for mine, theirs in ((auroc, roc_auc_score), (average_precision, average_precision_score)):
        expected = theirs(positive, score, sample_weight=weights)
        np.testing.assert_allclose(mine(score, positive)(weights[:, None]), expected, atol=1e-12)


def test_a_novel_cell_of_infinite_distance_stands_first():
    score, positive = np.array([1.0, 2.0, np.inf]), np.array([False, False, True])
    assert auroc(score, positive)(np.ones((3, 1)))[0] == 1
