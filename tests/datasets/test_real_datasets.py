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
    check(pbmc, datasets.card("pbmc-studies"))
    assert pbmc.shape == (10_095, 4_047)
    assert pbmc.uns["dataset"]["n_cells_per_batch"] == {"hao": 1336, "kang-ctrl": 6059, "pbmc3k": 2700}
    assert pbmc.uns["dataset"]["dropped"] == {"kang-ctrl: T activated": 300}
    assert pbmc.var.loc["CD79A", "ensembl_id"] == "ENSG00000105369"
    assert pbmc.var["ensembl_id"].is_unique
    for study in pbmc.obs["batch"].cat.categories:
        part = pbmc[pbmc.obs["batch"] == study]
        assert highest(part, "CD8A") == "CD8 T"
        assert highest(part, "FCGR3A") in ("NK", "Monocyte")


def test_pbmc_studies_says_which_markers_are_missing(pbmc):
    caveat = datasets.card("pbmc-studies").caveats[0]
    for gene in ("LYZ", "CD14", "CD3D", "MS4A1", "NKG7"):
        assert gene in caveat
        assert gene not in pbmc.var_names


def test_pbmc_studies_holds_the_same_cells_as_kang(pbmc, kang):
    part = pbmc[pbmc.obs["batch"] == "kang-ctrl"]
    names = part.obs_names.str.removeprefix("kang-ctrl:")
    same = kang[names, part.var_names].layers["counts"]
    assert (part.layers["counts"] != same).nnz == 0
    assert (
        part.obs["original_label"].astype(str).to_numpy() == kang.obs.loc[names, "label"].to_numpy()
    ).all()


def test_studies_on_all_their_genes(pbmc):
    """pbmc3k and hao are the cells of pbmc-studies, with the genes that the others lack."""
    for name, n_genes in (("pbmc3k", 32_738), ("hao", 11_180)):
        whole = datasets.load(name)
        check(whole, datasets.card(name))
        assert whole.n_vars == n_genes
        part = pbmc[pbmc.obs["batch"] == name]
        cells = part.obs_names.str.removeprefix(f"{name}:")
        assert set(cells) == set(whole.obs_names)
        same = whole[cells, pbmc.var_names].layers["counts"]
        assert (same != part.layers["counts"]).nnz == 0
        assert datasets.card(name).overlaps == ("pbmc-studies",)
    assert whole.obs["batch"].nunique() == 13
    assert datasets.load("pbmc3k").var.loc["CD3E", "ensembl_id"] == "ENSG00000198851"
