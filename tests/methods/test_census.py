"""Slices of the Census and its hosted embeddings, on a small copy in the true layout."""

import json
import sys

import numpy as np
import pytest
import toy_census
from anndata import read_h5ad
from typer.testing import CliRunner

from zslib import datasets, methods
from zslib.cli import app
from zslib.core.errors import DataError, NotApplicable
from zslib.datasets import census, prepare
from zslib.methods.census_arrays import CHECKED

pytest.importorskip("cellxgene_census")


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A copy of two releases, of which the second has embeddings that lack cells, and the cells of both."""
    folder = tmp_path_factory.mktemp("census")
    made = toy_census.write(folder)
    toy_census.write(folder / "later", release="2024-07-01", lacks=100)
    return folder, made


@pytest.fixture(autouse=True)
def use(copied, monkeypatch, tmp_path):
    monkeypatch.setenv(census.HOME, str(copied[0]))
    monkeypatch.setenv("ZSLIB_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def cells(copied, tmp_path):
    """Prepared cells of the dataset of the grid."""
    return prepare.prepare(datasets.load("census-immune"), n_cells=120)


def draw(tmp_path, **asked):
    path = tmp_path / "slice.h5ad"
    census.draw(census.address(**asked).url, path)
    return read_h5ad(path)


# Slices


def test_a_slice_has_the_counts_ids_and_words_of_the_census(copied, tmp_path):
    made = copied[1]
    found = draw(tmp_path, tissue="lung", cells=50)
    ids = found.obs["soma_joinid"].to_numpy()
    assert len(set(ids)) == 50
    assert found.obs_names.tolist() == [f"census:2023-12-15:homo_sapiens:{i}" for i in ids]
    there = made[ids, found.var_names.map(dict(zip(made.var["feature_id"], made.var_names, strict=True)))]
    np.testing.assert_array_equal(found.X.toarray(), there.X.toarray())
    assert found.var["symbol"].tolist() == there.var["feature_name"].tolist()
    for column in ("cell_type", "donor_id", "dataset_id"):
        assert found.obs[column].tolist() == there.obs[column].tolist()
    assert set(there.obs["tissue_general"]) == {"lung"}
    assert there.obs["is_primary_data"].all()  # a cell that another dataset has too comes once
    assert set(found.obs["organism"]) == {"Homo sapiens"}


def test_a_dataset_is_drawn_with_all_its_cells_and_its_donors_are_batches(copied, tmp_path):
    made = copied[1]
    url = census.address(dataset_id=toy_census.DATASETS[1], cells=1000).url
    assert census.draw(url, tmp_path / "all.h5ad") == ("cell_type", "donor_id")
    found = read_h5ad(tmp_path / "all.h5ad")
    assert (
        found.obs["soma_joinid"].tolist()
        == np.flatnonzero(made.obs["dataset_id"] == toy_census.DATASETS[1]).tolist()
    )
    assert not made.obs["is_primary_data"].to_numpy()[found.obs["soma_joinid"]].all()


def test_a_draw_follows_its_seed(tmp_path):
    one, again, other = (
        draw(tmp_path, tissue="lung", cells=50, seed=seed).obs_names.tolist() for seed in (0, 0, 1)
    )
    assert one == again != other


def test_the_dataset_of_the_grid_is_fetched_once_and_held_to_what_came(cells, monkeypatch):
    assert set(cells.obs["batch"]) == {"D0", "D1"}  # the donors of that dataset
    monkeypatch.setenv(census.HOME, "/nowhere")
    again = prepare.prepare(datasets.load("census-immune"), n_cells=120)
    assert again.uns["prepare"]["hash"] == cells.uns["prepare"]["hash"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            {"tissue": "lungs"},
            r"no cell of homo_sapiens with tissue 'lungs'\. Tissues there are: lung, blood",
        ),
        ({"dataset_id": "x"}, r"no cell of homo_sapiens with dataset_id 'x'\. Look its id up"),
        ({"tissue": "lung", "dataset_id": "x"}, "one of both"),
        ({}, "one of both"),
        ({"tissue": "lung", "release": "stable"}, r"called by its date, such as 2023-12-15"),
        (
            {"tissue": "lung", "release": "2020-01-01"},
            r"Could not read the Census of 2020-01-01 .*Check the connection",
        ),
        ({"tissue": "lung", "organism": "mus_musculus"}, r"Could not read the Census .*mus_musculus"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_a_line(tmp_path, asked, said):
    with pytest.raises(DataError, match=said) as error:
        draw(tmp_path, **{"cells": 50} | asked)
    assert "\n" not in str(error.value)


def test_a_release_that_is_another_than_its_address_says_is_refused(copied, tmp_path):
    place = copied[0] / "cell-census" / "2025-01-30"
    if not place.exists():
        place.symlink_to(copied[0] / "cell-census" / "2023-12-15")
    with pytest.raises(
        DataError, match=r"is of 2023-12-15 and not of 2025-01-30: ids of cells hold in one release alone"
    ):
        draw(tmp_path, tissue="lung", cells=50, release="2025-01-30")


def test_the_verb_leaves_a_file_that_is_a_dataset_and_says_what_next(tmp_path):
    out = tmp_path / "lung.h5ad"
    said = CliRunner().invoke(app, ["data", "census", "--tissue", "lung", "--cells", "80", "--out", str(out)])
    assert said.exit_code == 0, said.output
    assert "license: CC BY 4.0" in said.output
    assert f"zslib report {out} --label cell_type --batch dataset_id -m census-scgpt" in said.output
    loaded = datasets.load(str(out.with_suffix(".yaml")))
    assert loaded.n_obs == 80
    assert loaded.obs["batch"].nunique() == 2
    refused = CliRunner().invoke(app, ["data", "census", "--tissue", "lungs", "--out", str(out)])
    assert refused.exit_code == 2
    assert "error: The Census of 2023-12-15 has no cell" in refused.output


# Embeddings


@pytest.mark.parametrize("name", toy_census.HOSTED)
def test_rows_are_those_of_the_ids_in_the_order_of_the_cells(copied, cells, name):
    shuffled = cells[np.random.default_rng(1).permutation(cells.n_obs)]
    rows, about = methods.get(f"census-{name}").embed(shuffled)
    ids = [int(cell.rpartition(":")[2]) for cell in shuffled.obs_names]
    np.testing.assert_array_equal(rows, toy_census.vectors(name, copied[1])[ids])
    assert about["looked_up"]["id"] == toy_census.HOSTED[name]
    assert about["looked_up"]["release"] == "2023-12-15"
    assert about["looked_up"]["cells_with_counts_compared"] == CHECKED


def test_cells_that_are_not_of_the_census_are_not_applicable(toy):
    with pytest.raises(NotApplicable, match="not of the CELLxGENE Census"):
        methods.get("census-scgpt").embed(toy)


def renamed(cells, change):
    found = cells.copy()
    found.obs_names = [change(i, name) for i, name in enumerate(cells.obs_names)]
    return found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda i, name: name if i else "mine", r"The cell 'mine' is not of the Census, and others are"),
        (lambda i, name: name if i else name.replace("2023", "2022"), r"several releases .*2022-12-15.* and 2023-12-15"),
        (lambda i, name: name if i else "census:2023-12-15:homo_sapiens:9430", r"no row for 1 of \d+ cells, first soma_joinid 9430"),
        (lambda i, name: name.replace("2023-12-15", "2024-07-01"), r"No embedding scgpt .* of 2024-07-01; releases .*: 2023-12-15"),
        (lambda i, name: name.replace("homo_sapiens", "mus_musculus"), r"No embedding scgpt of mus_musculus .*: none"),
    ],
    ids=["no id", "two releases", "an id that is not there", "another release", "another organism"],
)  # fmt: skip
def test_names_that_do_not_match_are_said_in_a_line(cells, change, said):
    with pytest.raises(DataError, match=said) as error:
        methods.get("census-scgpt").embed(renamed(cells, change))
    assert "\n" not in str(error.value)


def test_names_on_other_cells_are_told_by_their_counts(cells):
    swapped = renamed(cells, lambda i, name: cells.obs_names[i - 1])
    with pytest.raises(DataError, match=r"20 of 20 cells do not have the counts.*Draw the slice anew"):
        methods.get("census-scgpt").embed(swapped)
    at = np.random.default_rng(0).permutation(cells.n_obs)[0]
    cells.layers["counts"].data[cells.layers["counts"].indptr[at]] += 1
    with pytest.raises(DataError, match=r"1 of 20 cells do not have the counts"):
        methods.get("census-scgpt").embed(cells)


def test_an_array_of_another_release_is_refused_whatever_the_list_says(copied, cells, tmp_path, monkeypatch):
    folder = tmp_path / "copy"
    (folder / "contrib" / "cell-census" / "soma").mkdir(parents=True)
    (folder / "cell-census").symlink_to(copied[0] / "cell-census")
    listed = json.loads((copied[0] / "contrib/cell-census/contributions.json").read_text())
    (folder / "contrib/cell-census/contributions.json").write_text(json.dumps(listed))
    other = copied[0] / "later" / "contrib/cell-census/soma/2024-07-01"
    (folder / "contrib/cell-census/soma/2023-12-15").symlink_to(other)
    monkeypatch.setenv(census.HOME, str(folder))
    with pytest.raises(
        DataError, match=r"an embedding of the Census of 2024-07-01.*zslib data census --release 2024-07-01"
    ):
        methods.get("census-scgpt").embed(cells)


def test_an_array_of_another_model_is_refused_whatever_the_list_says(copied, cells, tmp_path, monkeypatch):
    folder = tmp_path / "copy"
    contrib = folder / "contrib" / "cell-census"
    contrib.mkdir(parents=True)
    (folder / "cell-census").symlink_to(copied[0] / "cell-census")
    (contrib / "contributions.json").symlink_to(copied[0] / "contrib/cell-census/contributions.json")
    arrays = contrib / "soma" / toy_census.RELEASE
    arrays.mkdir(parents=True)
    tuned = copied[0] / "contrib/cell-census/soma" / toy_census.RELEASE / toy_census.HOSTED["geneformer"]
    (arrays / toy_census.HOSTED["scgpt"]).symlink_to(tuned)  # fine-tuned, under the name of a zero-shot one
    monkeypatch.setenv(census.HOME, str(folder))
    with pytest.raises(
        DataError, match=r"says that it is CxG-czi-1 \(geneformer, .*\), and not CxG-contrib-1 \(scgpt"
    ):
        methods.get("census-scgpt").embed(cells)


def test_an_array_that_lacks_cells_moved_or_broke_is_named(copied, cells, monkeypatch, tmp_path):
    later = renamed(cells, lambda i, name: name.replace("2023-12-15", "2024-07-01"))
    monkeypatch.setenv(census.HOME, str(copied[0] / "later"))
    with pytest.raises(DataError, match=r"no row for \d+ of \d+ cells, first soma_joinid 3\d\d"):
        methods.get("census-scgpt").embed(later)
    folder = tmp_path / "copy"
    contrib = folder / "contrib" / "cell-census"
    contrib.mkdir(parents=True)
    monkeypatch.setenv(census.HOME, str(folder))
    with pytest.raises(
        DataError, match=r"Could not read the list of hosted embeddings at .*contributions\.json"
    ):
        methods.get("census-scgpt").embed(cells)
    (contrib / "contributions.json").write_text(
        (copied[0] / "contrib/cell-census/contributions.json").read_text()
    )
    with pytest.raises(
        DataError, match=r"Could not read the embedding scgpt at .*CxG-contrib-1 .*Check the connection"
    ):
        methods.get("census-scgpt").embed(cells)


def test_where_the_package_is_missing_its_install_is_said(cells, monkeypatch):
    monkeypatch.setitem(sys.modules, "cellxgene_census", None)
    with pytest.raises(DataError, match=r"pip install -c constraints\.txt -e '\.\[census\]'"):
        methods.get("census-scgpt").embed(cells)
