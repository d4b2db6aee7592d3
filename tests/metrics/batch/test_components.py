import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from zslib.core.errors import DataError, NotApplicable
from zslib.metrics import avg_batch, pca, pcr, pcr_comparison


def by_regression(pcs, batch):
    """The definition, component by component: R² of batch, averaged by variance."""
    one_hot = (batch[:, None] == np.unique(batch)).astype(float)
    r2 = [LinearRegression().fit(one_hot, pc).score(one_hot, pc) for pc in pcs.T]
    return np.average(r2, weights=pcs.var(axis=0))


def test_as_the_regression_of_every_component(cells):
    pcs = pca(cells.X, 20, device="cpu")
    assert pcr(pcs, cells.batch) == pytest.approx(by_regression(pcs, cells.batch), abs=1e-12)


def test_by_hand():
    # Means 1 and 3 around 2: between 4, total 4 + 4 * 0.25 = 5.
    pcs = np.array([[0.5], [1.5], [2.5], [3.5]])
    assert pcr(pcs, list("aabb")) == pytest.approx(4 / 5)


def test_rotation_and_place_do_not_matter(cells):
    X = cells.X[:, :30].astype(float)
    assert pcr(pca(X, 50, device="cpu"), cells.batch) == pytest.approx(pcr(X + 1e3, cells.batch), abs=1e-9)


def test_comparison_is_the_share_removed(cells):
    before, after = pca(cells.raw, device="cpu"), pca(cells.X, device="cpu")
    ratio = 1 - by_regression(after, cells.batch) / by_regression(before, cells.batch)
    given = {"batch": cells.batch, "device": "cpu"}
    assert pcr_comparison(cells.X, unintegrated=before, **given) == pytest.approx(ratio, abs=1e-9)
    assert pcr_comparison(cells.raw, unintegrated=after, **given) == 0  # worse than before is clipped
    assert pcr_comparison(before, unintegrated=before, **given) == pytest.approx(0, abs=1e-12)


def test_without_batch_variance_there_is_nothing_to_compare(cells):
    X = np.repeat(np.random.default_rng(0).standard_normal((50, 4)), 2, axis=0)
    with pytest.raises(NotApplicable, match="nothing to remove"):
        pcr_comparison(X, batch=np.tile(["a", "b"], 50), unintegrated=X)
    with pytest.raises(NotApplicable, match="one batch"):
        pcr_comparison(X, batch=["a"] * 100, unintegrated=X)
    with pytest.raises(NotApplicable, match="not given"):
        pcr_comparison(X, batch=np.tile(["a", "b"], 50))


def test_chance_is_told_from_a_batch_effect():
    """Without an effect one dataset in twenty has a number; with one, all do."""
    rng = np.random.default_rng(0)
    batch, names = rng.integers(0, 3, 200), np.array(["c", "a", "b"])

    def found(P, batch, X):
        try:
            return pcr_comparison(P, batch=batch, unintegrated=X)
        except NotApplicable:
            return None

    numbers = {True: 0, False: 0}
    for _ in range(60):
        P, order = rng.standard_normal((200, 8)) * np.linspace(3, 1, 8), rng.permutation(200)
        for effect in numbers:
            X = P + 2.0 * effect * (batch == 1)[:, None]
            one, again = found(P, batch, X), found(P[order], names[batch[order]], X[order])
            assert again == (one if one is None else pytest.approx(one, abs=1e-9))
            numbers[effect] += one is not None
    assert numbers[True] == 60
    assert numbers[False] <= 8


def test_the_average_has_no_number_either():
    X = np.random.default_rng(0).standard_normal((100, 4))
    with pytest.raises(NotApplicable, match="nothing to remove"):
        avg_batch(X, np.arange(100) % 3, np.arange(100) % 2, unintegrated=X)


def test_what_cannot_be_compared_is_refused(cells):
    with pytest.raises(DataError, match="the embedding has 60 columns where at most 50"):
        pcr(cells.X, cells.batch)
    with pytest.raises(DataError, match="no variance"):
        pcr(np.ones((400, 2)), cells.batch)
    with pytest.raises(DataError, match="399 rows for 400 cells"):
        pcr_comparison(cells.X[:, :9], batch=cells.batch, unintegrated=cells.X[1:, :9])
