"""The whole experiment on made-up cells, and each model by itself."""

import dataclasses

import numpy as np
import pytest
from scipy import sparse

from zslib.composition import cells, curves, experiment, results
from zslib.composition.cells import Target
from zslib.composition.models import FIT
from zslib.composition.settings import MODELS, SCHEMES, Settings
from zslib.errors import DataError
from zslib.pretrain.corpus import Corpus

TINY = Settings(
    models=("pca", "autoencoder"),
    shares=(0.2, 1.0),
    scheme_shares=(0.2,),
    seeds=(0, 1),
    steps=2,
    width=8,
    max_length=8,
    n_boot=10,
)


def counts(label, rng, n_genes=40):
    """Cells of types that express genes of their own."""
    rate = np.full((len(label), n_genes), 0.5)
    for code in set(label):
        rate[np.ix_(label == code, np.arange(8 * code, 8 * code + 8))] = 6
    return sparse.csr_matrix(rng.poisson(rate).astype(np.float32))


@pytest.fixture(scope="module")
def corpus():
    rng = np.random.default_rng(0)
    label = rng.integers(3, size=80)
    X = counts(label, rng)
    return Corpus(
        counts=X,
        totals=np.asarray(X.sum(axis=1)).ravel(),
        genes=tuple(f"g{i}" for i in range(40)),
        ids={},
        dataset=np.repeat("made", 80),
        held_out=np.arange(80) >= 70,
        sources=(),
        label=label.astype(str),
        batch=np.tile(["x", "y"], 40),
    )


@pytest.fixture(scope="module")
def target():
    rng = np.random.default_rng(1)
    label = np.arange(60) % 3
    return Target("study", counts(label, rng), label.astype(str), np.tile(list("ab"), 30), 40)


def test_end_to_end_and_back_from_disk(corpus, target, tmp_path):
    pcs = np.random.default_rng(0).standard_normal((70, 4))
    orders = experiment.orders(TINY, corpus, pcs)
    assert all(set(rows) == set(corpus.train) for rows in orders.values())
    diversity = experiment.diversity(TINY, corpus, pcs, orders)
    results.write_cells(tmp_path, corpus, [target])
    results.write_subsets(tmp_path, orders, diversity)
    settings = Settings(**{**vars(TINY), "targets": ("study",)})
    again, (study,) = results.read_cells(tmp_path, settings)
    np.testing.assert_array_equal(again.counts.toarray(), corpus.counts.toarray())
    np.testing.assert_array_equal(study.batch, target.batch)
    assert again.genes == corpus.genes
    for model in TINY.models:
        results.write_scores(
            tmp_path, model, experiment.run(model, TINY, again, [study], results.read_orders(tmp_path))
        )
    scores = results.read_scores(tmp_path, settings)
    # Two sizes at random, three schemes at one, floor and ceiling: two seeds, two metrics, two models.
    assert len(scores.table) == (2 + 3 + 2) * 2 * 2 * 2
    assert scores.replicates.shape == (len(scores.table), 10)
    assert scores.table["value"].between(0, 1).all()
    wide = scores.table.query("metric == 'knn_probe' and model == 'pca'").groupby("scheme")["value"].mean()
    assert wide["uniform"] > 0.9
    assert len(curves.learning_curves(scores)) == 4
    assert set(results.read_diversity(tmp_path)["scheme"]) == {"uniform", "balanced", "sketch", "few-batches"}


@pytest.mark.parametrize("model", [m for m in MODELS if m != "scvi"])
def test_each_model_trains_embeds_and_repeats_itself(model, corpus, target):
    some = cells.part(corpus, corpus.train[:30])
    columns = np.isin(corpus.genes, some.genes)
    one, other, untrained = (
        FIT[model](some, [target.counts[:, columns]], TINY, steps, 0, "cpu")[0] for steps in (2, 2, 0)
    )
    np.testing.assert_allclose(one, other, atol=1e-5)
    assert len(one) == 60
    assert np.isfinite(one).all()
    assert one.shape != untrained.shape or np.abs(one - untrained).max() > 1e-6


