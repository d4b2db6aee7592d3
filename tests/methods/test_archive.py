"""Archived embeddings, from a stand-in for the record at Zenodo that a local server hands out."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from toy_archive import RECORD, npz, rows, serve, study, zipped

from zslib import methods
from zslib.core import zenodo
from zslib.core.errors import DataError, NotApplicable
from zslib.core.fetch import root
from zslib.methods import archive

SCGPT = methods.get("archive-scgpt")


@pytest.fixture
def cells(toy):
    """Cells called as those of the pancreas are."""
    made = toy[:80].copy()
    made.obs_names = [f"D101_{i}" for i in range(80)]
    return made


@pytest.fixture
def record(index, address, monkeypatch, cells, tmp_path):
    """Give the record other files, and forget what came of it before."""
    monkeypatch.setenv(zenodo.HOME, address)
    other = cells[::-1].copy()
    other.obs_names = [f"AAAC{i}-1" for i in range(80)]

    def put(change=lambda files: {"a.zip": zipped(files)}, **said):
        serve(index, address, change(study({"pbmc": other, "pancreas": cells}, tmp_path)), said)

    put()
    return put


def embed(cells):
    return SCGPT.embed(cells)


def test_rows_follow_the_names_of_cells_in_any_order_and_the_license_is_said(record, cells, caplog):
    drawn = cells[np.random.default_rng(0).permutation(80)[:50]]
    found, about = embed(drawn)  # and no level is set, as in a grid
    at = cells.obs_names.get_indexer(drawn.obs_names)
    np.testing.assert_array_equal(found, rows(cells, 0).astype(np.float32)[at])
    assert about["looked_up"]["license"] == "cc-by-4.0"
    assert about["looked_up"]["cells_with_counts_compared"] == 50
    assert "fetching a.zip of 10.5281/zenodo.23187931, license: cc-by-4.0" in caplog.text


@pytest.mark.parametrize(
    "change",
    [
        lambda files: {
            "all.zip": zipped({"x/study.zip": zipped({f"export/{k}": v for k, v in files.items()})})
        },
        lambda files: {"b.zip": zipped(files), "a.zip": zipped({"README.md": b"nothing"})},
        lambda files: {
            f"study-{k.replace('/', '-')}": v for k, v in files.items() if k.endswith(("npz", "h5ad"))
        },
    ],
    ids=["an archive in an archive", "several archives", "files of their own"],
)
def test_the_files_are_found_wherever_the_record_has_them(record, cells, change):
    record(change)
    np.testing.assert_array_equal(embed(cells)[0], rows(cells, 0).astype(np.float32))


@pytest.mark.parametrize(
    "other",
    [
        "runs/pancreas/scgpt-finetuned/embedding.npz",
        "tuned/runs/pancreas/scgpt/embedding.npz",
        "pancreas_scgpt_cp.npz",
        "pancreas/scgpt_trained.csv",
        "pancreas/scgpt.umap.npz",
    ],
)
def test_a_file_that_is_not_of_the_frozen_model_is_never_taken_for_it(record, cells, other):
    made = npz("pancreas", NAMES, np.ones((80, 3)))
    record(
        lambda files: {"large.zip": zipped(files), "a.zip": zipped({other: made})}
    )  # the smaller is asked first
    np.testing.assert_array_equal(embed(cells)[0], rows(cells, 0).astype(np.float32))
    record(lambda files: {"a.zip": zipped(lacking(files, "pancreas/scgpt") | {other: made})})
    for extracted in (root() / "zenodo" / RECORD).glob("*"):
        extracted.unlink()
    with pytest.raises(
        DataError, match=r"should hold runs/pancreas/scgpt/embedding\.npz, .* neither training"
    ):
        embed(cells)


def test_of_several_files_that_could_be_meant_none_is_taken(record, cells):
    made = npz("pancreas", NAMES, np.ones((80, 3)))
    both = {f"pancreas/scgpt/{which}.npz": made for which in ("human", "blood")}
    record(lambda files: {"a.zip": zipped(lacking(files, "pancreas/scgpt") | both)})
    with pytest.raises(
        DataError, match=r"has 2 such files, pancreas/scgpt/human\.npz and pancreas/scgpt/blood\.npz"
    ):
        embed(cells)


def as_other(kind, cells, tmp_path):
    table = pd.DataFrame(rows(cells, 0), index=[f"pancreas:{i}:{n}" for i, n in enumerate(cells.obs_names)])
    table.columns = table.columns.astype(str)
    path = tmp_path / f"embedding.{kind}"
    if kind == "npy":
        np.save(path, table.to_numpy())
    elif kind == "csv":
        table.to_csv(path)
    elif kind == "parquet":
        table.to_parquet(path)
    else:
        adata = ad.AnnData(
            np.ones((80, 2)), obs=pd.DataFrame(index=table.index), obsm={"X_scGPT": table.to_numpy()}
        )
        adata.write_h5ad(path)
    return path.read_bytes()


@pytest.mark.parametrize("kind", ["npy", "csv", "parquet", "h5ad"])
def test_other_kinds_of_files_are_read(record, cells, tmp_path, kind):
    other = as_other(kind, cells, tmp_path)

    def change(files):
        made = lacking(files, "pancreas/scgpt") | {f"embeddings/pancreas_scgpt.{kind}": other}
        return {"a.zip": zipped(made)}

    record(change)
    np.testing.assert_allclose(embed(cells)[0], rows(cells, 0), rtol=1e-6)


def lacking(files, word):
    return {name: data for name, data in files.items() if word not in name}


def without(word):
    return lambda files: {"a.zip": zipped(lacking(files, word))}


def with_embedding(names, n_rows):
    def change(files):
        return {
            "a.zip": zipped(
                files | {"runs/pancreas/scgpt/embedding.npz": npz("pancreas", names, np.ones((n_rows, 3)))}
            )
        }

    return change


NAMES = [f"D101_{i}" for i in range(80)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without("scgpt"), r"should hold runs/pancreas/scgpt/embedding\.npz.*but it holds a\.zip, .*counts\.h5ad.*doi\.org"),
        (without("counts"), r"should hold datasets/pbmc/counts\.h5ad"),
        (lambda files: {"a.zip": b"no archive"}, r"a\.zip cannot be unpacked .*Remove it"),
        (with_embedding(NAMES[:79], 79), r"no row for 1 of 80 cells, first 'D101_79'.*pancreas-16k"),
        (with_embedding(["x" + n for n in NAMES], 80), r"no row for 80 of 80 cells"),
        (with_embedding(NAMES[:79], 80), r"should hold vectors, .* but it holds values of shape \(80, 3\), cell_ids of shape \(79,\)"),
    ],
    ids=["no embedding", "no counts", "broken", "a row less", "other names", "names and rows"],
)  # fmt: skip
def test_what_is_not_as_it_must_be_is_said_in_a_line(record, cells, change, said):
    record(change)
    with pytest.raises(DataError, match=said) as error:
        embed(cells)
    assert "\n" not in str(error.value)


def test_other_counts_under_the_same_names_are_refused(record, cells):
    cells.layers["counts"].data[cells.layers["counts"].indptr[7]] += 1
    with pytest.raises(DataError, match=r"1 of 80 cells have other counts in .*first 'D101_7'"):
        embed(cells)


def test_decimals_of_the_archive_are_rounded_as_the_datasets_are(record, cells, tmp_path):
    def change(files):
        decimals = cells.copy()
        decimals.layers["counts"].data += 0.25
        return {"a.zip": zipped(files | study({"pancreas": decimals}, tmp_path))}

    record(change)
    assert embed(cells)[1]["looked_up"]["cells_with_counts_compared"] == 80


def test_a_barcode_that_is_listed_twice_is_the_first_and_its_counts_are_asked(record, cells, tmp_path):
    twice = cells[[*range(80), 3]].copy()
    twice.obs_names = [*NAMES, "D101_3"]
    record(lambda files: {"a.zip": zipped(files | study({"pancreas": twice}, tmp_path))})
    np.testing.assert_array_equal(embed(cells)[0], rows(twice, 0).astype(np.float32)[:80])


def test_cells_of_neither_dataset_are_not_applicable(record, cells):
    cells.obs_names = [f"other{i}" for i in range(80)]
    with pytest.raises(NotApplicable, match="pbmc-12k or pancreas-16k"):
        embed(cells)
    cells.obs_names = [f"census:2023-12-15:homo_sapiens:{i}" for i in range(80)]
    with pytest.raises(NotApplicable, match="of the CELLxGENE Census"):
        embed(cells)


def test_a_file_that_changed_or_moved_is_named(record, cells, index):
    file = index / "api" / "records" / "files" / "a.zip"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + b"x")
    with pytest.raises(DataError, match=r"files/a\.zip served a wrong file, which was removed: .*md5"):
        embed(cells)
    file.unlink()
    with pytest.raises(DataError, match=r"Could not fetch .*files/a\.zip \(404"):
        embed(cells)
    file.write_bytes(whole)
    embed(cells)
    path = root() / "zenodo" / RECORD / "a.zip"
    for extracted in path.parent.glob("*-*"):
        extracted.unlink()
    path.write_bytes(b"damaged")  # noticed, and fetched again
    embed(cells)


@pytest.mark.parametrize("said", [{"files": []}, {"files": [{"key": "a.zip"}]}, {"metadata": None}])
def test_an_answer_that_describes_no_record_is_named_and_forgotten(record, said):
    record(**said)
    with pytest.raises(
        DataError, match=rf"api/records/{RECORD} should describe a record of Zenodo.*doi\.org"
    ):
        zenodo.record(archive.DOI)
    record()
    assert zenodo.record(archive.DOI).license == "cc-by-4.0"


def test_the_record_is_asked_once(record, cells, index):
    embed(cells)
    (index / "api" / "records" / RECORD).unlink()
    embed(cells)


def test_no_connection_is_named(index, monkeypatch):
    monkeypatch.setenv(zenodo.HOME, "http://127.0.0.1:9")
    with pytest.raises(DataError, match=r"Could not fetch http://127\.0\.0\.1:9/api/records/23187931"):
        zenodo.record(archive.DOI)
