"""Properties of the stratified pick."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zslib.datasets.sample import allocate, stratified

sizes_st = st.lists(st.integers(1, 400), min_size=1, max_size=25).map(np.array)


@given(sizes_st, st.data())
def test_shares_sum_keep_floors_and_fit(sizes, data):
    n = data.draw(st.integers(0, int(sizes.sum())))
    share = allocate(sizes, n)
    assert share.sum() == n
    assert (share <= sizes).all()
    floors = np.minimum(sizes, 10)
    if floors.sum() <= n:
        assert (share >= floors).all()


@given(sizes_st, st.data())
def test_above_the_floor_shares_are_proportional(sizes, data):
    n = data.draw(st.integers(int(np.minimum(sizes, 10).sum()), int(sizes.sum())))
    share = allocate(sizes, n)
    free = share > 11  # certainly not at the floor
    if free.sum() > 1:
        # share = rate * size + less than one, with one rate for all
        low, high = (share[free] - 1) / sizes[free], (share[free] + 1) / sizes[free]
        assert low.max() <= high.min() + 1e-12


def test_too_small_for_the_floors_warns(caplog):
    assert allocate(np.array([100, 100, 3]), 11).tolist() == [4, 4, 3]
    assert "keeping 4" in caplog.text


def test_known_shares():
    assert allocate(np.array([50, 30, 20]), 10, floor=0).tolist() == [5, 3, 2]
    assert allocate(np.array([1000, 1000, 4]), 100).tolist() == [48, 48, 4]
    with pytest.raises(ValueError, match="from 0 to 6"):
        allocate(np.array([1, 2, 3]), 7)


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=150), st.data())
def test_order_of_the_input_does_not_matter(strata, data):
    strata = np.array(strata)
    names = np.array([f"cell{i}" for i in range(len(strata))])
    n = data.draw(st.integers(0, len(strata)))
    seed = data.draw(st.integers(0, 5))
    picked = stratified(strata, names, n, seed)
    assert len(set(picked.tolist())) == len(picked) == n
    shuffle = np.random.default_rng(data.draw(st.integers(0, 99))).permutation(len(strata))
    again = stratified(strata[shuffle], names[shuffle], n, seed)
    assert names[picked].tolist() == names[shuffle][again].tolist()


def test_shares_are_those_allocated_and_seeds_differ():
    strata = np.repeat(["a", "b", "c"], [300, 90, 5])
    names = np.array([f"cell{i}" for i in range(395)])
    picked = stratified(strata, names, 100, seed=0)
    values, n = np.unique(strata[picked], return_counts=True)
    assert dict(zip(values, n, strict=True)) == dict(
        zip("abc", allocate(np.array([300, 90, 5]), 100), strict=True)
    )
    assert set(picked) != set(stratified(strata, names, 100, seed=1))
    everything = stratified(strata, names, None, seed=0)
    assert sorted(everything) == list(range(395))
    # sorted by type no longer: neighbors in the file are of one type no more often than by chance
    assert (strata[everything][1:] == strata[everything][:-1]).mean() < 0.75
