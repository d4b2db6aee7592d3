"""zslib.embed, zslib.score, zslib.compare: an AnnData and keys in, obsm or a table out."""

import doctest

import numpy as np
import pytest
from sklearn.metrics import silhouette_score
from toy_cells import read

import zslib
from zslib import frozen
from zslib.core.errors import DataError
from zslib.datasets.check import check
from zslib.methods import hvg_pca, scvi, split_half_a, split_half_b
from zslib.plots import results as plots
from zslib.results import keys


@pytest.fixture(scope="module")
def cells():
    adata = read(None)
    zslib.embed(adata, "hvg-pca", batch="donor")
    adata.obsm["X_noise"] = np.random.default_rng(0).standard_normal((adata.n_obs, 10))
    return adata


def test_an_embedding_is_what_the_method_makes_of_the_same_cells_in_their_order(cells, toy):
    rows = toy.obs_names.get_indexer(cells.obs_names)
    expected = hvg_pca.embed(toy, batch_key="batch")[rows]
    assert cells.obsm["X_hvg_pca"].dtype == np.float32
    gram = lambda X: (X - X.mean(axis=0)) @ (X - X.mean(axis=0)).T  # noqa: E731 - components turn with the order of cells
    found, wanted = gram(cells.obsm["X_hvg_pca"][:, :3]), gram(expected[:, :3])
    np.testing.assert_allclose(found, wanted, atol=0.02 * np.abs(wanted).max())


def test_labels_and_x_are_left_as_they_were(cells):
    assert list(cells.obs) == ["type", "donor"]
    assert (cells.X.data == np.rint(cells.X.data)).all()


def test_a_score_is_that_of_scikit_learn(cells):
    table = zslib.score(cells, "X_hvg_pca", label="type", only=["asw_label"], n_boot=20)
    expected = (silhouette_score(cells.obsm["X_hvg_pca"], cells.obs["type"]) + 1) / 2
    assert table["value"].item() == pytest.approx(expected, abs=1e-6)
    assert table["ci_low"].item() < table["value"].item() < table["ci_high"].item()


def spoiled(cells, **layers):
    some = cells[:60].copy()
    some.layers["counts"], some.X = some.X * 0.9, some.X * 0.9
    for name, factor in layers.items():
        some.layers[name] = cells[:60].X * factor
    return some


@pytest.mark.parametrize(
    "call",
    [
        lambda a: zslib.embed(a, "hvg-pca"),
        lambda a: zslib.embed(a, "scvi", max_epochs=1),
        frozen.in_memory,
        scvi.embed,
        split_half_a.embed,
        split_half_b.embed,
        check,
    ],
)
def test_no_call_takes_decimals_for_counts(cells, call):
    where = r"in row 0, cell 'cell0', gene 'GENE\d+' is \d\.\d"
    with pytest.raises(DataError, match=where):
        call(spoiled(cells))
    with pytest.raises(DataError, match=rf"{where}|Raw counts seem to be in layers/umi"):
        call(spoiled(cells, umi=1))


def test_which_counts_are_embedded_is_said_where_a_layer_is_passed_over(cells, caplog):
    some = spoiled(cells)
    some.X = cells[:60].X
    zslib.embed(some, "hvg-pca")
    assert "embed: used: counts are those of X; layers/counts holds numbers that are not whole" in caplog.text
    plain = cells[:60].copy()
    zslib.embed(plain, "hvg-pca")
    np.testing.assert_array_equal(some.obsm["X_hvg_pca"], plain.obsm["X_hvg_pca"])


def test_cells_whose_type_is_not_known_are_left_out(cells):
    some = cells.copy()
    some.obs["type"] = some.obs["type"].where(np.arange(some.n_obs) >= 40, "unknown")
    table = zslib.score(some, "X_hvg_pca", label="type", only=["asw_label"], n_boot=0)
    assert table["n_cells"].item() == some.n_obs - 40


def test_without_raw_counts_what_compares_with_the_data_before_integration_is_left_out(cells):
    logged = cells.copy()
    logged.X = np.log1p(logged.X.toarray()) / 3
    both = [
        set(zslib.score(adata, "X_hvg_pca", label="type", batch="donor", n_boot=0)["metric"])
        for adata in (cells, logged)
    ]
    assert both[0] - both[1] >= {"pcr_comparison"}
    assert "asw_label" in both[1]


def test_what_the_cells_say_before_integration_is_made_once_and_again_for_other_counts(cells, monkeypatch):
    made, pca = [], keys.pca
    monkeypatch.setattr(keys, "pca", lambda logged: made.append(logged.shape) or pca(logged))
    asked = {"label": "type", "batch": "donor", "only": ["neighbor_preservation"], "n_boot": 0}
    some = cells[:200].copy()
    first, again = (zslib.score(some, key, **asked)["value"].item() for key in ("X_hvg_pca", "X_hvg_pca"))
    assert (first, len(made)) == (again, 1)
    some.X.data[:] = some.X.data[::-1].copy()
    assert zslib.score(some, "X_hvg_pca", **asked)["value"].item() != first
    assert len(made) == 2


def test_a_comparison_tells_noise_from_structure_and_nothing_from_itself(cells):
    both = cells.copy()
    both.obsm["X_again"] = both.obsm["X_hvg_pca"] + 0
    keys = ["X_hvg_pca", "X_again", "X_noise"]
    table = zslib.compare(both, keys, label="type", metric="asw_label", n_boot=50).set_index("key")
    assert table["told_apart"].to_dict() == {"X_hvg_pca": False, "X_again": False, "X_noise": True}
    value = table["value"]
    assert table.loc["X_noise", "difference"] == pytest.approx(value["X_noise"] - value["X_hvg_pca"])
    assert table.loc["X_noise", "difference_high"] < 0


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda a: zslib.score(a, "X_nothing", label="type"),
            "no obsm['X_nothing']. There are: X_hvg_pca, X_noise",
        ),
        (lambda a: zslib.score(a, "X_noise", label="kind"), "no obs['kind']. There are: type, donor"),
        (lambda a: zslib.embed(a, "labels"), "told the labels"),
        (lambda a: zslib.embed(a, "hvg", batch="plate"), "no obs['plate']"),
        (lambda a: zslib.compare(a, ["X_noise"], label="type", baseline="X_pca"), "none of the keys"),
    ],
)
def test_what_is_not_there_is_named(cells, call, said):
    with pytest.raises(DataError) as error:
        call(cells)
    assert said in str(error.value)


@pytest.mark.slow
@pytest.mark.parametrize("module", [keys, plots], ids=["keys", "plots"])
def test_the_examples_of_the_page_give_what_they_say(module):
    done = doctest.testmod(module)
    assert done.attempted >= 6
    assert done.failed == 0
