import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse

from zslib.core.errors import DataError
from zslib.metrics import check_embedding
from zslib.metrics.checks import encode, in_units

GOOD = np.random.default_rng(0).standard_normal((20, 3)).astype(np.float32)


def test_a_good_embedding_is_returned_as_it_came():
    assert check_embedding(GOOD, 20) is GOOD


@pytest.mark.parametrize(
    ("dtype", "becomes"), [(np.float16, "float32"), (np.int64, "float64"), (bool, "float32")]
)
def test_other_numbers_are_converted(dtype, becomes):
    X = (np.abs(GOOD) * 10 + 1).astype(dtype)
    X[0, 0] = 0
    assert check_embedding(X, 20).dtype == becomes


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_first_bad_cell_is_named(bad):
    X = GOOD.copy()
    X[7, 1] = X[9, 0] = bad
    with pytest.raises(DataError, match=r"2 of 20 cells \(the first is row 7\) are NaN or infinite"):
        check_embedding(X, 20)


def test_zero_cells_are_refused_by_name():
    X = GOOD.copy()
    X[4] = 0
    with pytest.raises(DataError, match=r"1 cell \(row 4\) is zero in every dimension"):
        check_embedding(X, 20)


@pytest.mark.parametrize(
    ("X", "says"),
    [
        (np.zeros((20, 3)), "zero for every cell"),
        (np.full((20, 3), 2.5), "constant"),
        (GOOD[:19], "19 rows for 20 cells"),
        (GOOD.T, "3 rows for 20 cells"),
        (GOOD[:, 0], r"shape \(20,\)"),
        (GOOD[:, :0], "n_dims"),
        (GOOD.astype(str), "real numbers"),
        (GOOD.astype(complex), "real numbers"),
        (sparse.csr_matrix(GOOD), "toarray"),
    ],
)
def test_what_cannot_be_scored_is_refused(X, says):
    with pytest.raises(DataError, match=says):
        check_embedding(X, 20)


def test_names_of_any_kind_are_encoded():
    codes, names = encode(pd.Categorical(["b", "a", "b"], categories=["c", "b", "a"]), 3, "label")
    assert list(codes) == [1, 0, 1]
    assert list(names) == ["a", "b"]
    assert list(encode([3, 1, 3], 3, "batch")[0]) == [1, 0, 1]


@pytest.mark.parametrize("hole", [float("nan"), None, pd.NA, pd.NaT, "", "  "])
@pytest.mark.parametrize("form", [list, tuple, pd.Series, pd.Index, lambda v: np.array(v, dtype=object)])
def test_what_is_missing_is_so_in_any_container(hole, form):
    with pytest.raises(DataError, match=r"2 of 4 cells \(the first is row 1\) are without a label"):
        encode(form(["a", hole, "b", hole]), 4, "label")


@pytest.mark.parametrize(
    "values", [np.array(["a", np.nan, "b", np.nan]), pd.Series(["a", pd.NA, "b", pd.NA]).astype(str)]
)
def test_what_is_missing_is_so_as_text(values):
    with pytest.raises(DataError, match=r"2 of 4 cells \(the first is row 1\) are without a label"):
        encode(values, 4, "label")


@pytest.mark.parametrize("size", [1e-200, 1e-20, 1e20, 1e200])
def test_numbers_far_from_one_are_brought_near_it_exactly(size):
    found = in_units(GOOD.astype(float) * size)
    assert 0.5 <= np.abs(found).max() < 1
    ratio = found / (GOOD.astype(float) * size)
    assert np.ptp(ratio) == 0
    assert in_units(GOOD) is GOOD


def test_views_that_torch_does_not_take_are_copied():
    for view in (GOOD[::-1], GOOD[:, ::-1], np.broadcast_to(GOOD[:, :1], (20, 3))):
        found = check_embedding(view, 20)
        np.testing.assert_array_equal(found, view)
        assert torch.from_numpy(found).shape == (20, 3)


def test_missing_names_and_other_lengths_are_refused():
    with pytest.raises(DataError, match=r"1 cell \(row 1\) is without a label"):
        encode(["a", None, "b"], 3, "label")
    with pytest.raises(DataError, match="batch has 2 values for 3 cells"):
        encode(["a", "b"], 3, "batch")
