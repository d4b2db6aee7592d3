"""Subsets are nested and the same for the same seed; their diversity is that computed by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zslib.composition.diversity import shannon, vendi
from zslib.composition.settings import SCHEMES, Settings
from zslib.composition.subsets import boxes, in_turn, order, sizes
from zslib.errors import DataError


def made(n=200, seed=0):
    rng = np.random.default_rng(seed)
    types = rng.choice(["a", "b", "c"], n, p=[0.8, 0.15, 0.05])
    return {"types": types, "batches": np.repeat(["x", "y"], n // 2), "pcs": rng.standard_normal((n, 3))}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_order_holds_each_cell_once_and_follows_from_the_seed(scheme):
    about = made()
    first = order(scheme, seed=3, **about)
    assert sorted(first) == list(range(200))
    np.testing.assert_array_equal(first, order(scheme, seed=3, **about))
    assert (first != order(scheme, seed=4, **about)).any()
    small, large = sizes((0.1, 0.4), 200)
    assert set(first[:small]) < set(first[:large])  # nested, since each is the beginning of one order


def test_shares_that_come_to_the_same_size_are_one():
    assert sizes((0.001, 0.002, 0.01, 1.0), 200) == [2, 200]
    assert sizes((0.1, 0.4), 200) == [20, 80]


def test_types_in_turn_are_alike_until_one_is_used_up():
    about = made()
    n = np.unique(about["types"], return_counts=True)[1].min()
    rows = order("balanced", seed=0, **about)
    assert np.unique(about["types"][rows[: 3 * n]], return_counts=True)[1].tolist() == [n, n, n]


def test_one_batch_after_the_other_and_each_is_first_once():
    about = made()
    first = [set(about["batches"][order("few-batches", seed=s, **about)[:100]]) for s in (0, 1)]
    assert first == [{"x"}, {"y"}]
    assert set(about["batches"][order("uniform", seed=0, **about)[:100]]) == {"x", "y"}


def test_a_sketch_evens_out_dense_and_thin_regions():
    rng = np.random.default_rng(0)
    pcs = np.concatenate([rng.uniform(0, 1, (950, 2)), rng.uniform((3, 0), (4, 1), (50, 2))])
    about = {"types": ["t"] * 1000, "batches": ["b"] * 1000, "pcs": pcs}
    thin = (order("sketch", seed=0, **about)[:60] >= 950).mean()
    assert thin > 0.3
    assert (order("uniform", seed=0, **about)[:60] >= 950).mean() < 0.15


def test_boxes_are_about_as_many_as_wanted():
    pcs = np.random.default_rng(0).standard_normal((2000, 3))
    assert abs(boxes(pcs, 200).max() + 1 - 200) <= 20
    assert boxes(np.zeros((5, 2)), 3).max() == 0  # cells that coincide lie in one box


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=40))
def test_in_turn_never_gives_a_group_two_cells_more_than_another_that_has_some_left(groups):
    group = np.unique(groups, return_inverse=True)[1]
    rows = in_turn(group, np.random.default_rng(0))
    size = np.bincount(group)
    for n in range(1, len(rows) + 1):
        taken = np.bincount(group[rows[:n]], minlength=len(size))
        left = taken < size
        assert not left.any() or taken.max() - taken[left].min() <= 1


def test_shannon_by_hand():
    assert shannon(["a"] * 7) == 0
    assert shannon(list("abcd")) == pytest.approx(2)
    assert shannon(list("aab")) == pytest.approx(2 / 3 * np.log2(1.5) + 1 / 3 * np.log2(3))


def test_vendi_by_hand():
    assert vendi(np.ones((6, 3))) == pytest.approx(1)
    assert vendi(5 * np.eye(4)) == pytest.approx(4)
    assert vendi(np.repeat(np.eye(3), 10, axis=0)) == pytest.approx(3)  # ten of each are worth no more
    assert vendi(np.array([[1.0, 0], [1, 0], [1, 0], [0, 1]])) == pytest.approx(0.25**-0.25 * 0.75**-0.75)


def test_vendi_is_that_of_the_whole_matrix_of_likeness():
    X = np.random.default_rng(0).standard_normal((12, 5))
    unit = X / np.linalg.norm(X, axis=1, keepdims=True)
    share = np.linalg.eigvalsh(unit @ unit.T / 12).clip(1e-15)
    assert vendi(X) == pytest.approx(np.exp(-(share * np.log(share)).sum()))


def test_what_cannot_be_is_refused():
    with pytest.raises(DataError, match="sketch"):
        order("best", seed=0, **made())
    with pytest.raises(DataError, match="ascend"):
        Settings(shares=(0.5, 0.1))
    with pytest.raises(DataError, match="held-out"):
        Settings(targets=("kang",))
    with pytest.raises(DataError, match="no model bert"):
        Settings(models=("bert",))
    with pytest.raises(DataError, match="n_cell"):
        Settings.of({"sahres": [1.0]})
    assert Settings.of({"seeds": [4]}).seeds == (4,)
