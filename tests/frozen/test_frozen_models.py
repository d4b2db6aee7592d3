"""Networks with their tokenizers: the recipes, the shuffling of genes, and what is refused."""

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse
from tiny_models import TINY

from zslib import frozen
from zslib.core.errors import DataError, NotApplicable
from zslib.frozen import geneformer, scgpt
from zslib.frozen.geneformer.genes import medians

DATA = Path(os.environ.get("ZSLIB_TEST_DATA", Path(__file__).parents[2].parent / "shared/data"))


@pytest.mark.parametrize("kind", TINY)
def test_permuted_genes_keep_the_length_and_the_set_of_ids_and_change_the_genes(toy, kind):
    plain, shuffled = TINY[kind](toy), TINY[kind](toy, permute=True, seed=3)
    counts = toy.layers["counts"]
    one, two = (m.tokenize(counts) for m in (plain, shuffled))
    np.testing.assert_array_equal(one.lengths, two.lengths)
    (a, *rest_a), (b, *rest_b) = (t.padded(np.arange(toy.n_obs)) for t in (one, two))
    assert set(np.unique(a)) == set(np.unique(b))
    assert (a[rest_a[-1]] != b[rest_b[-1]]).mean() > 0.9
    if kind == "geneformer":  # values of scGPT depend on the seed too
        pairs = np.unique(np.column_stack([a.ravel(), b.ravel()]), axis=0)
        assert len(pairs) == len(np.unique(a))  # one to one
    assert plain.digest != shuffled.digest
    again = TINY[kind](toy, permute=True, seed=3).tokenize(counts)
    np.testing.assert_array_equal(again.padded(np.arange(9))[0], two.padded(np.arange(9))[0])


def test_permuting_moves_no_special_token(toy):
    ids, _, _ = TINY["scgpt"](toy, permute=True).tokenize(toy.layers["counts"]).padded(np.arange(5))
    assert (ids[:, 0] == toy.n_vars + 1).all()  # <cls>


@pytest.mark.parametrize("change", [{"seed": 1}, {"max_length": 100}, {"recipe": "paper"}], ids=str)
def test_the_digest_tells_recipes_apart(toy, change):
    assert TINY["scgpt"](toy).digest != TINY["scgpt"](toy, **change).digest


def test_the_papers_recipe_reads_1200_genes(toy):
    model = TINY["scgpt"](toy, recipe="paper")
    assert model.report["genes_read"] == 1200
    with pytest.raises(DataError, match="authors, paper"):
        TINY["scgpt"](toy, recipe="none")


def test_genes_of_another_species_make_a_model_not_applicable(toy):
    other = toy.copy()
    other.var["symbol"] = [f"Mouse{i}" for i in range(toy.n_vars)]
    model, cells = TINY["geneformer"](toy), frozen.in_memory(other)
    with pytest.raises(NotApplicable, match="human"):
        scgpt.frozen(TINY["scgpt"](toy).network, {"<cls>": 0, "<pad>": 1, "CD3E": 2}, cells, "w")
    dictionaries = geneformer.own_dictionaries(toy.layers["counts"], toy.var)
    with pytest.raises(NotApplicable, match="orthologs"):
        geneformer.frozen(model.network, dictionaries, cells, "w")


def test_ensembl_ids_are_used_where_they_are_known(toy):
    var = toy.var.head(3).assign(ensembl_id=["ENSG00000000001.4", "", None])
    assert geneformer.gene_names(var) == ["ENSG00000000001", "GENE1", "GENE2"]


def test_medians_are_those_of_the_cells_that_express_a_gene():
    counts = sparse.csr_matrix(np.random.default_rng(0).poisson(0.6, (50, 30)).astype(np.float32))
    counts[:, 7] = 0
    totals = np.full(50, 20.0)
    scaled = counts.toarray() / 20 * 10_000
    expected = [np.median(c[c > 0]) if (c > 0).any() else np.nan for c in scaled.T]
    np.testing.assert_allclose(medians(counts, totals), expected)


def test_the_vocabulary_in_the_authors_package_is_that_of_the_checkpoints():
    path = DATA / "scgpt_whole_human"
    if not path.exists():
        pytest.skip("the published vocabulary is not here")
    from zslib.frozen.scgpt.files import read_vocab

    assert scgpt.vocabulary() == read_vocab(path)


@pytest.mark.parametrize("kind", TINY)
def test_the_engine_gives_what_the_network_gives(toy, kind):
    import torch

    model = TINY[kind](toy)
    *arrays, mask = model.tokenize(toy.layers["counts"]).padded(np.arange(8))
    with torch.inference_mode():
        expected = model.network.pooled(*map(torch.from_numpy, arrays), torch.from_numpy(mask)).numpy()
    found, _ = frozen.embed(model, frozen.in_memory(toy[:8].copy()), device="cpu", precision="float32")
    np.testing.assert_allclose(found, expected, atol=2e-6)


def test_an_untrained_network_is_the_same_for_the_same_seed_only(toy):
    dictionaries = geneformer.own_dictionaries(toy.layers["counts"], toy.var)
    one, same, other = (geneformer.untrained(dictionaries, s).gene.weight.detach().numpy() for s in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 0.01
    assert dataclasses.asdict(geneformer.untrained(dictionaries, 1).config)["hidden_size"] == 256
