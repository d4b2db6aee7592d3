"""A file that does not fit into memory: read, prepared, embedded and drawn as one that does, and never whole."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from zslib import datasets
from zslib.datasets import own, parts, variable
from zslib.datasets import prepare as p
from zslib.plots.view import content
from zslib.results import Run, embedding, robustness, stages, unlabeled

MINI = "geneformer-mini-kang"
METHODS = ("hvg", "hvg-pca", "random-projection", "harmony", "labels", "split-half-a", MINI)
ROWS = 64


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """600 real cells of two batches and all their genes, in a file, and a card that names it."""
    kang = datasets.load("kang")
    kang = kang[np.random.default_rng(0).choice(kang.n_obs, 600, replace=False)]
    folder = tmp_path_factory.mktemp("large")
    kang.copy().write_h5ad(folder / "cells.h5ad")
    return own.write(folder / "cells.yaml", own.describe(folder / "cells.h5ad", label="label", batch="batch"))


@pytest.fixture
def small_memory(monkeypatch):
    """Memory for 100,000 entries, parts of 64 rows, and no matrix of more rows that is made dense by all its genes."""
    monkeypatch.setattr(parts, "PART", ROWS)
    monkeypatch.setattr(parts, "IN_MEMORY", 100_000)
    made = sparse.csr_matrix.toarray

    def toarray(matrix, *args, **kwargs):
        assert min(matrix.shape) <= ROWS or matrix.shape[1] <= 2000, f"{matrix.shape} was made dense"
        return made(matrix, *args, **kwargs)

    monkeypatch.setattr(sparse.csr_matrix, "toarray", toarray)


@pytest.fixture(scope="module")
def whole(source):
    """The cells in memory, and what methods make of them."""
    adata = p.prepare(datasets.load(source), n_cells=None)
    return adata, {m: embedding.compute(adata, m, device="cpu")[0] for m in METHODS}


def test_a_file_in_parts_gives_what_it_gives_in_memory(source, whole, small_memory, tmp_path):
    expected, embeddings = whole
    loaded = datasets.load(source, whole=False)
    assert not sparse.issparse(loaded.layers["counts"])
    written = p.write(p.prepare(loaded, n_cells=None), tmp_path / "prepared.h5ad")
    adata = p.read(written)
    assert not sparse.issparse(adata.X)
    assert not sparse.issparse(adata.layers["counts"])
    assert adata.uns["prepare"] == expected.uns["prepare"]
    assert (adata.X[:] != expected.X).nnz == 0
    for key in ("X_unintegrated", "X_within_batch"):
        np.testing.assert_allclose(adata.obsm[key], expected.obsm[key], atol=1e-6)
    for method in METHODS:
        found, _ = embedding.compute(adata, method, device="cpu")
        np.testing.assert_allclose(found, embeddings[method], atol=1e-5 if method == MINI else 1e-6)


def test_a_few_cells_of_a_large_file_are_held_in_memory(source, whole, small_memory):
    few = p.prepare(datasets.load(source, whole=False), n_cells=150)
    assert sparse.issparse(datasets.load(source).layers["counts"])
    assert sparse.issparse(few.X)
    assert set(few.obs_names) < set(whole[0].obs_names)


def test_what_a_page_shows_of_cells_on_the_disk(source, whole, small_memory, tmp_path):
    expected = whole[0]
    adata = p.read(p.write(expected, tmp_path / "prepared.h5ad"))
    assert not sparse.issparse(adata.X)
    np.testing.assert_allclose(unlabeled.confounders(adata), unlabeled.confounders(expected))
    assert content.markers(adata.X, adata.obs["label"]) == content.markers(expected.X, expected.obs["label"])


def test_a_stage_takes_cells_on_the_disk_for_those_in_memory(whole, small_memory, tmp_path):
    """Some of them too, as titration asks for, and altered ones."""
    expected = whole[0]
    adata = p.read(p.write(expected, tmp_path / "prepared.h5ad"))
    run = Run(tmp_path, "kang", "hvg-pca", 0)
    digests = {stages.embedding_digest(run, one, "hvg-pca") for one in (adata, expected)}
    assert len(digests) == 1
    rows = np.random.default_rng(0).permutation(600)[:200]
    some, same = (embedding.compute(one[rows], "hvg-pca", device="cpu")[0] for one in (adata, expected))
    np.testing.assert_allclose(some, same, atol=1e-6)
    asked = {"only": [robustness.AS_THEY_ARE, "half of the molecules"], "device": "cpu"}
    found, there = (robustness.compute(one, {"hvg-pca": {}}, **asked) for one in (adata, expected))
    assert set(found["alteration"]) == set(asked["only"])
    pd.testing.assert_frame_equal(found, there, atol=1e-6)


def test_components_found_from_some_cells_are_close_to_those_of_all(whole, small_memory, monkeypatch):
    adata = whole[0]
    monkeypatch.setattr(p, "FITTED", 300)
    X = p.pca(parts.gathered(parts.parts(adata.X)), n_comps=5)
    angles = np.linalg.svd(np.linalg.qr(X)[0].T @ np.linalg.qr(adata.obsm["X_unintegrated"][:, :5])[0])[1]
    assert angles[:3].min() > 0.95


def test_variable_genes_by_sums_are_those_of_scanpy(whole):
    import scanpy as sc

    X = whole[0].X
    mean, variance = variable.moments(X)
    for n in (100, 2000):
        table = sc.pp.highly_variable_genes(whole[0], n_top_genes=n, inplace=False)
        np.testing.assert_array_equal(
            variable.most_variable(mean[0], variance[0], n), table["highly_variable"]
        )


@pytest.mark.parametrize("entries", [1, 50, 10**9])
def test_rows_come_in_the_order_that_is_asked_for(monkeypatch, entries):
    monkeypatch.setattr(parts, "PART", 7)
    X = sparse.random(100, 9, 0.3, format="csr", dtype=np.float32, random_state=0)
    rows = np.random.default_rng(0).permutation(100)[:60]
    monkeypatch.setattr(parts, "IN_MEMORY", entries)
    stored = parts.gathered(parts.parts(X))
    assert sparse.issparse(stored) == (entries > X.nnz)
    found = sparse.vstack(list(parts.in_order(stored, rows)))
    assert (found != X[rows]).nnz == 0
    np.testing.assert_array_equal(parts.lengths(stored), np.diff(X.indptr))
    assert np.array_equal(np.concatenate(list(parts.stretches(stored, "data", 5))), X.data)
