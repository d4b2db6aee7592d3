"""Fine-tuning beside freezing, on toy cells and tiny networks."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from sklearn.metrics import f1_score

from zslib import methods
from zslib.core import store
from zslib.core.errors import DataError, NotApplicable
from zslib.datasets import prepare
from zslib.frozen import geneformer as frozen
from zslib.frozen import in_memory
from zslib.frozen.geneformer import network as geneformer
from zslib.frozen.pretrain import checkpoints
from zslib.frozen.scgpt.files import read_vocab
from zslib.studies.tuning import cards, experiment, figures, results, sentences
from zslib.studies.tuning import division as dividing
from zslib.studies.tuning.cards import EFFECTS, EXPRESSION, FROZEN, RANDOM, TRAINED, TUNED, Settings
from zslib.studies.tuning.networks import Classifier, Reader, fit, tune
from zslib.workflow import grid as grids
from zslib.workflow import pages

NAME = "geneformer-mini-kang"
SMALL = Settings(shares=(0.1, 1.0), draws=2, steps=15, n_learn=100, n_test=60, n_boot=40)


@pytest.fixture(scope="module")
def division(toy):
    return dividing.divide(toy.obs["label"], toy.obs["batch"], n_learn=100, n_test=60, seed=0)


@pytest.fixture(scope="module")
def reader(toy):
    known = frozen.own_dictionaries(toy.layers["counts"], toy.var)
    config = dataclasses.replace(
        geneformer.V1_10M,
        vocab_size=len(known.tokens),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=64,
    )
    model = frozen.frozen(
        geneformer.Geneformer.untrained(config, 99), known, in_memory(toy), "toy", max_length=24
    )
    tokens = model.tokenize(toy.layers["counts"])
    return Reader(
        model, lambda seed: geneformer.Geneformer.untrained(config, seed), tokens, torch.device("cpu")
    )


def weights(network):
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def same(one, other):
    return all(torch.equal(tensor, other[name]) for name, tensor in one.items())


# Who has labels and who is tested


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 7), st.floats(0.01, 1))
def test_no_group_is_on_both_sides_and_no_tested_cell_has_a_label(seed, n_groups, share):
    rng = np.random.default_rng(seed)
    group, label = rng.integers(0, n_groups, 200).astype(str), rng.choice(["a", "b"], 200)
    try:
        found = dividing.divide(label, group, n_learn=80, n_test=50, seed=seed)
    except NotApplicable:
        return
    rows = dividing.labeled(found, share, seed)
    assert not set(group[found.learn]) & set(group[found.test])
    assert set(group[found.test]) == set(found.held_out)
    assert set(rows) <= set(found.learn)
    assert set(found.label[rows]) == set(range(len(found.types)))
    assert len(set(rows)) == len(rows) == max(len(found.types), round(share * len(found.learn)))


def test_of_one_group_cells_are_divided_and_libraries_are_groups():
    label = np.tile(["a", "b"], 30)
    found = dividing.divide(label, np.repeat("one", 60), n_learn=60, n_test=60, seed=0)
    assert not set(found.learn) & set(found.test)
    assert found.held_out == ()
    obs = pd.DataFrame({"batch": ["x"] * 4, "library": list("ppqq")})
    assert dividing.groups(obs).tolist() == list("ppqq")
    assert dividing.groups(obs.assign(batch=list("abab"))).tolist() == list("abab")


def test_rare_types_are_left_out_and_too_few_are_refused():
    label = np.array(["a", "b"] * 20 + ["rare"] * 2)
    found = dividing.divide(label, np.repeat("one", 42), n_learn=42, n_test=42, seed=0)
    assert found.types == ("a", "b")
    assert not np.isin(np.flatnonzero(label == "rare"), np.concatenate([found.learn, found.test])).any()
    with pytest.raises(NotApplicable, match="two cell types"):
        dividing.divide(np.repeat("a", 42), np.repeat("one", 42), n_learn=42, n_test=42, seed=0)


def test_a_larger_share_holds_a_smaller_and_draws_follow_the_seed(division):
    few, many = (dividing.labeled(division, share, 3) for share in (0.1, 0.5))
    assert set(few) < set(many)
    np.testing.assert_array_equal(few, dividing.labeled(division, 0.1, 3))
    assert set(few) != set(dividing.labeled(division, 0.1, 4))


# Frozen and tuned


def test_a_classifier_starts_as_the_probe_and_tuning_changes_the_network(reader, division):
    rows = dividing.labeled(division, 0.5, 0)
    network = reader.network(None)
    before = weights(network)
    known = reader.embed_all(network, division.learn)
    probe = fit(known, np.searchsorted(division.learn, rows), division.label[rows])
    classifier = Classifier(reader, network, probe)
    asked = reader.embed_all(network, division.test)
    np.testing.assert_array_equal(classifier.predict(division.test), probe.predict(asked))
    assert same(before, weights(network))  # embedding, probing and predicting leave the weights alone
    losses = tune(classifier, rows, division.label[rows], SMALL, seed=0)
    assert len(losses) == SMALL.steps
    assert not torch.equal(before["layers.0.query.weight"], network.state_dict()["layers.0.query.weight"])
    assert same(before, weights(reader.model.network))  # a copy was tuned


def test_tuning_follows_its_seed_and_lowers_the_loss(reader, division):
    rows, ends = division.learn, []
    for seed in (0, 0, 1):
        network = reader.network(5)
        probe = fit(reader.embed_all(network, rows), np.arange(len(rows)), division.label[rows])
        probe.regression.coef_[:] = 0
        classifier = Classifier(reader, network, probe)
        losses = tune(classifier, rows, division.label[rows], SMALL, seed)
        assert np.mean(losses[-5:]) < 0.9 * losses[0]
        ends.append(weights(classifier))
    assert same(ends[0], ends[1])
    assert not same(ends[0], ends[2])


def test_twins_differ_in_weights_alone(reader):
    one, other, third = reader.network(0), reader.network(0), reader.network(1)
    assert same(weights(one), weights(other))
    assert not same(weights(one), weights(third))
    assert one.config == reader.network(None).config


def test_a_probe_of_two_types_is_written_down_for_both():
    rng = np.random.default_rng(0)
    X, label = rng.standard_normal((40, 3)), np.arange(40) % 2
    probe = fit(X + 2 * label[:, None], np.arange(40), label)
    weight, bias = probe.linear
    scores = (X - probe.center) / probe.scale @ weight.T + bias
    odds = probe.regression.decision_function((X - probe.center) / probe.scale)
    np.testing.assert_allclose(scores[:, 1] - scores[:, 0], odds)


def test_few_labels_get_fewer_steps_and_settings_must_make_sense():
    asked = Settings(steps=100, passes=10, batch_size=16)
    assert [asked.steps_for(n) for n in (8, 80, 800)] == [5, 50, 100]
    for change in ({"shares": (0.0,)}, {"shares": ()}, {"draws": 0}, {"rate": 0}):
        with pytest.raises(DataError):
            Settings(**change)


@pytest.mark.parametrize("profile", grids.profiles())
def test_every_profile_has_settings_that_make_sense(profile):
    asked = Settings(**grids.load(profile).tuning)
    assert max(asked.shares) == 1


# Scores


def test_macro_f1_is_that_of_scikit_learn_also_with_weights():
    rng = np.random.default_rng(0)
    truth, said = np.arange(60) % 4, rng.integers(0, 4, 60)
    times = rng.integers(1, 4, (60, 3))
    found = experiment.macro_f1(truth, said)(times.astype(float))
    for column, value in zip(times.T, found, strict=True):
        again = np.repeat(np.arange(60), column)
        assert value == pytest.approx(f1_score(truth[again], said[again], average="macro"))


def test_a_network_that_cannot_read_a_cell_is_left_out_with_the_reason(reader, toy):
    from zslib.studies.tuning.results import _unread

    counts = toy.layers["counts"].tolil()
    counts[3] = 0
    blind = dataclasses.replace(reader, tokens=reader.model.tokenize(counts.tocsr()))
    assert _unread(reader, np.arange(10)) == ""
    assert _unread(blind, np.arange(4, 10)) == ""
    assert _unread(blind, np.arange(10)).startswith("1 of 10 cells express no gene")


@pytest.fixture(scope="module")
def found(toy, reader, division):
    expression = toy.X[:, :240].toarray()
    return experiment.compare({"geneformer-mini-kang": reader}, expression, division, SMALL)


def test_from_cells_to_tables(found):
    ways = found.scores.groupby(["network", "weights", "use"]).size()
    assert set(ways.index) == {
        ("", EXPRESSION, FROZEN),
        *(("geneformer-mini-kang", w, u) for w in (RANDOM, TRAINED) for u in (FROZEN, TUNED)),
    }
    assert (ways == len(SMALL.shares)).all()
    assert found.scores["value"].between(0, 1).all()
    assert found.scores.query("weights == 'expression' and share == 1")["value"].item() > 0.9
    assert set(found.effects["effect"]) == set(EFFECTS)


def test_a_comparison_follows_its_seed(reader, division):
    asked = dataclasses.replace(SMALL, shares=(0.1,), draws=1, steps=3)
    one, other = (experiment.of_network("n", reader, division, asked) for _ in range(2))
    for key, said in one.items():
        np.testing.assert_array_equal(said, other[key])
    third = experiment.of_network("n", reader, division, dataclasses.replace(asked, seed=1))
    assert any((said[0] != third[key][0]).any() for key, said in one.items())


def test_effects_are_those_of_the_scores(found):
    value = found.scores.set_index(["network", "weights", "use", "share"])["value"]
    effect = found.effects.set_index(["effect", "share"])["value"]
    name = "geneformer-mini-kang"
    for share in SMALL.shares:
        trained, random = value[name, TRAINED, TUNED, share], value[name, RANDOM, TUNED, share]
        assert effect["gain", share] == pytest.approx(trained - random)
        frozen_gain = value[name, TRAINED, FROZEN, share] - value[name, RANDOM, FROZEN, share]
        assert effect["frozen gain", share] == pytest.approx(frozen_gain)
        expression = value["", EXPRESSION, FROZEN, share]
        assert effect["over expression", share] == pytest.approx(trained - expression)
        assert effect["twin over expression", share] == pytest.approx(random - expression)


def test_a_network_that_knows_the_types_gains(toy, reader, division):
    """Pre-trained on the very labels, a network must be ahead of its twin where one cell of each type has a label."""
    network = reader.network(None)
    every = np.concatenate([division.learn, division.test])
    probe = fit(reader.embed_all(network, every), np.arange(len(every)), division.label[every])
    asked = dataclasses.replace(SMALL, shares=(0.01,), steps=60, passes=100)
    tune(Classifier(reader, network, probe), every, division.label[every], asked, seed=0)
    knows = dataclasses.replace(reader, model=dataclasses.replace(reader.model, network=network))
    found = experiment.compare({"n": knows}, toy.X[:, :240].toarray(), division, asked)
    effect = found.effects.set_index("effect")
    assert effect.loc["frozen gain", "ci_low"] > 0.2
    assert effect.loc["gain", "ci_low"] > 0


# Files, figures and words


def test_small_models_that_cannot_be_asked_are_written_down(toy, tmp_path):
    prepare.write(toy, store.prepared_path(tmp_path, "toy-cells"))
    listed = ["hvg", "geneformer-mini-kang", "geneformer-mini-kang-permuted"]
    chosen = cards.names({name: name for name in listed})
    assert chosen == ["geneformer-mini-kang"]
    found = results.run(tmp_path, "toy-cells", chosen, SMALL, "cpu")
    assert found.networks == []
    about = json.loads((results.folder(tmp_path, "toy-cells") / results.ABOUT).read_text())
    assert "token for" in about["refused"]["geneformer-mini-kang"]
    assert results.read(tmp_path, "toy-cells") is None
    prepare.write(toy, store.prepared_path(tmp_path, "pbmc-studies"))
    about = results.run(tmp_path, "pbmc-studies", chosen, SMALL, "cpu").about
    assert "a part of these cells" in about["refused"]["geneformer-mini-kang"]


@pytest.fixture(scope="module")
def stored(found, division, tmp_path_factory):
    """What the chapter reads."""
    folder = tmp_path_factory.mktemp("results")
    here = results.folder(folder, "toy-cells")
    for name in experiment.TuningScores._fields:
        store.write_table(here / f"{name}.parquet", getattr(found, name))
    about = {"n_learn": 100, "n_test": 60, "types": division.types, "held_out": division.held_out}
    about |= {
        "settings": dataclasses.asdict(SMALL),
        "seen": {"geneformer-mini-kang": "no"},
        "refused": {"scgpt-mini-pbmc-baron": "No reason."},
    }
    store.write_json(here / results.ABOUT, about)
    return folder


def test_parts_sum_up_and_words_hold_the_numbers(stored):
    one = results.read(stored, "toy-cells")
    parts = sentences.parts(one, NAME)
    np.testing.assert_allclose(parts.drop(columns="score").sum(axis=1), parts["score"])
    assert "No reason." in sentences.splits([one]).data
    assert "10%, 100%; at most 15 steps" in sentences.splits([one]).data
    for said in (sentences.splits([]), sentences.robust([]), sentences.told([], [])):
        assert said.data == sentences.NOTHING


def made(**effects):
    """A network on kang with these effects at all labels, each a value and half of its interval."""
    rows = [(NAME, name, 1.0, v, v - half, v + half) for name, (v, half) in effects.items()]
    scores = pd.DataFrame([("", EXPRESSION, FROZEN, 1.0, 800, 0.9, 0.88, 0.92)], columns=cards.SCORE_COLUMNS)
    about = {"seen": {NAME: "no"}}
    return results.Tuned("kang", scores, pd.DataFrame(rows, columns=cards.EFFECT_COLUMNS), about)


@pytest.mark.parametrize(("held_out", "word"), [(["b1", "b2"], "those of b1, b2;"), ([], "drawn at random;")])
def test_how_cells_were_divided_is_said(stored, held_out, word):
    one = results.read(stored, "toy-cells")
    said = sentences.splits(
        [dataclasses.replace(one, about=one.about | {"held_out": held_out, "refused": {}})]
    ).data
    assert f"60 tested cells, {word}" in said
    assert "left out" not in said
    assert "2 draws." in said


@pytest.mark.parametrize(
    ("trained", "twin", "wins", "behind", "ahead"),
    [
        ((-0.2, 0.1), (-0.1, 0.05), 1, 2, 0),
        ((-0.2, 0.1), (-0.1, 0.15), 0, 1, 0),  # one of them is not told from it
        ((0.2, 0.1), (0.1, 0.05), 0, 0, 2),
    ],
)
def test_expression_wins_only_where_it_is_ahead_of_every_network(trained, twin, wins, behind, ahead):
    one = made(**{"over expression": trained, "twin over expression": twin})
    said = sentences.robust([one]).data
    assert f"ahead of every fine-tuned network on {wins} of 1 dataset." in said
    assert (
        f"Of 2 fine-tuned networks, pre-trained and of random weights, {behind} are behind it and {ahead} ahead"
        in said
    )
    assert "with 800 labels, it has a macro-F1 of 0.90 [0.88, 0.92]" in said


class Scored:
    """A network and its untrained twin as the grid scored them on kang."""

    dataset, ran = "kang", (NAME, f"{NAME}-untrained")

    def __init__(self, own, twin, told):
        self.own, self.twin, self.told = own, twin, told

    def value(self, method, metric):
        value = {"avg_bio": (self.own, self.twin), "participation_ratio": (1.2, 7.5)}[metric][
            self.ran.index(method)
        ]
        return pd.Series({"value": value, "ci_low": value, "ci_high": value})

    def beats(self, method, rival, metric):
        return self.told and self.own > self.twin


@pytest.mark.parametrize(
    ("run", "added", "lead"),
    [
        (Scored(0.3, 0.5, told=True), ("not told: not above its twin", "–"), "In 0 of 1 cases"),
        (Scored(0.6, 0.5, told=False), ("not told: not above its twin", "–"), "In 0 of 1 cases"),
        (Scored(0.6, 0.5, told=True), ("+0.20 [+0.10, +0.30]", "+0.05 [−0.05, +0.15]"), "In 1 of 1 cases"),
        (None, ("not told: no twin ran", "–"), sentences.NOTHING),
    ],
)
def test_what_pre_training_adds_is_said_only_of_networks_above_their_twins(run, added, lead):
    one = made(**{"frozen gain": (0.2, 0.1), "gain": (0.05, 0.1)})
    runs = [run] if run else []
    ((_, _, score, dimensions, *found),) = sentences.pretraining([one], runs)
    assert tuple(found) == added
    assert (score, dimensions) == ((f"{run.own:.2f} / {run.twin:.2f}", "1.2 / 7.5") if run else ("–", "–"))
    assert lead in sentences.told([one], runs).data


@pytest.mark.parametrize(
    ("known", "word"), [("yes", "seen"), ("no", "not seen"), ("not known", "not known whether seen")]
)
def test_what_is_not_known_to_be_seen_is_not_said_to_be_unseen(stored, known, word, monkeypatch):
    read = results.read(stored, "toy-cells")
    one = dataclasses.replace(read, about=read.about | {"seen": {NAME: known}})
    assert sentences.pretraining([one], [])[0][1] == f"toy-cells ({word})"


def test_the_chapter_runs_and_its_solution_holds(stored, toy_path, monkeypatch):
    whole, shown = Figure.savefig, []
    monkeypatch.setattr(Figure, "savefig", lambda self, *a, **k: whole(self, *a, **{**k, "dpi": 30}))
    monkeypatch.setattr("IPython.display.display", lambda *objects, **more: shown.append(more))
    sizes = {"profile": "tiny", "methods": {}, "seeds": [0], "n_cells": None, "n_boot": 20}
    grid = grids.Grid(results=str(stored), datasets={"toy-cells": toy_path}, **sizes)
    store.write_json(stored / "grid.json", dataclasses.asdict(grid))
    names, solutions = {}, 0
    for cell in pages.read(store.ROOT / "book" / "chapters" / "fine-tuning.md").cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, "fine-tuning", "exec"), names)
            solutions += "solution" in cell.metadata.get("tags", []) and "assert" in cell.source
        if "parameters" in cell.metadata.get("tags", []):
            names |= {"results": str(stored), "grid": str(stored / "grid.json")}
    assert solutions
    assert len(shown) == 1
    assert "Geneformer mini (kang) on toy-cells" in shown[0]["metadata"]["alt"]


def test_curves_say_how_many_cells_were_tested(stored, monkeypatch):
    said, one = [], results.read(stored, "toy-cells")
    monkeypatch.setattr("zslib.plots.theme.show", lambda _, alt, caption, **__: said.append(caption))
    figures.tuning_curves([dataclasses.replace(one, about=one.about | {"n_test": 1234})])
    assert "Tested cells: 1,234 of toy-cells." in said[0]


def test_figures_say_so_where_nothing_was_tuned(capsys):
    figures.tuning_curves([])
    assert sentences.NOTHING in capsys.readouterr().out


def test_networks_read_cells_as_their_methods_do_in_the_grid(toy):
    """One recipe of input for a model across the book: the tokens are those of the method's own embedding."""
    cells = toy.copy()
    genes = [gene for gene in read_vocab(checkpoints.folder("scgpt-mini-kang")) if not gene.startswith("<")]
    cells.var["symbol"] = genes[: toy.n_vars]
    names = ["scgpt-mini-kang", NAME]
    found = results._readers(names, cells, SMALL, "cpu", refused := {})
    assert not refused
    for name in names:
        embedded = methods.get(name).embed(cells, seed=SMALL.seed)[0]
        own = found[name].embed_all(found[name].network(None), np.arange(20))
        np.testing.assert_allclose(own, embedded[:20], atol=1e-4)
