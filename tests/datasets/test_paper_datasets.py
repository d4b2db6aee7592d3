"""The datasets of Kedzierska et al. 2025, from small files in their true layout that a local server hands out."""

import dataclasses
import importlib
import logging
import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from toy_paper import cell_ranger, h5ad, scvi_labels, stand_ins, zipped

from zslib import datasets
from zslib.core.errors import DataError
from zslib.core.fetch import root
from zslib.datasets import cache

N, GENES = 40, [f"ENSG{i:011d}" for i in range(30)]
SYMBOLS = [f"SYM{i}" for i in range(30)]
rng = np.random.default_rng(0)
COUNTS = sparse.csr_matrix(rng.poisson(2.0, (N, 30)).astype(np.float32))
KINDS = np.repeat(["alpha", "beta"], N // 2)
BATCHES = np.tile(["one", "two"], N // 2)


@pytest.fixture
def served(index, address, monkeypatch):
    """Give a dataset's files to the server; the card then asks there."""

    def serve(name, files):
        module = importlib.import_module(f"zslib.datasets.{name.replace('-', '_')}")
        for file, data in files.items():
            (index / file).write_bytes(data)
        moved = tuple(dataclasses.replace(url, url=f"{address}/{url.name}") for url in module.CARD.files)
        monkeypatch.setattr(module, "CARD", dataclasses.replace(module.CARD, files=moved))
        return module.CARD

    return serve


def test_the_pancreas_is_read_from_its_layer_and_rounded(served, caplog):
    decimals = COUNTS.copy()
    decimals.data += np.where(np.arange(decimals.nnz) % 3, 0.25, -0.25).astype(np.float32)
    file = "human_pancreas_norm_complexBatch.h5ad"
    served("pancreas-16k", {file: h5ad("counts", decimals, SYMBOLS, celltype=KINDS, tech=BATCHES)})
    with caplog.at_level(logging.WARNING):
        adata = datasets.load("pancreas-16k")
    np.testing.assert_array_equal(adata.layers["counts"].toarray(), COUNTS.toarray())
    assert adata.obs["label"].tolist() == KINDS.tolist()
    assert adata.obs["batch"].tolist() == BATCHES.tolist()
    assert "no hash of" in caplog.text


def test_a_file_without_a_published_hash_is_trusted_once_and_then_held_to_it(served, index, caplog):
    file = "human_pancreas_norm_complexBatch.h5ad"
    card = served("pancreas-16k", {file: h5ad("counts", COUNTS, SYMBOLS, celltype=KINDS, tech=BATCHES)})
    (url,) = card.files
    assert [s.state for s in cache.verify([url])] == ["missing"]
    path = cache.path_of(url)
    datasets.load("pancreas-16k")
    assert "fetching pancreas-16k, license: as stated at figshare 12420968" in caplog.text
    assert [s.state for s in cache.verify([url])] == ["ok"]
    caplog.clear()
    assert datasets.load("pancreas-16k").uns["dataset"]["sha256"] == {path.name: cache.known(url)}
    assert "no hash of" not in caplog.text  # said once
    assert "license" not in caplog.text

    path.unlink()
    (index / file).unlink()
    with pytest.raises(DataError, match=r"Could not fetch .*404") as error:
        cache.fetch(url)
    assert "trusted" not in str(error.value)  # nothing came that could be another

    # Another file at the address is refused, and the way out is named.
    (index / file).write_bytes(b"moved")
    with pytest.raises(DataError, match=r"served a wrong file.*trusted\.json"):
        cache.fetch(url)
    assert not path.exists()
    (root() / "trusted.json").unlink()
    assert cache.fetch(url).read_bytes() == b"moved"
    with pytest.raises(DataError, match=r"human_pancreas_norm_complexBatch"):
        datasets.load("pancreas-16k")


def test_a_layer_that_is_not_where_it_was_is_named(served):
    file = "CountAdded_PIP_global_object_for_cellxgene.h5ad"
    served(
        "immune-330k", {file: h5ad("raw", COUNTS, SYMBOLS, Manually_curated_celltype=KINDS, Donor=BATCHES)}
    )
    with pytest.raises(
        DataError, match=r"should have raw counts in layers/counts, but it holds .*layers/raw"
    ):
        datasets.load("immune-330k")


def test_the_immune_cells(served):
    file = "CountAdded_PIP_global_object_for_cellxgene.h5ad"
    served(
        "immune-330k", {file: h5ad("counts", COUNTS, SYMBOLS, Manually_curated_celltype=KINDS, Donor=BATCHES)}
    )
    adata = datasets.load("immune-330k")
    np.testing.assert_array_equal(adata.layers["counts"].toarray(), COUNTS.toarray())
    assert adata.obs["batch"].tolist() == BATCHES.tolist()


def test_tabula_sapiens_comes_out_of_its_archive(served):
    cells = h5ad("raw_counts", COUNTS, SYMBOLS, cell_ontology_class=KINDS, donor=BATCHES)
    file = "TabulaSapiens.h5ad.zip"
    served("tabula-sapiens", {file: zipped(TabulaSapiens=cells)})
    adata = datasets.load("tabula-sapiens")
    np.testing.assert_array_equal(adata.layers["counts"].toarray(), COUNTS.toarray())
    assert adata.obs["label"].tolist() == KINDS.tolist()
    assert not [p for p in root().iterdir() if p.is_dir()]  # what was unpacked is gone
    for path in root().iterdir():
        path.unlink()
    served("tabula-sapiens", {file: zipped(a=cells, b=cells)})
    with pytest.raises(DataError, match=r"should hold one \.h5ad, but it holds a\.h5ad, b\.h5ad"):
        datasets.load("tabula-sapiens")


def test_the_sorted_populations_are_their_own_labels(served):
    from zslib.datasets.pbmc_95k import SORTS

    barcodes = [f"CELL{i}-1" for i in range(12)]
    served(
        "pbmc-95k",
        {
            f"{name}_filtered_gene_bc_matrices.tar.gz": cell_ranger(
                "filtered_matrices_mex/hg19", COUNTS[i : i + 12], barcodes, GENES, SYMBOLS
            )
            for i, name in enumerate(SORTS)
        },
    )
    adata = datasets.load("pbmc-95k")
    assert adata.n_obs == 120
    assert adata.obs["label"].value_counts().to_dict() == dict.fromkeys(SORTS.values(), 12)
    assert adata.obs["batch"].nunique() == 1
    third = adata[adata.obs["label"] == SORTS["cd34"]]
    np.testing.assert_array_equal(third.layers["counts"].toarray(), COUNTS[2:14].toarray())
    assert adata.var["symbol"].tolist() == SYMBOLS
    assert adata.var["ensembl_id"].tolist() == GENES


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_two_libraries_take_the_labels_of_scvi_tools(served, protocol):
    first, second = [f"A{i}-1" for i in range(20)], ["A0-1", *(f"B{i}-1" for i in range(19))]
    labeled = [*second, *first[1:], "gone-11"]
    files = {
        "pbmc8k_filtered_gene_bc_matrices.tar.gz": cell_ranger(
            "filtered_gene_bc_matrices/GRCh38", COUNTS[:20], first, GENES, SYMBOLS
        ),
        "pbmc4k_filtered_gene_bc_matrices.tar.gz": cell_ranger(
            "filtered_gene_bc_matrices/GRCh38", COUNTS[20:], second, GENES, SYMBOLS
        ),
        "gene_info.csv": ("ENSG,x\n" + "".join(f"{g},1\n" for g in [*GENES[5:0:-1], "ENSG9"])).encode(),
        "pbmc_metadata.pickle": scvi_labels(
            labeled, np.arange(len(labeled)) % 2, ["B cells", "Other"], protocol
        ),
    }
    served("pbmc-12k", files)
    adata = datasets.load("pbmc-12k")
    kinds = dict(zip(labeled, np.arange(len(labeled)) % 2, strict=True))
    kept = [name for name in [*first[1:], *second] if kinds[name] == 0]  # Other is no type
    assert adata.obs_names.tolist() == kept
    assert set(adata.obs["label"]) == {"B cells"}
    assert adata.obs.loc["A0-1", "batch"] == "pbmc4k"
    assert adata.var["ensembl_id"].tolist() == GENES[5:0:-1]
    np.testing.assert_array_equal(
        adata["A0-1"].layers["counts"].toarray()[0], COUNTS[20, 5:0:-1].toarray()[0]
    )


class Harm:
    def __reduce__(self):
        import os

        return os.system, ("touch harmed",)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (pickle.dumps(Harm()), r"asks to load (posix|nt|os)\.system, which no table needs"),
        (pickle.dumps({"barcodes": pd.DataFrame(index=["a"])}), r"clusters \(a number a cell\)"),
        (b"not a pickle", r"should be a pickled dictionary"),
    ],
)
def test_a_pickle_is_taken_for_tables_alone(tmp_path, monkeypatch, data, said):
    from zslib.datasets.pbmc_12k import read_labels

    monkeypatch.chdir(tmp_path)
    path = tmp_path / "pbmc_metadata.pickle"
    path.write_bytes(data)
    with pytest.raises(DataError, match=said):
        read_labels(path)
    assert not (tmp_path / "harmed").exists()


def test_the_stand_ins_of_the_papers_profile_are_read_as_the_real_files_are(served):
    for name, files in stand_ins(120).items():
        served(name, files)
        adata = datasets.load(name)
        assert adata.n_obs == 120, name
        assert adata.obs["label"].nunique() == (10 if name == "pbmc-95k" else 3)
        assert adata.obs["batch"].nunique() == (1 if name == "pbmc-95k" else 2)