@pytest.mark.slow
def test_scvi_trains_and_embeds(corpus, target):
    some = cells.part(corpus, corpus.train)
    (found,) = FIT["scvi"](some, [target.counts], TINY, 2, 0, "cpu")
    assert found.shape == (60, 10)
    assert np.isfinite(found).all()


def test_a_part_knows_the_genes_of_its_cells_alone(corpus):
    rows = corpus.train[:2]
    some = cells.part(corpus, rows)
    expressed = corpus.counts[rows].getnnz(axis=0) > 0
    assert some.genes == tuple(np.array(corpus.genes)[expressed])
    assert len(some.train) == 2
    assert len(some.test)


def test_the_floor_knows_nothing_of_the_held_out_study(corpus, target, monkeypatch):
    seen = []

    def remember(some, counts, settings, steps, seed, device):
        seen.append((steps, seed, set(some.dataset[some.train]), some.genes, len(counts)))
        return [np.random.default_rng(seed).standard_normal((each.shape[0], 4)) for each in counts]

    monkeypatch.setitem(FIT, "pca", remember)
    few = target.counts.toarray() * (np.arange(40) < 24)
    other = dataclasses.replace(target, name="other", counts=sparse.csr_matrix(few))
    order = {f"{s} {seed}": corpus.train for s in SCHEMES for seed in TINY.seeds}
    scores = experiment.run("pca", TINY, corpus, [target, other], order)
    floor = [each for each in seen if each[0] == 0]
    assert floor == [(0, seed, {"made"}, corpus.genes, 2) for seed in TINY.seeds]
    assert [each[2] for each in seen[-4:]] == [{"study"}] * 2 + [{"other"}] * 2  # the ceilings
    assert len(seen[-1][3]) < len(corpus.genes)
    untrained = scores.table[scores.table["scheme"] == experiment.UNTRAINED]
    assert set(untrained["target"]) == {"study", "other"}


def test_a_held_out_cell_without_counts_left_is_refused(corpus, target):
    # Two cells of one gene each: a held-out cell that lacks both genes cannot be embedded.
    counts = corpus.counts.toarray()
    counts[corpus.train[:2]] = np.eye(40)[:2]
    poor = dataclasses.replace(corpus, counts=sparse.csr_matrix(counts.astype(np.float32)))
    cells = target.counts.toarray()
    cells[0, :2] = 0
    lacking = dataclasses.replace(target, counts=sparse.csr_matrix(cells))
    order = {f"uniform {seed}": corpus.train for seed in TINY.seeds}
    settings = dataclasses.replace(TINY, shares=(0.01, 1.0), scheme_shares=())
    with pytest.raises(DataError, match="cells of study have no counts in the 2 genes that 2 cells"):
        experiment.run("pca", settings, poor, [lacking], order)


def test_the_probe_holds_out_whole_batches(target):
    from zslib.metrics import knn_probe, silhouette_label

    X = np.random.default_rng(0).standard_normal((60, 4)) + 2 * target.label.astype(float)[:, None]
    found = {name: value for name, value, _ in experiment.score(X, target, 5)}
    assert found["knn_probe"] == pytest.approx(knn_probe(X, target.label, target.batch, device="cpu"))
    assert found["asw_label"] == pytest.approx(silhouette_label(X, target.label, device="cpu"))


def test_cells_that_were_pre_trained_on_are_no_test():
    with pytest.raises(DataError, match="shares cells with kang"):
        cells.load(Settings(corpus=("kang",), targets=("pbmc-studies",)))


def test_a_profile_without_the_experiment_still_has_the_page(tmp_path):
    from zslib import pages, store
    from zslib.workflow import steps

    store.write_json(tmp_path / "grid.json", {"composition": None})
    said = steps.chapter(str(tmp_path), str(tmp_path / "grid.json"), "composition")
    page = pages.read(tmp_path / "chapters" / "composition.ipynb")
    assert "no `composition`" in said
    assert page.cells[0].source == "# How much pre-training data, and which?"
    assert "Not applicable" in page.cells[1].source


@pytest.mark.parametrize("profile", ["smoke", "default", "full"])
def test_what_profiles_ask_for_is_known(profile):
    from zslib.workflow import grid

    settings = Settings.of(grid.load(profile).composition)
    if profile != "smoke":
        assert set(settings.models) == set(MODELS)
        assert len(settings.seeds) >= 3
