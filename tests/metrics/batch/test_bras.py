import numpy as np
import pytest
from scipy.spatial.distance import cdist

from zslib.core.errors import DataError, NotApplicable
from zslib.metrics import asw_batch, bras


def by_definition(X, label, batch):
    means = []
    for name in np.unique(label):
        own, codes = X[label == name].astype(float), batch[label == name]
        if not 1 < len(set(codes)) < len(own):
            continue
        D, widths = cdist(own, own, "cosine"), []
        for i, code in enumerate(codes):
            same, others = codes == code, codes != code
            a = D[i, same].sum() / (same.sum() - 1) if same.sum() > 1 else np.nan
            b = D[i, others].mean()
            widths.append(0 if np.isnan(a) else (b - a) / max(a, b))
        means.append(np.mean(1 - np.abs(widths)))
    return np.mean(means)


def test_as_defined(cells):
    found = bras(cells.X, cells.label, cells.batch)
    assert found == pytest.approx(by_definition(cells.X, cells.label, cells.batch), abs=1e-10)


def test_replicates_do_not_hide_a_gulf_between_technologies():
    """Two technologies of two replicates each: batch ASW looks at the nearest batch and sees no effect."""
    rng = np.random.default_rng(0)
    batch = np.repeat(["a1", "a2", "b1", "b2"], 100)
    mixed = rng.standard_normal((400, 10)) + 3
    nested = mixed + 20 * np.eye(10)[0] * np.isin(batch, ["b1", "b2"])[:, None]
    label = ["T"] * 400
    assert asw_batch(nested, label, batch) == pytest.approx(asw_batch(mixed, label, batch), abs=0.05)
    assert bras(mixed, label, batch) > 0.9
    assert bras(nested, label, batch) < 0.6


def test_length_does_not_matter_and_place_does(cells):
    X = cells.X.astype(float)
    value = bras(X, cells.label, cells.batch)
    lengths = np.random.default_rng(0).uniform(1e-3, 1e3, (400, 1))
    assert bras(X * lengths, cells.label, cells.batch) == pytest.approx(value, abs=1e-9)
    assert abs(bras(X + 5, cells.label, cells.batch) - value) > 0.001


def test_coinciding_cells_are_neither_near_nor_far():
    X = np.ones((20, 3)) * np.arange(1, 21)[:, None]
    assert bras(X, ["T"] * 20, ["a", "b"] * 10) == 1


def test_what_cannot_be_scored_is_refused(cells):
    with pytest.raises(NotApplicable, match="no cell type has cells in two batches"):
        bras(cells.X, cells.label, cells.label)
    zero = cells.X.copy()
    zero[7] = 0
    with pytest.raises(DataError, match="row 7"):
        bras(zero, cells.label, cells.batch)
