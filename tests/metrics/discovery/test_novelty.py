import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from zslib.metrics.discovery.distance import nearest_of_each_label, novelty
from zslib.metrics.discovery.novelty import halves

RNG = np.random.default_rng(0)
X = RNG.standard_normal((120, 5)) + 50
LABEL = RNG.integers(0, 4, 120)
ORDER = RNG.permutation(120)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), st.integers(0, 99))
def test_halves_are_halves_of_every_stratum_and_follow_the_seed(strata, seed):
    strata = np.array(strata)
    reference = halves(strata, np.arange(len(strata)), seed)
    np.testing.assert_array_equal(reference, halves(strata, np.arange(len(strata)), seed))
    for s in np.unique(strata):
        mine = strata == s
        assert abs(reference[mine].sum() - mine.sum() / 2) <= 0.5


def test_another_seed_gives_other_halves():
    assert (halves(LABEL, ORDER, 0) != halves(LABEL, ORDER, 1)).any()


def test_novelty_is_the_mean_distance_to_the_nearest_cells_of_the_known_types():
    references = np.stack([halves(LABEL, ORDER, 0), halves(LABEL, ORDER, 1)])
    found = nearest_of_each_label(X, LABEL, references, k=7)
    for reference, nearest in zip(references, found, strict=True):
        for hidden in range(4):
            known = reference & (hidden != LABEL)
            distances, _ = NearestNeighbors(n_neighbors=7, algorithm="brute").fit(X[known]).kneighbors(X)
            np.testing.assert_allclose(novelty(nearest, hidden), distances.mean(axis=1), atol=1e-6)


def test_cells_that_coincide_are_at_no_distance():
    twice = np.repeat(X[:60], 2, axis=0)
    found = nearest_of_each_label(twice, np.zeros(120, dtype=int), np.ones((1, 120), dtype=bool), k=3)[
        0, :, 0
    ]
    assert (found[:, :2] == 0).all()
    assert found[:, 2].min() > 0.1


def test_too_few_reference_cells_are_infinitely_far():
    nearest = nearest_of_each_label(X[:6], np.array([0, 0, 0, 1, 1, 1]), np.ones((1, 6), dtype=bool), k=5)
    assert np.isinf(novelty(nearest[0], 0)).all()
