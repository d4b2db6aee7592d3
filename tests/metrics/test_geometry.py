import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist

from zslib.errors import DataError
from zslib.metrics import measure_geometry
from zslib.metrics.checks import encode
from zslib.metrics.geometry import _partial_sort
from zslib.metrics.nearest import smallest


def codes(cells):
    return encode(cells.label, 400, "label")[0], encode(cells.batch, 400, "batch")[0]


@pytest.mark.parametrize("block", [1, 400 * 7, 2**24])
def test_neighbors_and_sums_are_those_of_all_distances(cells, block):
    label, batch = codes(cells)
    found = measure_geometry(cells.X, label, batch, k=14, device="cpu", block=block)
    D = cdist(cells.X.astype(float), cells.X.astype(float))
    for code in range(label.max() + 1):
        np.testing.assert_allclose(found.label_sums[:, code], D[:, label == code].sum(axis=1), rtol=1e-10)
    for code in range(batch.max() + 1):
        mine = (label[:, None] == label) & (batch == code)
        np.testing.assert_allclose(found.batch_sums[:, code], (D * mine).sum(axis=1), rtol=1e-10)
    np.fill_diagonal(D, np.inf)
    order = np.argsort(D, axis=1)[:, :14]
    np.testing.assert_array_equal(found.indices, order)
    np.testing.assert_allclose(found.distances, np.take_along_axis(D, order, axis=1), rtol=1e-10)


def test_far_from_the_origin_nothing_is_lost(cells):
    near = measure_geometry(cells.X.astype(float), k=5, device="cpu")
    far = measure_geometry(cells.X.astype(float) + 1e4, k=5, device="cpu")
    np.testing.assert_array_equal(near.indices, far.indices)
    np.testing.assert_allclose(near.distances, far.distances, rtol=1e-8)


@pytest.mark.parametrize("block", [1, 2**24])
def test_coinciding_cells_are_at_zero_and_taken_in_order(block):
    rng = np.random.default_rng(1)
    points = rng.standard_normal((3, 300)) * 100
    of_cell = rng.integers(0, 3, 90)
    label = rng.integers(0, 2, 90)
    found = measure_geometry(points[of_cell], label, k=4, device="cpu", block=block)
    assert (found.distances == 0).all()
    for cell in range(90):
        same = np.flatnonzero(of_cell == of_cell[cell])
        np.testing.assert_array_equal(found.indices[cell], same[same != cell][:4])


def test_ties_at_the_edge_leave_nearer_cells_in():
    X = np.array([[0.0], [1.0], [3.0], [3.0], [3.0], [3.0]])
    found = measure_geometry(X, k=3, device="cpu")
    assert found.indices[0].tolist() == [1, 2, 3]
    assert found.indices[5].tolist() == [2, 3, 4]


def test_too_few_cells_for_the_neighbors(cells):
    with pytest.raises(DataError, match="14 neighbors of a cell need at least 15 cells; there are 14"):
        measure_geometry(cells.X[:14], k=14)
    assert measure_geometry(cells.X[:15], k=14, device="cpu").indices.shape == (15, 14)


@pytest.mark.parametrize("block", [1, 400 * 7, 2**24])
def test_neighbors_of_the_same_label_and_of_other_folds(cells, block):
    label, batch = codes(cells)
    found = measure_geometry(cells.X, label, k=1, k_own=30, fold=batch, k_other=9, device="cpu", block=block)
    D = cdist(cells.X.astype(float), cells.X.astype(float))
    np.fill_diagonal(D, np.inf)
    for cell in range(400):
        own = np.flatnonzero((label == label[cell]) & (np.arange(400) != cell))
        nearest = own[np.argsort(D[cell, own], kind="stable")][:30]
        np.testing.assert_array_equal(found.own_indices[cell, : len(nearest)], nearest)
        np.testing.assert_allclose(found.own_distances[cell, : len(nearest)], D[cell, nearest])
        assert (found.own_indices[cell, len(nearest) :] == -1).all()
        assert np.isinf(found.own_distances[cell, len(nearest) :]).all()
        others = np.flatnonzero(batch != batch[cell])
        expected = others[np.argsort(D[cell, others], kind="stable")][:9]
        np.testing.assert_array_equal(found.other_indices[cell], expected)


def test_no_more_neighbors_of_other_folds_than_there_are():
    X = np.random.default_rng(0).standard_normal((20, 2))
    found = measure_geometry(X, k=1, fold=np.repeat([0, 1], [16, 4]), device="cpu")
    assert found.other_indices.shape == (20, 4)
    assert set(found.other_indices[0]) == {16, 17, 18, 19}


@given(
    entries=arrays(np.float64, (5, 23), elements=st.integers(0, 6).map(float)),
    k=st.integers(1, 6),
    seed=st.integers(0, 99),
)
def test_the_smallest_of_a_row_are_the_same_compiled_and_by_partial_sort(entries, k, seed):
    names = np.random.default_rng(seed).permutation(23)
    fold = np.arange(5) % 2, np.arange(23) % 2
    columns = slice(seed % 5, 23)
    masked = np.where(fold[0][:, None] == fold[1], np.inf, entries)[:, columns]
    order = [np.lexsort((names[columns], row))[:k] for row in masked]
    found, kept = smallest(entries, k, names, columns=columns, start=seed % 30, fold=fold)
    np.testing.assert_array_equal(found, [names[columns][row] for row in order])
    np.testing.assert_array_equal(kept, np.take_along_axis(masked, np.array(order), axis=1))
    sorted_ = _partial_sort(torch.from_numpy(masked), k, torch.from_numpy(names[columns]))
    np.testing.assert_array_equal(sorted_[0], found)
    np.testing.assert_array_equal(sorted_[1], kept)
