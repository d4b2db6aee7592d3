"""Preparing: the paper's filters, scanpy's normalization, an exact PCA, one hash."""

import logging

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from zslib.core.errors import DataError
from zslib.datasets import prepare as p
from zslib.datasets.check import check


@pytest.fixture
def adata():
    """220 cells, 80 genes; a slash and a percent sign in names, one gene rare, one cell poor."""
    rng = np.random.default_rng(1)
    counts = rng.poisson(rng.gamma(1.0, 1.0, (220, 80)))
    counts[:, 0] = 0
    counts[:5, 0] = 1  # in 5 cells only
    counts[7] = 0
    counts[7, 10] = 4  # one gene only
    obs = pd.DataFrame(
        {
            "label": pd.Categorical(["B"] * 150 + ["Mono/DC 5%2F"] * 60 + ["rare"] * 10),
            "batch": pd.Categorical(["x", "y"] * 110),
        },
        index=[f"cell{i}" for i in range(220)],
    )
    names = [f"G{i}" for i in range(80)]
    return ad.AnnData(
        obs=obs,
        var=pd.DataFrame({"symbol": names}, index=names),
        layers={"counts": sparse.csr_matrix(counts, dtype=np.float32)},
        uns={"dataset": {"name": "toy", "min_cells": 10, "n_cells_per_label": {"Mono/DC 5%2F": 60}}},
    )


def test_filters_and_what_is_recorded(adata):
    out = p.prepare(adata, n_cells=None)
    made = out.uns["prepare"]
    assert "cell7" not in out.obs_names
    assert "G0" not in out.var_names
    assert (made["cells_before"], made["cells_after"]) == (220, 219)
    assert (made["genes_before"], made["genes_after"]) == (80, 79)
    assert made["n_cells_per_label"] == {"B": 149, "Mono/DC 5%2F": 60, "rare": 10}
    assert made["dropped"] == {}
    check(out)
    raw = adata[out.obs_names, out.var_names].layers["counts"]
    np.testing.assert_array_equal(out.layers["counts"].toarray(), raw.toarray())
    assert adata.X is None  # the input is left alone


def test_cells_with_rare_genes_alone_go_and_are_counted(adata):
    """Cell 9 has 12 genes that nobody else has; without it and 9 others, gene 79 is rare too, and cell 10 has no other."""
    counts = np.hstack([adata.layers["counts"].toarray(), np.zeros((220, 24))]).astype(np.float32)
    counts[9] = 0
    counts[9, 80:92] = 3
    counts[10] = 0
    counts[10, [79, *range(92, 104)]] = 1
    counts[:, 79] = 0
    counts[[9, 10, *range(20, 28)], 79] = 1
    names = [f"G{i}" for i in range(104)]
    wide = ad.AnnData(
        obs=adata.obs,
        var=pd.DataFrame({"symbol": names}, index=names),
        layers={"counts": sparse.csr_matrix(counts)},
        uns=adata.uns,
    )
    wide.layers["counts"][9, 79] = 0
    wide.layers["counts"].eliminate_zeros()
    made = p.prepare(wide, n_cells=None)
    assert {"cell9", "cell10"}.isdisjoint(made.obs_names)
    assert made.uns["prepare"]["cells_with_few_genes"] == 1
    assert made.uns["prepare"]["cells_with_rare_genes_alone"] == 2
    assert made.n_obs == 217


def test_types_that_become_too_small_go(adata):
    counts = adata.layers["counts"].toarray()
    counts[215] = 0
    counts[215, 10] = 4
    adata.layers["counts"] = sparse.csr_matrix(counts)
    out = p.prepare(adata, n_cells=None)
    assert out.uns["prepare"]["dropped"] == {"rare": 9}
    assert list(out.obs["label"].cat.categories) == ["B", "Mono/DC 5%2F"]


def test_pick_keeps_every_type_in_every_batch(adata):
    out = p.prepare(adata, n_cells=100)
    assert out.uns["prepare"]["cells_picked"] == 100
    table = pd.crosstab(out.obs["label"], out.obs["batch"])
    assert table.loc["rare"].tolist() == [5, 5]
    assert table.to_numpy().min() == 5


def test_same_as_scanpy(adata):
    sc = pytest.importorskip("scanpy")
    out = p.prepare(adata, n_cells=None)
    reference = ad.AnnData(out.layers["counts"].copy())
    sc.pp.normalize_total(reference, target_sum=1e4)
    sc.pp.log1p(reference)
    assert out.X.dtype == np.float32
    assert out.X.format == "csr"
    np.testing.assert_allclose(out.X.toarray(), reference.X.toarray(), rtol=2e-6)


