import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.metrics import silhouette_samples

from zslib.core.errors import DataError, NotApplicable
from zslib.metrics import asw_batch, asw_label, measure_geometry
from zslib.metrics.checks import encode
from zslib.metrics.silhouette import batch_silhouettes, label_influence, label_silhouettes


def test_every_cell_as_in_sklearn(cells):
    label, _ = encode(cells.label, 400, "label")
    found = label_silhouettes(measure_geometry(cells.X, label, device="cpu"))
    np.testing.assert_allclose(found, silhouette_samples(cells.X.astype(float), label), atol=1e-9)


def test_influence_is_the_slope_of_the_sum_of_all_silhouettes_by_the_weight_of_a_cell(cells):
    X, (label, _) = cells.X.astype(float), encode(cells.label, 400, "label")
    D, own, step = cdist(X, X), np.eye(label.max() + 1)[label], 1e-5

    def widths(weights):
        to, held = D @ (own * weights[:, None]), weights @ own
        within = to[np.arange(400), label] / (held[label] - weights)
        other = np.where(own, np.inf, to / held).min(axis=1)
        return ((other - within) / np.maximum(other, within)).sum()

    found = label_influence(X, measure_geometry(X, label, device="cpu"), device="cpu")
    slope = [(widths(1 + step * e) - widths(1 - step * e)) / (2 * step) for e in np.eye(400)]
    np.testing.assert_allclose(found, slope, atol=1e-5)
    assert not label_influence(own, measure_geometry(own, label, device="cpu"), device="cpu").any()


def test_every_cell_by_batch_as_in_sklearn(cells):
    label, _ = encode(cells.label, 400, "label")
    batch, _ = encode(cells.batch, 400, "batch")
    found = batch_silhouettes(measure_geometry(cells.X, label, batch, device="cpu"))
    for name in np.unique(cells.label):
        mine = cells.label == name
        if name in ("plasma", "rare"):  # one batch; as many batches as cells
            assert np.isnan(found[mine]).all()
        else:
            expected = silhouette_samples(cells.X[mine].astype(float), batch[mine])
            np.testing.assert_allclose(found[mine], expected, atol=1e-9)


def test_by_hand_on_four_cells():
    # Types at 0, 1 and 4, 6. Cell 0: a = 1, b = 5, s = 4/5; cell 1: a = 1, b = 4, s = 3/4;
    # cell 4: a = 2, b = 3.5, s = 3/7; cell 6: a = 2, b = 5.5, s = 7/11.
    X = np.array([[0.0], [1.0], [4.0], [6.0]]) + 1
    expected = ((4 / 5 + 3 / 4 + 3 / 7 + 7 / 11) / 4 + 1) / 2
    assert asw_label(X, ["a", "a", "b", "b"]) == pytest.approx(expected, abs=1e-12)


def test_a_type_of_one_cell_counts_as_zero():
    X = np.array([[1.0], [2.0], [9.0]])
    # Cell at 1: a = 1, b = 8; cell at 2: a = 1, b = 7; the lone cell: 0.
    assert asw_label(X, ["a", "a", "b"]) == pytest.approx(((7 / 8 + 6 / 7 + 0) / 3 + 1) / 2)


def test_no_structure_is_a_half():
    rng = np.random.default_rng(0)
    assert asw_label(rng.standard_normal((500, 50)), rng.integers(0, 3, 500)) == pytest.approx(0.5, abs=0.01)


def test_batch_score_is_one_where_types_are_points():
    X = np.repeat(np.eye(3), 10, axis=0)
    assert asw_batch(X, np.repeat(["a", "b", "c"], 10), np.tile(["x", "y"], 15)) == 1.0


def test_dimension_alone_raises_the_batch_score():
    """What the card warns of: noise in more dimensions looks like mixing."""
    rng = np.random.default_rng(0)
    label, batch = rng.integers(0, 2, 300), rng.integers(0, 2, 300)
    signal = np.column_stack([4 * label, 3 * batch]) + rng.standard_normal((300, 2))
    low = asw_batch(signal, label, batch)
    high = asw_batch(np.hstack([signal, rng.standard_normal((300, 1000))]), label, batch)
    assert low < 0.6
    assert high > 0.95


def test_one_type_or_one_batch_is_refused(cells):
    with pytest.raises(DataError, match="two or more"):
        asw_label(cells.X, ["a"] * 400)
    with pytest.raises(NotApplicable, match="one batch"):
        asw_batch(cells.X, cells.label, ["x"] * 400)
    with pytest.raises(NotApplicable, match="batch of its own"):
        asw_batch(cells.X, cells.label, np.arange(400))
    with pytest.raises(NotApplicable, match="two batches"):  # every cell of a type
        asw_batch(cells.X, np.arange(400) % 4, np.arange(400) // 4)
    with pytest.raises(DataError, match="400 rows for 399 cells"):
        asw_label(cells.X, cells.label[:-1])
