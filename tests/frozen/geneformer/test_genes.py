"""Gene names to Ensembl ids, with small and with the real dictionaries."""

import os
import pickle
from pathlib import Path

import pandas as pd
import pytest

from zslib.core.errors import DataError
from zslib.datasets.findings import Findings
from zslib.datasets.genes import genes_of
from zslib.frozen.geneformer import Dictionaries, read_dictionaries, to_ensembl

DATA = Path(os.environ.get("ZSLIB_TEST_DATA", Path(__file__).parents[3].parent / "shared/data"))
CD3E, CD4, ORF = "ENSG00000198851", "ENSG00000010610", "ENSG00000166046"
KNOWN = {"CD3E": CD3E, "CD4": CD4, "T3E": CD3E, "C12ORF4": ORF}


def named(*names) -> pd.DataFrame:
    return pd.DataFrame(index=list(names))


def test_symbols_and_ids_with_and_without_version():
    names = ["CD4", f"{CD3E}.7", CD3E, "ENSG00000999999", f"{CD4}.12_PAR_Y", "RP11-34P13.7"]
    assert to_ensembl(names, KNOWN).tolist() == [CD4, CD3E, CD3E, "", CD4, ""]


def test_capitals_are_for_the_dictionary_that_has_them():
    names = ["CD4", "C12orf4", "T3E"]
    assert to_ensembl(names, KNOWN).tolist() == [CD4, "", CD3E]
    assert to_ensembl(names, KNOWN, upper=True).tolist() == [CD4, ORF, CD3E]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["CD4", "x", "y"], r"Only 1 of 3 genes were found, fewer than 50%. Not found: x, y. Name genes by"),
        (["ENSMUSG00000032093", "ENSMUSG00000023274"], "Only 0 of 2"),
        (["Cd4", "Cd3e", "CD4"], "like those of a mouse, such as Cd4"),
        ([], "Only 0 of 0"),
    ],
)
def test_too_few_genes_or_those_of_a_mouse_are_refused(names, message):
    with pytest.raises(DataError, match=message):
        to_ensembl(names, KNOWN, upper=True)


def test_the_least_share_can_be_lowered():
    assert to_ensembl(["CD4", "x", "y"], KNOWN, minimum=0.2).tolist() == [CD4, "", ""]


def write(folder, *, special=False):
    tokens = {"<pad>": 0, "<mask>": 1} | ({"<cls>": 2, "<eos>": 3} if special else {}) | {CD4: 4}
    content = {
        "token_dictionary": tokens,
        "gene_median_dictionary": {CD4: 2.0},
        "gene_name_id_dict": {"CD4": CD4, "lower": CD3E},
        "ensembl_mapping_dict": {"CD4": CD4, "CD4ALIAS": CD4} if special else {CD4: CD4},
    }
    for stem, dictionary in content.items():
        (folder / f"{stem}_x.pkl").write_bytes(pickle.dumps(dictionary))
    return folder


def test_dictionaries_of_a_folder_or_of_paths(tmp_path):
    one = read_dictionaries(write(tmp_path))
    assert one.version == 1
    assert one.map(named("lower", CD4)).tolist() == [CD3E, CD4]
    assert one.encoder(2048).encode([[0, 3.0]], [CD3E, CD4])[0].tolist() == [4]
    two = read_dictionaries(write(tmp_path, special=True))
    assert two.version == 2
    assert two.map(named("CD4alias", "CD4")).tolist() == [CD4, CD4]
    assert two.encoder(4096).encode([[0, 3.0]], [CD3E, CD4])[0].tolist() == [2, 4, 3]
    stems = {
        "tokens": "token_dictionary",
        "medians": "gene_median_dictionary",
        "names": "gene_name_id_dict",
        "mapping": "ensembl_mapping_dict",
    }
    paths = {role: tmp_path / f"{stem}_x.pkl" for role, stem in stems.items()}
    assert read_dictionaries(paths).names == two.names
    with pytest.raises(DataError, match="dictionaries of names"):
        read_dictionaries({role: path for role, path in paths.items() if role != "names"})


def test_a_folder_must_hold_one_of_each(tmp_path):
    write(tmp_path)
    (tmp_path / "token_dictionary_y.pkl").write_bytes(b"")
    with pytest.raises(DataError, match=r"token_dictionary_x.pkl, token_dictionary_y.pkl"):
        read_dictionaries(tmp_path)
    with pytest.raises(DataError, match="there is none"):
        read_dictionaries(tmp_path / "missing")


def test_symbols_of_older_annotations_are_found_where_the_checkpoint_has_a_token():
    older = "ENSG00000162585"  # C1orf86, since renamed
    names = {"CD3E": CD3E, "GAPDH": "ENSG00000111640", "INS": "ENSG00000254647"}
    known = Dictionaries({"<pad>": 0, "<mask>": 1, CD3E: 2, older: 3}, {CD3E: 1.0, older: 1.0}, names)
    genes = genes_of(named("CD3E", "C1orf86", "INS", "SLC35E2"), Findings()).var
    assert known.map(genes).tolist() == [CD3E, older, "ENSG00000254647", ""]
    renamed = Dictionaries(known.tokens | {"<cls>": 4, "<eos>": 5}, known.medians, names | {"C1ORF86": CD3E})
    assert renamed.map(genes[:2]).tolist() == [CD3E, CD3E]  # its own names come first
    assert renamed.map(genes[:2].drop(columns="id_from_symbol")).tolist() == [
        CD3E,
        older,
    ]  # but for ids of the file


@pytest.mark.parametrize(
    ("folder", "genes"),
    [("geneformer_v1_gc30M", 25_424), ("geneformer_v2_gc104M", 20_271)],
)
def test_the_real_dictionaries(folder, genes):
    if not (DATA / folder).exists():
        pytest.skip(f"no {folder} in ZSLIB_TEST_DATA or ../shared/data")
    found = read_dictionaries(DATA / folder)
    assert sum(gene.startswith("ENSG") for gene in found.tokens) == genes
    ids = found.map(named("CD3E", "GAPDH", f"{CD3E}.14", "INS"))
    assert ids.tolist() == [CD3E, "ENSG00000111640", CD3E, "ENSG00000254647"]
    if found.version == 1:
        assert (found.tokens[CD3E], round(found.medians[CD3E], 2)) == (17276, 7.46)
        assert "ENSG00000251562" not in found.tokens  # MALAT1
    # a cell of two genes, the one with more counts for its median first
    encoded = found.encoder(2048).encode([[1.0, 1.0]], [CD3E, "ENSG00000111640"])
    expected = [int(found.tokens[CD3E]), int(found.tokens["ENSG00000111640"])]
    assert encoded[0].tolist() == (expected if found.version == 1 else [2, *expected, 3])
