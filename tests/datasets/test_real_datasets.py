"""The real files, each loaded once: counts, types, and that labels sit on the right cells.

Fetches about 125 MB into the cache the first time.
"""

import numpy as np
import pandas as pd
import pytest

from zslib import datasets
from zslib.datasets.check import check


@pytest.fixture(scope="module")
def kang():
    return datasets.load("kang")


@pytest.fixture(scope="module")
def baron():
    return datasets.load("baron")


@pytest.fixture(scope="module")
def pbmc():
    return datasets.load("pbmc-studies")


def highest(adata, gene):
    """The label with the largest share of its counts in a gene."""
    counts = adata.layers["counts"]
    share = np.asarray(counts[:, adata.var_names.get_loc(gene)].todense()).ravel() / counts.sum(axis=1).A1
    return mean(share, adata.obs["label"]).idxmax()


def mean(values, groups):
    return pd.Series(values, index=groups.index).groupby(groups, observed=True).mean()


def test_kang(kang):
    check(kang, datasets.card("kang"))
    assert kang.shape == (13_576, 14_053)
    assert kang.uns["dataset"]["n_cells_per_batch"] == {"CTRL": 6359, "STIM": 7217}
    assert kang.uns["dataset"]["dropped"] == {}
    assert kang.obs["label"].nunique() == 10
    assert kang.var.loc["CD3E", ["ensembl_id", "id_from_symbol"]].tolist() == ["ENSG00000198851", True]
    assert highest(kang, "CD14") == "CD14 Mono"
    assert highest(kang, "GNLY") == "NK"
    # interferon answers in the stimulated cells
    isg15 = np.asarray(kang.layers["counts"][:, kang.var_names.get_loc("ISG15")].todense()).ravel()
    by_batch = mean(isg15, kang.obs["batch"])
    assert by_batch["STIM"] > 10 * by_batch["CTRL"]


def test_baron(baron):
    check(baron, datasets.card("baron"))
    assert baron.shape == (1_922, 20_125)
    assert baron.uns["dataset"]["dropped"] == {"mast": 8, "schwann": 5, "t_cell": 2}
    assert baron.obs["batch"].unique().tolist() == ["human1"]
    assert baron.obs["library"].nunique() == 3
    # labels and counts are joined by order alone
    for gene, kind in {
        "INS": "beta",
        "GCG": "alpha",
        "SST": "delta",
        "PPY": "gamma",
        "GHRL": "epsilon",
    }.items():
        assert highest(baron, gene) == kind


def test_li():
    li = datasets.load("li")
    check(li, datasets.card("li"))
    assert li.n_obs == 561
    assert li.uns["dataset"]["n_cells_per_label"] == {
        "A549": 74, "GM12878": 128, "H1": 165, "H1437": 47, "HCT116": 51, "IMR90": 23, "K562": 73,
    }  # fmt: skip
    assert li.uns["dataset"]["n_cells_per_batch"] == {"1": 101, "2": 192, "not stated": 268}
    # labels and counts are joined by order alone, and the names of cells say the line too
    assert all(line in name for name, line in zip(li.obs_names, li.obs["label"], strict=True))
    for gene, kind in {"POU5F1": "H1", "CD79A": "GM12878", "HBG1": "K562", "COL1A2": "IMR90"}.items():
        assert highest(li, gene) == kind


def test_pbmc_studies(pbmc):
    card = datasets.card("pbmc-studies")
    check(pbmc, card)
    assert pbmc.shape == (8_746, 14_030)
    assert pbmc.uns["dataset"]["n_cells_per_batch"] == {"kang-ctrl": 6059, "pbmc3k": 2687}
    assert pbmc.uns["dataset"]["dropped"] == {"kang-ctrl: T activated": 300, "pbmc3k: Megakaryocytes": 13}
    assert "300 activated T cells of Kang and the 13 megakaryocytes" in card.caveats[0]
    assert {"LYZ", "CD14", "CD3D", "MS4A1", "NKG7"} <= set(pbmc.var_names)
    assert pbmc.var.loc["CD79A", "ensembl_id"] == "ENSG00000105369"
    assert pbmc.var["ensembl_id"].is_unique
    for study in pbmc.obs["batch"].cat.categories:
        part = pbmc[pbmc.obs["batch"] == study]
        assert part.obs["label"].nunique() == pbmc.obs["label"].nunique()  # each type is in each study
        markers = {
            "CD8A": "CD8 T",
            "CD14": "CD14 Monocyte",
            "FCGR3A": "CD16 Monocyte",
            "MS4A1": "B",
            "NKG7": "NK",
        }
        assert {gene: highest(part, gene) for gene in markers} == markers


def test_pbmc_studies_holds_the_same_cells_as_kang(pbmc, kang):
    part = pbmc[pbmc.obs["batch"] == "kang-ctrl"]
    names = part.obs_names.str.removeprefix("kang-ctrl:")
    same = kang[names, part.var_names].layers["counts"]
    assert (part.layers["counts"] != same).nnz == 0
    assert (
        part.obs["original_label"].astype(str).to_numpy() == kang.obs.loc[names, "label"].to_numpy()
    ).all()


def test_pbmc3k_on_all_its_genes(pbmc):
    whole = datasets.load("pbmc3k")
    check(whole, datasets.card("pbmc3k"))
    assert whole.n_vars == 32_738
    assert whole.var.loc["CD3E", "ensembl_id"] == "ENSG00000198851"
    part = pbmc[pbmc.obs["batch"] == "pbmc3k"]
    cells = part.obs_names.str.removeprefix("pbmc3k:")
    assert set(whole.obs.loc[~whole.obs_names.isin(cells), "label"]) == {"Megakaryocytes"}
    assert (whole[cells, pbmc.var_names].layers["counts"] != part.layers["counts"]).nnz == 0
    assert datasets.card("pbmc3k").overlaps == ("pbmc-studies",)


def test_hao(pbmc):
    """A part of what small models were pre-trained on, in no dataset of the grid."""
    hao = datasets.load("hao")
    check(hao, datasets.card("hao"))
    assert hao.shape == (1_336, 11_180)
    assert hao.obs["batch"].nunique() == 13
    assert not any(gene in hao.var_names for gene in ("LYZ", "CD14", "CD3D", "MS4A1", "NKG7"))
    assert not set(hao.obs_names) & set(pbmc.obs_names.str.partition(":").get_level_values(2))
