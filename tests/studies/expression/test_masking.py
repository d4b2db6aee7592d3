"""What is hidden and asked, and who may be learned from."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zslib.core.errors import DataError
from zslib.studies.expression import masking


def table(rng, n, g, density=0.4):
    return rng.integers(1, 51, (n, g)) * (rng.random((n, g)) < density)


@given(st.integers(2, 60), st.floats(0.02, 0.98), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_every_expressed_hidden_gene_is_asked_and_as_many_zeros(n_genes, fraction, seed):
    rng = np.random.default_rng(seed)
    masked = masking.mask(table(rng, 5, n_genes), table(rng, 7, n_genes), fraction, seed)
    assert masked.hidden.sum() == np.clip(round(fraction * n_genes), 1, n_genes - 1)
    expressed = masked.target > 0
    assert masked.scored[expressed].all()
    zeros = (masked.scored & ~expressed).sum(axis=1)
    np.testing.assert_array_equal(zeros, np.minimum(expressed.sum(axis=1), (~expressed).sum(axis=1)))
    assert masked.visible.shape == (7, n_genes - masked.hidden.sum())


def test_draws_differ_by_seed_only():
    values = table(np.random.default_rng(0), 9, 40)
    first, again, other = (masking.mask(values, values, 0.3, s) for s in (1, 1, 2))
    np.testing.assert_array_equal(first.hidden, again.hidden)
    np.testing.assert_array_equal(first.scored, again.scored)
    assert (first.hidden != other.hidden).any()


@given(st.lists(st.sampled_from("abcd"), min_size=4, max_size=60), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_cells_and_where_possible_batches_are_disjoint(batch, seed):
    batch = np.array(batch)
    train, test = masking.split(batch, 30, 20, seed)
    assert 0 < len(train) <= 30
    assert 0 < len(test) <= 20
    assert not set(train) & set(test)
    if len(set(batch)) > 1:
        assert not set(batch[train]) & set(batch[test])


def test_too_few_cells_are_refused():
    with pytest.raises(DataError, match="3 cells"):
        masking.split(["a", "a", "b"], 5, 5, 0)
