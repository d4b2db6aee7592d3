import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import cdist

from zslib.core.errors import NotApplicable
from zslib.metrics import kbet_per_label
from zslib.metrics.batch.neighborhoods import p_values


def by_definition(X, label, batch):
    """The share of neighborhoods a chi-squared test accepts, type by type and cell by cell."""
    shares = []
    for name in np.unique(label):
        own, codes = X[label == name].astype(float), batch[label == name]
        names, sizes = np.unique(codes, return_counts=True)
        k = int(np.clip(np.floor(sizes.mean() / 4), 10, 70))
        if len(names) < 2 or len(own) < 3 * k:
            continue
        near = np.argsort(cdist(own, own), axis=1)[:, : k + 1]  # the cell itself is the first
        accepted = [
            stats.chisquare([(codes[row] == n).sum() for n in names], sizes / sizes.sum() * (k + 1)).pvalue
            >= 0.05
            for row in near
        ]
        shares.append(np.mean(accepted))
    assert shares
    return np.mean(shares)


def test_as_defined(cells):
    found = kbet_per_label(cells.X, cells.label, cells.batch)
    assert found == pytest.approx(by_definition(cells.X, cells.label, cells.batch), abs=1e-12)
    assert 0 < found < 1


def test_mixed_batches_are_accepted_and_distant_ones_are_not():
    rng = np.random.default_rng(0)
    X, batch = rng.standard_normal((400, 5)), rng.permutation(np.repeat(["a", "b"], 200))
    assert kbet_per_label(X, ["T"] * 400, batch) > 0.85
    assert kbet_per_label(X + 10 * (batch == "a")[:, None], ["T"] * 400, batch) == 0


@pytest.mark.parametrize("cells", [2, 5, 10])
def test_batches_smaller_than_a_neighborhood_are_not_judged(cells):
    """The test would accept what it is shown, mixed or not."""
    rng = np.random.default_rng(0)
    X, batch = rng.standard_normal((200, 5)), np.arange(200) // cells
    with pytest.raises(NotApplicable, match="no batch has more than 10 cells of a type"):
        kbet_per_label(X, np.zeros(200), batch)
    batch[-11:] = batch[-1]
    assert 0 < kbet_per_label(X, np.zeros(200), batch) <= 1


def test_p_values_of_scipy():
    rng = np.random.default_rng(0)
    batch = rng.choice(3, 100, p=[0.5, 0.3, 0.2])
    near = batch[rng.integers(0, 100, (20, 25))]
    expected = np.bincount(batch) / 100 * 25
    theirs = [stats.chisquare(np.bincount(row, minlength=3), expected).pvalue for row in near]
    np.testing.assert_allclose(p_values(near, batch), theirs, rtol=1e-10)


def test_types_too_small_or_of_one_batch_are_left_out(cells):
    kept = ~np.isin(cells.label, ["rare", "plasma"])
    whole = kbet_per_label(cells.X, cells.label, cells.batch)
    assert whole == kbet_per_label(cells.X[kept], cells.label[kept], cells.batch[kept])
    with pytest.raises(NotApplicable, match="30 cells or more"):
        kbet_per_label(cells.X, [f"type {i // 20}" for i in range(400)], cells.batch)
