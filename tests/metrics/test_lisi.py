import numpy as np
import pytest
from scipy.spatial.distance import cdist

from zslib.core.errors import NotApplicable
from zslib.metrics import cilisi, clisi, ilisi, lisi


def by_definition(X, codes, k):
    """LISI cell by cell, the scale found by a solver in place of the bisection."""
    from scipy.optimize import brentq

    D = cdist(X, X)
    values = []
    for i, row in enumerate(D):
        near = np.argsort(np.where(np.arange(len(X)) == i, np.inf, row), kind="stable")[:k]
        d = row[near] - row[near].min()

        def entropy(log_beta, d=d):
            share = np.exp(-d * np.exp(log_beta))
            share /= share.sum()
            return -(share * np.log(np.maximum(share, 1e-300))).sum() - np.log((k + 1) // 3)

        share = np.exp(-d * np.exp(brentq(entropy, -20, 20)))
        share /= share.sum()
        values.append(1 / sum(share[codes[near] == code].sum() ** 2 for code in np.unique(codes)))
    return np.array(values)


def test_as_defined(cells):
    X, label, batch = cells.X[:200].astype(float), cells.label[:200], cells.batch[:200]
    of_batch, of_label = by_definition(X, batch, 89), by_definition(X, label, 89)
    n_batches, n_labels = len(set(batch)), len(set(label))
    # The package's bisection stops within 1e-5 of the entropy.
    assert ilisi(X, batch=batch) == pytest.approx((np.median(of_batch) - 1) / (n_batches - 1), abs=1e-4)
    assert clisi(X, label) == pytest.approx((n_labels - np.median(of_label)) / (n_labels - 1), abs=1e-4)


def test_within_types_only_the_type_counts(cells):
    X, label, batch = cells.X.astype(float), cells.label, cells.batch
    means = []
    for name in np.unique(label):
        own = label == name
        n_batches = len(set(batch[own]))
        if own.sum() >= 10 and n_batches > 1:
            k = min(89, own.sum() - 1)
            means.append((by_definition(X[own], batch[own], k).mean() - 1) / (n_batches - 1))
    assert len(means) == 4  # plasma has one batch, the rare type two cells
    assert cilisi(X, label, batch) == pytest.approx(np.mean(means), abs=1e-4)


def test_ends_of_the_range():
    rng = np.random.default_rng(0)
    islands = np.repeat(np.eye(2) * 100, 100, axis=0) + rng.standard_normal((200, 2))
    apart = np.repeat(["a", "b"], 100)
    assert ilisi(islands, batch=apart) == pytest.approx(0, abs=1e-9)
    assert clisi(islands, apart) == pytest.approx(1, abs=1e-9)
    mixed = np.tile(["a", "b"], 100)
    assert ilisi(islands, batch=mixed) > 0.9
    assert clisi(islands, mixed) < 0.1
    assert cilisi(islands, apart, mixed) > 0.9
    # Types that batches do not share make iLISI ask for mixing that would be wrong.
    assert ilisi(islands, batch=apart) < cilisi(islands, np.repeat("T", 200), mixed)


@pytest.mark.parametrize("unit", [1e-4, 1.0, 1e4])
def test_far_and_coinciding_neighbors_have_weights(unit):
    distances = unit * np.array([[0.0, 0, 0, 0, 0], [1, 2, 3, 4, 5], [7, 7, 7, 7, 7], [1, 1, 1, 1, 100]])
    share = lisi.neighbor_weights(distances)
    np.testing.assert_allclose(share.sum(axis=1), 1)
    np.testing.assert_allclose(share[[0, 2]], 0.2)
    entropy = -(share[1] * np.log(share[1])).sum()
    assert entropy == pytest.approx(np.log(2), abs=1e-5)


def test_what_has_no_meaning_is_not_scored(cells):
    with pytest.raises(NotApplicable, match="one batch"):
        ilisi(cells.X, batch=["a"] * 400)
    with pytest.raises(NotApplicable, match="one type"):
        clisi(cells.X, ["T"] * 400)
    with pytest.raises(NotApplicable, match="10 cells or more in two batches"):
        cilisi(cells.X, cells.label, cells.label)
