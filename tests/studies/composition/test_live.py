"""The two models that are pre-trained here: nested subsets, as many passes at every size."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from zslib.core.errors import DataError
from zslib.studies.composition import differences, live, published
from zslib.studies.composition.cards import Settings

SETTINGS = Settings(sizes=(20, 60), epochs=1, seeds=(0, 1), n_genes=40)


def cells(n, seed):
    rng, label = np.random.default_rng(seed), np.arange(n) % 3
    rate = np.full((n, 60), 0.5)
    for code in range(3):
        rate[np.ix_(label == code, np.arange(15 * code, 15 * code + 15))] = 5
    counts = sparse.csr_matrix(rng.poisson(rate).astype(np.float32))
    obs = pd.DataFrame({"label": label.astype(str)}, index=[f"c{i}" for i in range(n)])
    return ad.AnnData(sparse.csr_matrix(np.log1p(counts)), obs=obs, layers={"counts": counts})


@pytest.fixture
def made(monkeypatch):
    corpus, held_out = cells(80, 0), {"one": cells(60, 1), "two": cells(60, 2)}
    monkeypatch.setattr(live, "cells", lambda settings: (corpus, held_out))
    return corpus, held_out


def test_a_smaller_subset_is_part_of_a_larger_one_and_follows_from_the_seed():
    corpus = cells(80, 0)
    small, large, other = (
        set(live.subset(corpus, n, seed).obs_names) for n, seed in ((20, 0), (60, 0), (20, 1))
    )
    assert len(small) == 20
    assert small < large
    assert small != other


def test_pca_of_the_corpus_is_applied_to_other_cells(made):
    corpus, held_out = made
    (found,) = live.pca(corpus, [held_out["one"]], 0)
    X, Y = corpus.X.toarray(), held_out["one"].X.toarray()
    axes = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)[2][:50]
    np.testing.assert_allclose(np.abs(found), np.abs((Y - X.mean(axis=0)) @ axes.T), atol=1e-3)
    one, again, other = (live.pca(None, [held_out["one"]], seed)[0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, again)
    assert np.abs(one - other).max() > 0.1


def test_scvi_passes_over_every_subset_as_often(monkeypatch):
    import scvi

    asked, steps = [], []
    monkeypatch.setattr(
        scvi.model.SCVI, "train", lambda self, **k: asked.append(k) or setattr(self, "is_trained_", True)
    )
    monkeypatch.setattr(
        scvi.model.SCVI, "get_latent_representation", lambda self, adata: steps.append(self.adata.n_obs)
    )
    for n in (20, 60):
        live.scvi(live.subset(cells(80, 0), n, 0), [cells(9, 1)], 0, epochs=7)
    assert [k["max_epochs"] for k in asked] == [7, 7]
    assert not [k for k in asked if {"max_steps", "early_stopping"} & set(k)]
    assert all(k["train_size"] == 1.0 for k in asked)  # no cell of a subset is kept back
    assert steps == [20, 60]
    live.scvi(None, [cells(9, 1)], 0, epochs=7)
    assert len(asked) == 2  # the untrained one is not trained


def test_an_untrained_network_embeds_a_cell_by_itself():
    adata = cells(9, 1)
    whole, alone = live.scvi(None, [adata, adata[:1].copy()], 0, epochs=1)
    np.testing.assert_allclose(whole[:1], alone, atol=1e-5)


@pytest.mark.slow
def test_from_cells_to_scores_and_what_more_cells_add(made, tmp_path):
    table = live.run(SETTINGS)
    trained = table[table["size"].notna()]
    assert len(trained) == 2 * 2 * 3 * 2  # models, datasets, sizes with the untrained, seeds
    assert len(table) == len(trained) + 4
    assert table["value"].between(0, 1).all()
    mean = trained.groupby(["model", "size"])["value"].mean()
    assert mean["pre-trained-pca", 60] > 0.9
    assert published.baselines(table).shape == (2, 2)
    added = differences.between(table, 20, 60)
    assert set(zip(added["model"], added["dataset"], strict=True)) == {
        (model, dataset) for model in live.MODELS for dataset in ("one", "two")
    }
    assert live.read(tmp_path) is None


def test_score_is_avg_bio():
    from zslib import metrics

    adata = cells(60, 1)
    X = adata.X.toarray()
    whole = metrics.score(X, adata.obs["label"].to_numpy(), n_boot=0, device="cpu").table
    expected = whole.query("space == 'native' and metric == 'avg_bio'")["value"].item()
    assert live.score(X, adata.obs["label"]) == pytest.approx(expected, abs=1e-6)


def test_what_cannot_be_is_refused():
    with pytest.raises(DataError, match="shares cells with kang"):
        Settings(held_out=("pbmc-studies",))
    with pytest.raises(DataError, match="ascend"):
        Settings(sizes=(300, 100))
    with pytest.raises(DataError, match="steps"):
        Settings.of({"steps": 300})
    assert Settings.of({"seeds": [4]}).seeds == (4,)
    assert Settings.of(None) == Settings()


@pytest.mark.parametrize("profile", ["smoke", "default", "full"])
def test_what_profiles_ask_for_is_known(profile):
    from zslib.workflow import grid

    assert len(Settings.of(grid.load(profile).composition).seeds) >= 2
