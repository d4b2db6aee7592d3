"""Every awkward file gives the right cells, or a sentence that says what is wrong, and never a number in silence."""

import dataclasses
import re
import warnings

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from awkward_files import FILES, KNOWN, column, market, plain, tenx

from zslib import datasets, frozen, tables
from zslib.core.errors import DataError
from zslib.datasets import features, prepare
from zslib.datasets.findings import Findings
from zslib.datasets.genes import genes_of, pairs
from zslib.datasets.inspect import inspect
from zslib.datasets.reading import open_cells
from zslib.datasets.standardize import standardize
from zslib.frozen import geneformer, scgpt
from zslib.results import keys


@pytest.fixture
def card(make_card):
    return make_card(name="awkward", label="type", min_cells=5)


@pytest.mark.parametrize("name", FILES)
def test_an_awkward_file_gives_the_right_cells_or_says_what_is_wrong(name, tmp_path, card):
    make, suffix, same, n_cells, says, refused = FILES[name]
    path = tmp_path / f"cells{suffix}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        make(path)
    if refused:
        with pytest.raises(DataError, match=refused) as error:
            standardize(path, card)
        assert "\n" not in str(error.value)
        return
    found = standardize(path, card)
    assert re.search(says, found.uns["dataset"]["found"].replace("\n", " | "))
    assert bool(found.uns["dataset"]["found"]) == bool(says)
    assert list(found.obs) == ["label", "batch"]
    assert set(found.var) <= {"symbol", "ensembl_id", "id_from_symbol"}
    if not same:
        assert found.n_obs == n_cells
        return
    expected = standardize(plain(), card)
    assert found.obs_names.tolist() == expected.obs_names.tolist()
    assert found.var_names.tolist() == expected.var_names.tolist()
    assert found.obs["label"].tolist() == expected.obs["label"].tolist()
    assert found.obs["batch"].tolist() == expected.obs["batch"].tolist()
    np.testing.assert_array_equal(found.layers["counts"].toarray(), expected.layers["counts"].toarray())
    assert found.var["ensembl_id"].tolist() == KNOWN.index.tolist()


@pytest.mark.parametrize("file", ["plain", "ids in gene_ids", "symbols in feature_name"])
def test_symbol_and_id_are_filled_alike_wherever_cells_come_in(file, tmp_path, card):
    FILES.get(file, FILES["CELLxGENE"])[0](path := tmp_path / "cells.h5ad")
    ways = [standardize(path, card).var, frozen.in_memory(ad.read_h5ad(path)).var]
    ways += [frozen.in_memory(standardize(path, card)).var, keys._prepared(ad.read_h5ad(path), None).var]
    with frozen.in_file(path) as cells:
        ways.append(cells.var)
    for var in ways:
        assert var["symbol"].tolist() == KNOWN["symbol"].tolist()
        assert var["ensembl_id"].tolist() == KNOWN.index.tolist()
        assert ("id_from_symbol" in var) == (file == "plain")
        assert geneformer.gene_names(var) == (KNOWN["symbol"] if file == "plain" else KNOWN.index).tolist()


def test_an_id_that_another_gene_of_the_file_has_is_given_to_no_symbol(card):
    adata = plain()
    adata.var["gene_ids"] = ["", KNOWN.index[0], *KNOWN.index[2:]]
    var = standardize(adata, card).var
    assert var["ensembl_id"].tolist() == ["", KNOWN.index[0], *KNOWN.index[2:]]
    adata.var["gene_ids"] = ["", *KNOWN.index[1:]]
    var = standardize(adata, card).var
    assert var["ensembl_id"].tolist() == KNOWN.index.tolist()
    assert var["id_from_symbol"].tolist() == [True] + [False] * 39


def test_what_cell_ranger_writes_can_be_embedded(tmp_path):
    tenx(tmp_path / "cells.h5", ["Gene Expression"] * 38 + ["Antibody Capture"] * 2)
    market(tmp_path / "filtered")
    market(tmp_path / "prefixed", prefix="GSM1_")
    for source, n_genes in (
        (tmp_path / "cells.h5", 38),
        (tmp_path / "filtered", 40),
        (tmp_path / "prefixed", 40),
    ):
        with frozen.in_file(source) as cells:
            assert cells.var["symbol"].tolist() == plain().var_names[:n_genes].tolist()
            assert cells.var["ensembl_id"].str.startswith("ENSG").all()
            np.testing.assert_array_equal(cells.read(10, 60).toarray(), plain().X[10:60, :n_genes].toarray())
            assert [one.count for one in cells.found] == ([2] if n_genes == 38 else [])


def test_pieces_of_a_file_are_the_rows_of_the_whole(tmp_path):
    make, suffix, *_ = FILES["names of genes repeated"]
    make(path := tmp_path / f"cells{suffix}")
    with open_cells(path) as cells:
        pieces = [cells.read(start, min(start + 7, 60)).toarray() for start in range(0, 60, 7)]
    np.testing.assert_array_equal(np.vstack(pieces), plain().X.toarray())


def test_a_file_that_is_open_and_one_whose_rows_are_on_the_disk(tmp_path, card):
    expected = standardize(plain(), card).layers["counts"]
    plain().write_h5ad(tmp_path / "cells.h5ad")
    backed = ad.read_h5ad(tmp_path / "cells.h5ad", backed="r")
    assert (standardize(backed, card).layers["counts"] != expected).nnz == 0
    backed.file.close()
    view = plain()[:, ::-1][::-1]
    assert (standardize(view, card).layers["counts"][::-1, ::-1] != expected).nnz == 0


def index_named_as(axis, name, values):
    def change(a):
        table = getattr(a, axis)
        table[name] = values(table)
        table.index.name = name

    return change


