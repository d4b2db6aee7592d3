import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist

from zslib.core.errors import DataError
from zslib.metrics import measure_geometry, pairs, pairs_cpu
from zslib.metrics.checks import encode
from zslib.metrics.distances import numbers


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
def test_coinciding_cells_are_at_zero_and_taken_by_number(block):
    rng = np.random.default_rng(1)
    points = rng.standard_normal((3, 300)) * 100
    of_cell = rng.integers(0, 3, 90)
    label = rng.integers(0, 2, 90)
    number = numbers(points[of_cell], label)
    found = measure_geometry(points[of_cell], label, k=4, number=number, device="cpu", block=block)
    assert (found.distances == 0).all()
    for cell in range(90):
        same = np.flatnonzero((of_cell == of_cell[cell]) & (np.arange(90) != cell))
        turn = number[cell] * number[same] % pairs.PRIME
        np.testing.assert_array_equal(found.indices[cell], same[np.argsort(turn)][:4])
    # Not all of them have the same neighbors.
    assert np.bincount(found.indices.ravel(), minlength=90).max() < 15


def test_numbers_follow_the_cells_and_not_their_order():
    rng = np.random.default_rng(0)
    X, label = rng.integers(0, 2, (80, 3)).astype(np.float32), np.repeat([0, 1], 40)
    found, order = numbers(X, label), rng.permutation(80)
    assert len(set(found)) == 80
    assert 0 < found.min() < found.max() < pairs.PRIME
    again = numbers(np.asfortranarray(X[order].astype(np.float64)), label[order])
    of = [dict.fromkeys(map(tuple, np.c_[X, label]), ()) for _ in range(2)]
    for kept, cells, by in ((of[0], np.c_[X, label], found), (of[1], np.c_[X, label][order], again)):
        for cell, n in zip(map(tuple, cells), by, strict=True):
            kept[cell] = tuple(sorted((*kept[cell], n)))
    assert of[0] == of[1]
    # Of coinciding cells, those of the first label do not all come first.
    assert 0.3 < (found[:40, None] < found[40:]).mean() < 0.7


@pytest.mark.parametrize("apart", [1e-4, 1e-8, 1e-11])
def test_distances_that_are_small_beside_the_norm_are_right(apart):
    rng = np.random.default_rng(0)
    islands = np.where(np.arange(60)[:, None] < 30, -1.0, 1.0) * np.ones((1, 4))
    X = islands + np.round(rng.standard_normal((60, 4)) * 64) * (apart / 64)
    D = cdist(X, X)
    for found in (
        measure_geometry(X, k=29, device="cpu").distances,
        np.sort(pairs.distances(*centered(X), torch.arange(60)).numpy(), axis=1)[:, 1:30],
    ):
        np.testing.assert_allclose(found, np.sort(D, axis=1)[:, 1:30], rtol=1e-7 + 1e-15 / apart)


def centered(X):
    points = torch.from_numpy(X - X.mean(axis=0))
    return points, points.square().sum(dim=1)


def test_ties_at_the_edge_leave_nearer_cells_in():
    X = np.array([[0.0], [1.0], [3.0], [3.0], [3.0], [3.0]])
    found = measure_geometry(X, k=3, number=np.arange(1, 7), device="cpu")
    assert found.indices[0].tolist() == [1, 2, 3]
    assert found.indices[5].tolist() == [2, 3, 4]
    assert measure_geometry(X, k=3, number=np.arange(6, 0, -1), device="cpu").indices[0].tolist() == [
        1,
        5,
        4,
    ]


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


@given(seed=st.integers(0, 99), block=st.sampled_from([1, 400, 10_000]))
@settings(max_examples=10, deadline=None)  # the first call may compile
def test_the_way_of_a_gpu_finds_the_same(seed, block):
    rng = np.random.default_rng(seed)
    half = rng.integers(0, 4, (30, 3)) + (seed % 2) * rng.standard_normal((30, 3))  # with ties, and without
    X = np.concatenate([half, half + 1])
    label, batch, fold = (rng.permutation(np.arange(60) % k) for k in (4, 3, 5))
    asked = {"k": 9, "k_own": 20, "fold": fold, "k_other": 7, "block": block, "device": "cpu"}
    ours = measure_geometry(X, label, batch, **asked)

    def by_torch(cells, found, *, block):
        pairs.measure(cells, found, device=torch.device("cpu"), block=block)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs_cpu, "measure", by_torch)
        theirs = measure_geometry(X, label, batch, **asked)
    for name, found in vars(ours).items():
        if found.dtype == np.int64:
            np.testing.assert_array_equal(found, vars(theirs)[name], err_msg=name)
        else:
            np.testing.assert_allclose(found, vars(theirs)[name], rtol=1e-11, err_msg=name)


@given(
    entries=arrays(np.float64, (5, 23), elements=st.integers(0, 6).map(float)),
    k=st.integers(1, 6),
    seed=st.integers(0, 99),
)
def test_the_smallest_of_a_row_by_partial_sort(entries, k, seed):
    number, own = np.split(1 + np.random.default_rng(seed).choice(pairs.PRIME - 1, 28, replace=False), [23])
    order = np.array(
        [np.lexsort((n * number % pairs.PRIME, e))[:k] for n, e in zip(own, entries, strict=True)]
    )
    found, kept = pairs.nearest(torch.from_numpy(entries), k, *map(torch.from_numpy, (number, own)))
    np.testing.assert_array_equal(found, order)
    np.testing.assert_array_equal(kept, np.take_along_axis(entries, order, axis=1))