def test_filters_same_as_scanpy(adata):
    sc = pytest.importorskip("scanpy")
    reference = adata.copy()
    reference.X = reference.layers["counts"].copy()
    sc.pp.filter_cells(reference, min_genes=30)
    sc.pp.filter_genes(reference, min_cells=110)
    out = p.prepare(adata, n_cells=None, min_genes=30, min_cells=110)
    assert set(out.obs_names) == set(reference.obs_names)
    assert list(out.var_names) == list(reference.var_names)


def test_pca_is_exact(adata):
    out = p.prepare(adata, n_cells=None, n_comps=10)
    X = out.X.toarray().astype(float)
    X -= X.mean(axis=0)
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    sign = np.sign(Vt[np.arange(10), np.abs(Vt[:10]).argmax(axis=1)])
    got = out.obsm["X_unintegrated"]
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, U[:, :10] * s[:10] * sign, atol=1e-4)
    assert p.prepare(adata, n_cells=None, n_comps=500).obsm["X_unintegrated"].shape[1] == 78


def test_same_input_same_output_in_any_order(adata):
    one, two = p.prepare(adata, n_cells=120), p.prepare(adata, n_cells=120)
    shuffled = p.prepare(adata[np.random.default_rng(0).permutation(220)].copy(), n_cells=120)
    for other in (two, shuffled):
        assert one.uns["prepare"] == other.uns["prepare"]
        np.testing.assert_array_equal(one.X.toarray(), other.X.toarray())
        np.testing.assert_array_equal(one.obsm["X_unintegrated"], other.obsm["X_unintegrated"])
    assert p.prepare(adata, n_cells=120, seed=1).uns["prepare"]["hash"] != one.uns["prepare"]["hash"]


def test_hash_sees_every_part(adata):
    before = p.content_hash(adata)
    changes = {
        "counts": lambda a: a.layers["counts"].data.__setitem__(3, 99),
        "gene": lambda a: setattr(a, "var_names", ["other", *a.var_names[1:]]),
        "cell": lambda a: setattr(a, "obs_names", ["other", *a.obs_names[1:]]),
        "label": lambda a: a.obs.__setitem__("label", a.obs["label"].to_numpy()[::-1]),
        "batch": lambda a: a.obs.__setitem__("batch", a.obs["batch"].to_numpy()[::-1]),
    }
    for change in changes.values():
        other = adata.copy()
        change(other)
        assert p.content_hash(other) != before
    wide = adata.copy()
    wide.layers["counts"].indices = wide.layers["counts"].indices.astype(np.int64)
    wide.obsm["X_new"] = np.zeros((220, 2))
    assert p.content_hash(wide) == before


def test_write_and_read(adata, tmp_path):
    out = p.prepare(adata)
    back = p.read(p.write(out, tmp_path / "new" / "prepared.h5ad"))
    assert back.uns == out.uns
    assert type(back.uns["prepare"]["seed"]) is int
    assert p.content_hash(back) == out.uns["prepare"]["hash"]
    np.testing.assert_array_equal(back.obsm["X_unintegrated"], out.obsm["X_unintegrated"])
    check(back)
    assert [f.name for f in (tmp_path / "new").iterdir()] == ["prepared.h5ad"]


def test_failed_write_leaves_the_old_file(adata, tmp_path):
    path = p.write(p.prepare(adata), tmp_path / "prepared.h5ad")
    before = path.read_bytes()
    adata.uns["bad"] = object()
    with pytest.raises(Exception, match="object"):
        p.write(adata, path)
    assert path.read_bytes() == before
    assert [f.name for f in tmp_path.iterdir()] == ["prepared.h5ad"]


def test_read_says_what_is_wrong(tmp_path):
    with pytest.raises(DataError, match="There is no dataset"):
        p.read(tmp_path / "none.h5ad")
    (tmp_path / "half.h5ad").write_bytes(b"half")
    with pytest.raises(DataError, match="not a readable"):
        p.read(tmp_path / "half.h5ad")


def test_cells_that_are_all_alike_are_an_error(adata):
    adata.layers["counts"] = sparse.csr_matrix(np.ones((220, 80), dtype=np.float32))
    with pytest.raises(DataError, match="The 220 cells that are left are all alike"):
        p.prepare(adata)


def test_nothing_left_is_an_error(adata):
    with pytest.raises(DataError, match="Nothing is left"):
        p.prepare(adata, min_genes=1000)


def test_too_few_cells_for_the_strata_warns(adata, caplog):
    with caplog.at_level(logging.WARNING):
        p.prepare(adata, n_cells=45)
    assert "too few" in caplog.text