SHAPES = {
    "text and numbers": column("mixed", np.array([1, "a"] * 30, dtype=object)),
    "dates": column("date", pd.Timestamp("2020-01-01")),
    "periods": column("day", pd.period_range("2020", periods=60, freq="D")),
    "lists": column("tags", [["x"]] * 60),
    "intervals": column("bin", pd.cut(np.arange(60), 5)),
    "nullable text, each once": column("run", pd.array([f"S{i}" for i in range(60)], dtype="string")),
    "bools and None": column("smoker", np.array([True, None] * 30, dtype=object)),
    "a number for a name": column(0, 1),
    "a beside a/b": lambda a: [column(name, 1)(a) for name in ("a", "a/b")],
    "text and numbers of genes": lambda a: a.var.__setitem__("chrom", np.array([1, "X"] * 20, dtype=object)),
    "_index left by a converter": lambda a: a.var.__setitem__("_index", a.var_names[::-1]),
    "cells named like another column": index_named_as("obs", "barcode", lambda t: "other"),
    "genes named like another column": index_named_as("var", "gene", lambda t: t.index + "x"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_columns_that_nobody_uses_do_not_hinder(shape, card, tmp_path):
    (adata := plain()).obs_names.name = None
    SHAPES[shape](adata)
    expected = prepare.prepare(standardize(plain(), card), min_cells=1)
    made = prepare.prepare(standardize(adata, card), min_cells=1)
    assert (
        prepare.content_hash(prepare.read(prepare.write(made, tmp_path / "p.h5ad")))
        == expected.uns["prepare"]["hash"]
    )
    np.testing.assert_array_equal(frozen.in_memory(adata).read(0, 60).toarray(), plain().X.toarray())
    assert not inspect(adata, "type", "donor").refused


@pytest.mark.parametrize("wrong", [None, np.ones((3, 2)), pd.DataFrame()])
def test_what_is_neither_cells_nor_a_path_is_refused(card, wrong):
    with pytest.raises(DataError, match=f"not as {type(wrong).__name__}"):
        standardize(wrong, card)


def test_a_card_extends_what_says_not_known(card):
    adata = plain()
    adata.obs["type"] = adata.obs["type"].replace("NK", "Bad  Cells")
    assert standardize(adata, card).n_obs == 60
    shorter = standardize(adata, dataclasses.replace(card, not_known=("bad cells",)))
    assert set(shorter.obs["label"]) == {"B cell", "T cell"}
    assert "20 cells whose type is 'Bad Cells', first 'cell40'" in shorter.uns["dataset"]["found"]


def test_different_columns_of_one_name_are_refused_and_the_same_one_twice_is_not(card):
    adata = plain()
    adata.obs = pd.concat([adata.obs, adata.obs[["donor"]]], axis=1)
    assert standardize(adata, card).n_obs == 60
    adata.obs.iloc[:, 2] = "other"
    with pytest.raises(DataError, match="2 different columns called 'donor'"):
        standardize(adata, card)


def test_no_label_runs_into_another_at_a_null_character(card):
    adata = plain()
    adata.obs["type"] = ["B\0" + kind for kind in adata.obs["type"]]
    assert sorted(set(standardize(adata, card).obs["label"])) == ["B B cell", "B NK", "B T cell"]


def test_symbols_and_ids_are_pairs():
    known = pairs()
    assert known.index.is_unique
    assert known.loc["ENSG00000198851", "symbol"] == "CD3E"
    assert len(known) == 32_738


def test_a_gene_whose_name_ends_in_a_number_stays_a_gene(tmp_path, card):
    FILES["genes called like others with a number"][0](path := tmp_path / "cells.h5ad")
    assert standardize(path, card).n_vars == 40 + 14
    every = genes_of(pairs()[["symbol"]].drop_duplicates().set_index("symbol"), Findings()).var
    assert len(every) == pairs()["symbol"].nunique()


def test_a_number_after_a_name_is_no_copy_where_the_id_is_that_of_another_gene(card):
    adata = plain()
    adata.var_names = [KNOWN["symbol"].iloc[0], f"{KNOWN['symbol'].iloc[0]}-1", *adata.var_names[2:]]
    assert standardize(adata, card).n_vars == 39
    adata.var["gene_ids"] = KNOWN.index.to_numpy(object)
    assert standardize(adata, card).n_vars == 40


def test_no_gene_is_called_like_a_tag_or_a_guide():
    symbols = pairs()["symbol"]
    for names in (symbols, pd.Series(list(scgpt.vocabulary()))):
        assert not names.str.fullmatch(features.NO_GENE_NAMES, flags=re.IGNORECASE).any()
    allowed = features.are_genes(pairs().set_index("symbol"), [], findings := Findings())
    assert allowed.all()
    assert not list(findings)


def test_a_file_of_cells_is_no_dataset_by_itself():
    with pytest.raises(
        DataError, match=r"cells.h5ad holds cells; --dataset takes a name.*read\(files\) returns Path"
    ):
        datasets.get("some/cells.h5ad")


def test_the_page_of_a_dataset_says_what_was_found(card, tmp_path):
    FILES["antibodies"][0](path := tmp_path / "cells.h5ad")
    found = prepare.prepare(standardize(path, card))
    prepare.write(found, tmp_path / "prepared.h5ad")
    shown = tables.dataset_card(card, prepare.read(tmp_path / "prepared.h5ad")).data
    assert "5 features that are no genes but Antibody Capture" in shown
    plain().write_h5ad(path)
    assert "Found in the file" not in tables.dataset_card(card, prepare.prepare(standardize(path, card))).data
