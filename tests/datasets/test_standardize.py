"""Load's arithmetic: labels, batches, small types, and the shape that is checked."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from zslib.core.errors import DataError
from zslib.datasets.card import LabelRule
from zslib.datasets.check import check
from zslib.datasets.matrices import csr_float32, genes_by_cells_csv
from zslib.datasets.standardize import standardize


def test_small_types_go_and_are_counted(raw, make_card):
    adata = standardize(raw, make_card())
    assert adata.uns["dataset"]["dropped"] == {"c": 5}
    assert "fewer than 10" in adata.uns["dataset"]["dropped_why"]["c"]
    assert adata.uns["dataset"]["n_cells_per_label"] == {"a": 30, "b": 25}
    assert adata.uns["dataset"]["n_cells"] == adata.n_obs == 55
    assert list(adata.obs["label"].cat.categories) == ["a", "b"]
    assert adata.X is None
    assert adata.layers["counts"].dtype == np.float32
    np.testing.assert_array_equal(adata.layers["counts"].toarray(), raw.X[:55].toarray())
    assert list(raw.obs) == ["kind", "donor"]  # the input is left alone


def test_one_batch_gets_one_value_and_other_columns_stay_where_the_card_asks(raw, make_card):
    adata = standardize(raw, make_card(batch=None, single_batch="d0"))
    assert adata.uns["dataset"]["n_cells_per_batch"] == {"d0": 55}
    assert list(adata.obs) == ["label", "batch"]
    kept = standardize(raw, make_card(keep=("donor",)))
    assert kept.obs["donor"].tolist() == raw.obs["donor"][:55].tolist()


def test_label_table(raw, make_card):
    rules = [LabelRule(d, kind, new, "why") for d in ("d1", "d2") for kind, new in (("a", "x"), ("b", "x"))]
    rules += [LabelRule("d1", "c", "x"), LabelRule("d2", "c", None, "uncertain")]
    adata = standardize(raw, make_card(labels=tuple(rules)))
    n_out = int(((raw.obs["kind"] == "c") & (raw.obs["donor"] == "d2")).sum())
    assert adata.uns["dataset"]["n_cells_per_label"] == {"x": 60 - n_out}
    assert adata.uns["dataset"]["dropped"] == {"d2: c": n_out}
    assert adata.uns["dataset"]["dropped_why"] == {"d2: c": "uncertain"}
    assert set(adata.obs["original_label"]) == {"a", "b", "c"}
    with pytest.raises(DataError, match=r"does not know d1: c; d2: c"):
        standardize(raw, make_card(labels=tuple(rules[:4])))


def test_card_that_does_not_fit_the_data(raw, make_card):
    with pytest.raises(DataError, match=r"'cell_type'.*'kind', 'donor'"):
        standardize(raw, make_card(label="cell_type"))
    with pytest.raises(DataError, match="60 cells; its card expects 61"):
        standardize(raw, make_card(expected_cells=61))


def spoil_value(adata):
    adata.layers["counts"].data[7] = 0.5


def spoil_sign(adata):
    adata.layers["counts"].data[7] = -1


def spoil_nan(adata):
    adata.layers["counts"].data[7] = np.nan


def spoil_order(adata):
    counts = adata.layers["counts"]
    counts.indices[:2] = counts.indices[:2][::-1].copy()
    counts.has_sorted_indices = False


def spoil_format(adata):
    adata.layers["counts"] = adata.layers["counts"].tocsc()


def spoil_empty(adata):
    counts = adata.layers["counts"].toarray()
    counts[0] = 0
    adata.layers["counts"] = sparse.csr_matrix(counts)


def spoil_names(adata):
    adata.obs_names = ["same", "same", *adata.obs_names[2:]]


def spoil_genes(adata):
    adata.var_names = ["same", "same", *adata.var_names[2:]]


def spoil_unused(adata):
    adata.obs["label"] = adata.obs["label"].cat.add_categories("ghost")


def spoil_type(adata):
    adata.obs["batch"] = adata.obs["batch"].astype(str).to_numpy()


def spoil_symbol(adata):
    del adata.var["symbol"]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (spoil_value, r"cell 'cell0', gene 'G\d+' is 0.5 \(1 such"),
        (spoil_sign, "is -1"),
        (spoil_nan, "is nan"),
        (spoil_order, "unsorted"),
        (spoil_format, "csc float32"),
        (spoil_empty, "'cell0' has no counts"),
        (spoil_names, "cell name 'same' occurs more than once"),
        (spoil_genes, "gene name 'same' occurs more than once"),
        (spoil_unused, "without cells: ghost"),
        (spoil_type, "must be categorical"),
        (spoil_symbol, "symbol"),
    ],
)
def test_check_says_what_and_where(raw, make_card, spoil, said):
    adata = standardize(raw, make_card())
    spoil(adata)
    with pytest.raises(DataError, match=said):
        check(adata)


def test_csr_is_sorted_and_leaves_the_input_alone():
    messy = sparse.csr_matrix(
        (np.array([1.0, 0.0, 2.0, 3.0]), np.array([2, 1, 0, 0]), np.array([0, 3, 4])), shape=(2, 3)
    )
    clean = csr_float32(messy)
    np.testing.assert_array_equal(clean.toarray(), [[2, 0, 1], [3, 0, 0]])
    assert clean.has_sorted_indices
    assert clean.nnz == 3
    assert messy.nnz == 4


@pytest.mark.parametrize("form", ["{:d}", "{:d}.0"])
def test_csv_of_genes_by_cells(tmp_path, form):
    table = pd.DataFrame(np.arange(12).reshape(4, 3) % 5, index=[*"wxyz"], columns=["c1", "c2", "c3"])
    path = tmp_path / "t.csv"
    lines = [
        ",c1,c2,c3",
        *(",".join([g, *map(form.format, row)]) for g, row in zip("wxyz", table.to_numpy(), strict=True)),
    ]
    path.write_text("\n".join(lines) + "\n")
    with path.open("rb") as handle:
        counts, cells, genes = genes_by_cells_csv(handle)
    np.testing.assert_array_equal(counts.toarray(), table.T)
    assert list(cells) == ["c1", "c2", "c3"]
    assert list(genes) == [*"wxyz"]
