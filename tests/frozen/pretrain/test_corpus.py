"""Corpora: genes brought together, medians, and which cells are held out."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from zslib.core.errors import DataError
from zslib.frozen.geneformer.genes import medians
from zslib.frozen.pretrain.corpus import gather, hold_out, overlapping

CARD = """
from zslib.datasets import DatasetCard
import anndata as ad, numpy as np, pandas as pd
from scipy import sparse
CARD = DatasetCard(name="{name}", title="t", summary="s", organism="{organism}", tissue="t", protocol="p",
    source="s", citation=("c",), doi=("d",), license="l", label="label", label_meaning="m", batch="batch",
    batch_meaning="m")
def read(files):
    rng = np.random.default_rng({seed})
    counts = rng.poisson(1.0, (60, {n})).astype(np.float32)
    counts[:, 0] += 1  # no cell is empty
    counts = sparse.csr_matrix(counts)
    obs = pd.DataFrame({{"label": "a", "batch": [f"b{{i % 6}}" for i in range(60)]}}, index=[f"c{{i}}" for i in range(60)])
    var = pd.DataFrame({{"symbol": {genes}, "ensembl_id": [f"ENSG{{i}}" for i in range({n})]}})
    var.index = [f"v{{i}}" for i in range({n})]
    return ad.AnnData(counts, obs=obs, var=var)
"""


def own(folder, name, genes, seed=0, organism="Homo sapiens"):
    path = folder / f"{name}.py"
    path.write_text(CARD.format(name=name, genes=list(genes), n=len(genes), seed=seed, organism=organism))
    return str(path)


def test_datasets_come_to_one_list_of_genes(tmp_path):
    from zslib import datasets

    one, two = own(tmp_path, "one", "ABCC"), own(tmp_path, "two", "BD", seed=1)
    corpus = gather([one, two], min_cells=1)
    assert corpus.genes == ("A", "B", "C", "D")
    first, second = (datasets.load(name).layers["counts"].toarray() for name in (one, two))
    counts = corpus.counts.toarray()
    np.testing.assert_array_equal(
        counts[:60], np.c_[first[:, 0], first[:, 1], first[:, 2:].sum(axis=1), 0 * first[:, 0]]
    )
    np.testing.assert_array_equal(
        counts[60:], np.c_[0 * second[:, 0], second[:, 0], 0 * second[:, 0], second[:, 1]]
    )
    np.testing.assert_array_equal(corpus.totals, np.r_[first.sum(axis=1), second.sum(axis=1)])
    assert corpus.dataset.tolist() == ["one"] * 60 + ["two"] * 60
    assert sorted([*corpus.train, *corpus.test]) == list(range(120))
    assert corpus.ids["ENSG1"] in ("B", "D")


def test_most_found_genes_stay_and_held_out_cells_do_not_choose_them(tmp_path):
    corpus = gather([own(tmp_path, "one", "ABCDEF")], min_cells=1)
    found = corpus.counts[corpus.train].getnnz(axis=0)
    fewer = gather([str(tmp_path / "one.py")], min_cells=1, max_genes=3)
    assert set(fewer.genes) == {corpus.genes[i] for i in np.argsort(-found, kind="stable")[:3]}
    assert (
        gather([str(tmp_path / "one.py")], min_cells=int(found.max())).genes[0]
        == corpus.genes[found.argmax()]
    )


@pytest.mark.parametrize(("names", "message"), [([], "needs a dataset"), (["kang", "kang"], "named twice")])
def test_refused(names, message, monkeypatch):
    from types import SimpleNamespace

    from zslib import datasets

    toy = SimpleNamespace(n_obs=50, obs={"batch": pd.Series(["a"] * 50)})
    monkeypatch.setattr(datasets, "load", lambda name: toy)
    with pytest.raises(DataError, match=message):
        gather(names)


def test_other_species_and_rare_genes_are_refused(tmp_path):
    with pytest.raises(DataError, match="Mus musculus"):
        gather([own(tmp_path, "mouse", "AB", organism="Mus musculus")])
    with pytest.raises(DataError, match="lower min_cells"):
        gather([own(tmp_path, "one", "AB")], min_cells=1000)


def test_whole_batches_are_held_out_where_there_are_enough():
    batch = pd.Series(np.repeat([f"donor {i}" for i in range(10)], 10))
    held, how = hold_out(batch, 0.2, np.random.default_rng(0), whole=True)
    assert batch[held].nunique() == 2
    assert held.sum() == 20
    assert how.startswith("whole batches: donor")
    held, how = hold_out(batch, 0.2, np.random.default_rng(0), whole=False)
    assert (held.sum(), how) == (20, "cells at random")
    assert batch[held].nunique() > 2


@pytest.mark.parametrize(("share", "n"), [(0, 10), (1, 10), (0.1, 1)])
def test_nothing_to_hold_out(share, n):
    with pytest.raises(DataError):
        hold_out(pd.Series(["a"] * n), share, np.random.default_rng(0), whole=True)


def test_overlaps_are_told_from_either_side():
    assert "pbmc-studies" in overlapping("kang")
    assert overlapping("pbmc-studies") == {"kang", "pbmc3k"}
    assert overlapping("baron") == {"pancreas-16k"}
    assert overlapping("li") == set()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 9), st.integers(1, 6))
def test_medians_are_those_of_each_column(seed, cells, genes):
    rng = np.random.default_rng(seed)
    counts = rng.poisson(0.8, (cells, genes)).astype(np.float32)
    totals = counts.sum(axis=1) + 1.0
    found = medians(sparse.csr_matrix(counts), totals)
    for gene in range(genes):
        some = counts[:, gene] > 0
        if some.any():
            assert found[gene] == pytest.approx(np.median(counts[some, gene] / totals[some] * 10_000))
        else:
            assert np.isnan(found[gene])
