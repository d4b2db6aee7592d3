import numpy as np
import pytest

from zslib.metrics import reduce
from zslib.metrics.anchors import every_cell


@pytest.mark.parametrize("n", [1, 2, 7, 40])
def test_median_of_cells_drawn(n):
    rng = np.random.default_rng(n)
    values, weights = rng.integers(0, 5, n).astype(float), rng.integers(0, 4, (n, 30)).astype(float)
    weights[0] += 1  # nothing drawn has no median
    expected = [np.median(np.repeat(values, w.astype(int))) for w in weights.T]
    np.testing.assert_array_equal(reduce.median(values)(weights), expected)


def test_mean_of_neighbors_weighs_a_cell_as_itself_and_as_a_neighbor():
    rng = np.random.default_rng(0)
    indices, values = rng.integers(0, 50, (50, 4)), rng.random((50, 4))
    weights = rng.integers(0, 4, (50, 5)).astype(float)
    weights[indices[0]] = 0  # of the first cell's neighbors none is drawn
    expected = []
    for w in weights.T:
        around = [
            np.average(v, weights=w[i] if w[i].any() else None) for i, v in zip(indices, values, strict=True)
        ]
        expected.append(np.average(around, weights=w))
    statistic = reduce.mean_of_neighbors(indices, values, every_cell(len(indices)))
    np.testing.assert_allclose(statistic(weights), expected, atol=1e-8)
    assert statistic(np.ones((50, 1))) == pytest.approx(values.mean(), abs=1e-12)


def test_means_of_cells_drawn():
    rng = np.random.default_rng(0)
    values, label = rng.standard_normal(60), np.arange(60) % 3
    weights = rng.integers(1, 4, (60, 5)).astype(float)
    np.testing.assert_allclose(
        reduce.mean(values)(weights), [np.average(values, weights=w) for w in weights.T]
    )
    used = rng.random(60) < 0.7
    expected = [
        np.mean([np.average(values[m], weights=w[m]) for m in ((label == code) & used for code in range(3))])
        for w in weights.T
    ]
    np.testing.assert_allclose(reduce.mean_of_labels(values, label, used)(weights), expected)
