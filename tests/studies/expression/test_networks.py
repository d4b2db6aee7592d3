"""Which methods of a grid are networks that can be asked."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

from zslib.core.errors import NotApplicable
from zslib.frozen.geneformer import read_dictionaries
from zslib.frozen.ledger import mark
from zslib.frozen.pretrain import checkpoints
from zslib.studies.expression import cards, networks, protocol, results, sentences, tables


def test_networks_are_told_from_other_methods_and_files_of_ones_own():
    listed = ["hvg", "scvi", "scgpt-random", "cell-sentence", "geneformer-mini-kang", "scgpt-human", "random"]
    controls = ["geneformer-mini-kang-permuted", "scgpt-permuted", "geneformer-permuted"]
    specs = {name: name for name in listed + controls} | {"mine": "/somewhere/mine.py"}
    assert networks.names(specs) == ["scgpt-random", "geneformer-mini-kang", "scgpt-human"]


def test_without_networks_nothing_applies():
    with pytest.raises(NotApplicable, match="No network"):
        networks.load([], AnnData())


def cells_of(names, n=40):
    """Cells of two batches whose genes have these symbols."""
    rng = np.random.default_rng(0)
    counts = rng.poisson(rng.gamma(0.6, 2.0, len(names)), (n, len(names))).astype(np.float32)
    adata = AnnData(sparse.csr_matrix(counts), var=pd.DataFrame({"symbol": names}, index=names))
    adata.layers["counts"] = adata.X
    return adata


def test_small_models_are_read_and_asked_on_either_scale():
    listed = ["geneformer-mini-kang", "scgpt-mini-pbmc-baron"]
    known = read_dictionaries(checkpoints.folder(listed[0])).tokens
    vocab = networks._load(listed[1], cells_of(["CD3D", "MS4A1"]), 0).vocab
    adata = cells_of([gene for gene in known if gene in vocab][:150])
    loaded, refused = networks.load(listed, adata)
    assert [network.name for network in loaded] == listed
    assert not refused
    asked = cards.Settings(
        n_train=20, n_cells=8, n_genes=60, window=20, fractions=(0.25,), draws=1, n_boot=20, epochs=2
    )
    found = protocol.evaluate(adata.layers["counts"], np.repeat(["a", "b"], 20), loaded, asked)
    scores = found.scores.assign(dataset="kang")
    for name, scale in zip(listed, ("ranks", "bins"), strict=True):
        rows = scores[(scores["network"] == name) & (scores["score"] == "r2")]
        assert set(rows["scale"]) == {scale}
        assert np.isfinite(rows["value"]).all()
        assert {"scVI", "ridge"} <= set(scores[scores["scale"] == scale]["predictor"])
    found = results.PredictionScores(published=found.published, scores=scores, curves=found.curves)
    said = tables.answers([found]).data
    assert "Geneformer mini (kang) (seen)" in said
    assert ">scGPT mini (pbmc-baron)<" in said


def test_small_models_read_symbols_where_there_are_ensembl_ids_too():
    known = [g for g in read_dictionaries(checkpoints.folder("geneformer-mini-kang")).tokens if g[0] != "<"]
    adata = cells_of(known[:40])
    adata.var["ensembl_id"] = [f"ENSG{i:011d}" for i in range(40)]
    (network,), refused = networks.load(["geneformer-mini-kang"], adata)
    assert not refused
    assert network.genes == known[:40]


def test_small_models_that_do_not_know_the_genes_are_refused():
    adata = cells_of([f"gene{i}" for i in range(30)])
    with pytest.raises(NotApplicable, match="geneformer-mini-kang: "):
        networks.load(["geneformer-mini-kang", "scgpt-mini-pbmc-baron"], adata)


def test_who_was_refused_is_said_with_the_reason():
    assert (
        "- **scGPT mini (kang)** was not asked. No gene is known."
        in sentences.refusals({"scgpt-mini-kang": "No gene is known."}).data
    )
    assert "could be asked" in sentences.refusals({}).data


def test_what_was_seen_is_marked():
    assert mark("geneformer-mini-kang", "kang") == " (seen)"
    assert mark("geneformer-mini-kang", "pbmc-studies") == " (partly seen)"
    assert mark("geneformer-mini-kang", "baron") == mark("geneformer-random", "baron") == ""
