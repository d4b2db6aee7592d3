import numpy as np
import pytest

from zslib import metrics
from zslib.core.errors import DataError
from zslib.studies import teaching


def test_cells_are_shared_out_evenly_and_the_same_again():
    cells = teaching.simulate_cells(240, n_types=4, n_batches=3, n_dims=7, seed=2)
    assert cells.X.shape == (240, 7)
    pairs, sizes = np.unique(np.stack([cells.label, cells.batch]), axis=1, return_counts=True)
    assert pairs.shape[1] == 12
    assert set(sizes) == {20}
    np.testing.assert_array_equal(
        cells.X, teaching.simulate_cells(240, n_types=4, n_batches=3, n_dims=7, seed=2).X
    )
    assert (cells.X != teaching.simulate_cells(240, n_types=4, n_batches=3, n_dims=7, seed=3).X).any()


def test_a_batch_shift_is_the_same_for_all_types():
    cells = teaching.simulate_cells(40_000, n_types=2, n_batches=2, n_dims=3, batch_shift=5, seed=1)
    shift = [
        cells.X[(cells.label == t) & (cells.batch == "batch 1")].mean(axis=0)
        - cells.X[(cells.label == t) & (cells.batch == "batch 2")].mean(axis=0)
        for t in np.unique(cells.label)
    ]
    np.testing.assert_allclose(shift[0], shift[1], atol=0.06)
    assert np.abs(shift[0]).max() > 1


def test_batch_asw_does_not_see_a_technology_when_its_replicates_agree():
    apart = teaching.simulate_nested_batches(technology_shift=4, seed=0)
    mixed = teaching.simulate_nested_batches(technology_shift=0, seed=0)
    blind = [metrics.asw_batch(c.X, c.label, c.batch) for c in (apart, mixed)]
    seen = [metrics.asw_batch(c.X, c.label, c.technology) for c in (apart, mixed)]
    assert abs(blind[0] - blind[1]) < 0.02
    assert seen[0] < seen[1] - 0.3
    assert set(apart.batch[apart.technology == "technology 1"]) == {"batch 1", "batch 2"}


@pytest.mark.parametrize("wrong", [{"n_types": 9}, {"n_types": 0}, {"n_cells": 5}])
def test_what_cannot_be_simulated_is_refused(wrong):
    with pytest.raises(DataError):
        teaching.simulate_cells(**{"n_cells": 100, **wrong})
