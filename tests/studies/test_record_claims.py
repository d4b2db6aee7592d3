"""Claims: the rule on made-up evidence, each claim on toy results of which the answer is known, and the page."""

import dataclasses
from math import inf, isnan
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from zslib.core import store
from zslib.datasets import prepare
from zslib.results import Run, embed, score
from zslib.studies import record
from zslib.studies.composition.differences import welch
from zslib.studies.record import claims, evidence
from zslib.studies.record.claims import collect, figures, frozen, learning, sentences, tables
from zslib.studies.record.claims.claim import (
    AGAINST,
    FAILS,
    FOR,
    HOLDS,
    NEITHER,
    OPEN,
    UNMEASURED,
    Assessment,
    Claim,
    Evidence,
    over_datasets,
)  # fmt: skip
from zslib.studies.tuning.results import Tuned
from zslib.workflow import pages
from zslib.workflow.grid import Grid

# The rule


def item(difference, half=0.01, n_datasets=3, **more):
    ends = (difference - half, difference + half)
    return Evidence(
        what="a less b", score="s", difference=difference, interval=ends, n_datasets=n_datasets, **more
    )


def assessed(*items, **about):
    return Assessment(
        Claim(name="n", title="t", said="s", who="w", asks="a", evidence=lambda build: items, **about), items
    )


YES, NO, UNCLEAR = item(0.1), item(-0.1), item(0.0)
NOTHING = Evidence(what="one dataset", score="s", difference=0.3)


@pytest.mark.parametrize(
    ("items", "general", "possible"),
    [
        ([YES, YES], HOLDS, HOLDS),
        ([YES, NO], FAILS, HOLDS),
        ([YES, UNCLEAR], OPEN, HOLDS),
        ([NO, UNCLEAR], FAILS, OPEN),
        ([NO, NO], FAILS, FAILS),
        ([UNCLEAR], OPEN, OPEN),
        ([YES, NOTHING], OPEN, HOLDS),
        ([NOTHING], UNMEASURED, UNMEASURED),
        ([], UNMEASURED, UNMEASURED),
        ([dataclasses.replace(NO, decides=False), YES], HOLDS, HOLDS),
        ([dataclasses.replace(YES, decides=False)], UNMEASURED, UNMEASURED),
    ],
)
def test_the_rule(items, general, possible):
    assert assessed(*items).word == general
    assert assessed(*items, can=True).word == possible


@pytest.mark.parametrize(
    ("where", "difference", "word"),
    [
        ((-0.02, inf), 0.0, HOLDS),
        ((-0.02, inf), -0.02, OPEN),
        ((-0.02, inf), -0.05, FAILS),
        ((-0.02, 0.02), 0.005, HOLDS),
        ((-0.02, 0.02), 0.05, FAILS),
        ((-0.02, 0.02), -0.05, FAILS),
        ((-inf, 0.02), -0.5, HOLDS),
        ((-inf, 0.02), 0.5, FAILS),
    ],
)
def test_a_claim_says_of_which_differences_it_is_true(where, difference, word):
    assert assessed(item(difference), where=where).word == word


def test_one_of_many_must_be_surer():
    close = item(0.011)
    others = [UNCLEAR] * 9
    assert assessed(close, can=True).word == HOLDS
    assert assessed(close, *others, can=True).word == OPEN
    assert assessed(item(-0.011)).word == FAILS
    assert assessed(item(-0.011), *[YES] * 9).word == OPEN


def test_a_verdict_of_few_sources_says_so():
    one = assessed(item(0.1, sources=("A",)), item(0.1, sources=("B",)))
    assert one.limit == "A and B alone"
    assert assessed(item(0.1, sources=tuple("ABC"))).limit == ""
    three = [item(0.1, dataset=name) for name in ("kang", "baron", "hao")]
    assert assessed(*three).limit == "this build alone, baron, hao and kang"
    assert assessed(NOTHING).limit == assessed().limit == ""


def test_nothing_holds_in_general_from_one_or_two_datasets():
    one, other, third = (item(0.1, dataset=name, n_datasets=1) for name in ("kang", "baron", "hao"))
    for few in ([one], [one, one, one], [one, other], [item(0.1, n_datasets=2)]):
        assert assessed(*few).word == OPEN
        assert assessed(*few).limit == "nothing speaks against it, on fewer than 3 datasets"
        assert assessed(*few, can=True).word == HOLDS
    assert assessed(one, other, third).word == assessed(one, item(0.1, n_datasets=2)).word == HOLDS
    assert assessed(item(-0.1, dataset="kang", n_datasets=1)).word == FAILS  # one case is enough against it


def test_one_or_two_datasets_do_not_show_that_something_is_impossible():
    one, other, third = (item(-0.1, dataset=name, n_datasets=1) for name in ("kang", "baron", "hao"))
    for few in ([one], [one, one, one], [one, other]):
        assert assessed(*few, can=True).word == OPEN
        assert assessed(*few, can=True).limit == "nothing speaks for it, on fewer than 3 datasets"
    assert assessed(one, other, third, can=True).word == FAILS


def test_what_independent_datasets_would_say_is_said_and_not_the_verdict():
    one = assessed(item(0.1, half=0.2, apart=(0.05, 0.15)))
    assert one.word == OPEN
    assert one.limit.startswith("holds if every dataset counts as independent")
    assert "1 more would speak for it" in sentences.counted(one)


def test_datasets_of_a_source_may_resemble_each_other():
    values, sources = pd.Series([0.1, 0.12, 0.3, 0.32]), pd.Series(list("aabb"))
    found = over_datasets(values, sources)
    assert found["difference"] == pytest.approx(0.21)
    assert found["interval"] == pytest.approx(evidence.mean_interval(values, sources))
    assert found["apart"] == pytest.approx(evidence.mean_interval(values))
    assert (found["n_datasets"], found["sources"], found["note"]) == (4, ("a", "b"), "Above 0 on 4 of 4.")
    twice = over_datasets(values, sources, pd.Series(["lung", "skin", "lung", "liver"]))
    assert (twice["n_datasets"], twice["note"]) == (3, "Above 0 on 4 of 4, a dataset counted once a source.")
    assert isnan(over_datasets(values[:1], sources[:1])["interval"][0])


# A build of toy cells, whose "scGPT" is random numbers and whose "Geneformer" is the labels


@pytest.fixture(scope="module")
def toy_grid(toy, toy_path, tmp_path_factory):
    results = tmp_path_factory.mktemp("results")
    made_of = {m: m for m in ("hvg", "hvg-pca", "harmony", "random", "labels")}
    made_of |= {"scgpt-human": "random", "geneformer-v1-10m": "labels"}
    grid = Grid(
        profile="tiny",
        results=str(results),
        datasets={"toy-cells": toy_path},
        methods={name: name for name in made_of},
        seeds=[0],
        n_cells=None,
        n_boot=40,
    )
    prepare.write(toy, store.prepared_path(results, "toy-cells"))
    for name, method in made_of.items():
        run = Run(results, "toy-cells", name, 0)
        embed(run, toy, method, device="cpu")
        score(run, toy, n_boot=grid.n_boot, device="cpu")
    store.write_json(results / "grid.json", dataclasses.asdict(grid))
    return grid


@pytest.fixture
def toy_build(toy_grid):
    return claims.Build.of(toy_grid)


@pytest.fixture
def empty_record(monkeypatch):
    """A record without a score, so that only the build speaks."""
    monkeypatch.setattr(
        evidence,
        "differences",
        lambda *a, **k: pd.DataFrame(columns=["source", "dataset", "difference", "seen"]),
    )
    columns = ["source", "dataset", "name", "value", "share", "left_out"]
    monkeypatch.setattr(evidence, "headline", lambda *a, **k: pd.DataFrame(columns=columns))
    for module in (frozen, collect):
        monkeypatch.setattr(module, "sources", dict)


def by_what(items):
    return {e.what: e for e in items}


def test_genes_win_against_random_numbers_and_lose_against_labels(toy_build):
    found = {e.what: e for e in frozen.genes_can_win(toy_build) if e.sources == (claims.BUILD,)}
    assert found["HVG less scGPT, whole human"].interval[0] > 0
    assert found["HVG less Geneformer V1, 10M"].interval[1] < 0
    assert all(e.dataset == "toy-cells" for e in found.values())


def test_a_build_joins_the_baselines_less_a_model(toy_build, empty_record):
    found = by_what(frozen.scgpt_behind(toy_build))
    assert set(found) == {"HVG less scGPT", "Harmony less scGPT", "PCA less scGPT"}
    assert found["HVG less scGPT"].difference > 0.2
    assert not found["HVG less scGPT"].measured  # one dataset is no interval over datasets
    assert not any(
        e.decides for e in found.values()
    )  # nor would it tell anything: it stands beside the claim
    assert by_what(frozen.geneformer_behind(toy_build))["Harmony less Geneformer"].difference < 0
    assert by_what(frozen.scgpt_ahead(toy_build))["scGPT less PCA"].difference < -0.2
    far = by_what(frozen.close_and_apart(toy_build))
    assert far["Geneformer less PCA"].difference > 0
    run = toy_build.runs[0]
    way = run.value("labels", "avg_bio").value - run.value("random", "avg_bio").value
    beyond = run.value("labels", "avg_bio").value - run.value("hvg-pca", "avg_bio").value
    assert far["Geneformer less PCA"].difference == pytest.approx(beyond / way)


def test_what_is_left_of_a_lead_in_fewer_dimensions(toy_build):
    run = toy_build.runs[0]
    best = collect.best_rivals(toy_build)
    ((_, rival),) = best
    values = {m: run.value(m, "asw_batch").value for m in run.rivals if m != "hvg"}
    assert values[rival] == max(values.values())
    (native,), (lost,) = frozen.genes_mix_best(toy_build), frozen.full_dimension(toy_build)
    assert native.difference == pytest.approx(run.value("hvg", "asw_batch").value - values[rival])
    left = collect.lead(run, "hvg", rival, "asw_batch", "pca50").difference
    assert lost.difference == pytest.approx(native.difference - left)
    assert lost.interval[0] <= lost.difference <= lost.interval[1]


def tuned(gain, half=0.01):
    effects = pd.DataFrame(
        [
            ("scgpt-mini-kang", "gain", share, value, value - half, value + half)
            for share, value in ((0.1, 0.5), (1.0, gain))
        ],
        columns=["network", "effect", "share", "value", "ci_low", "ci_high"],
    )
    return Tuned("toy-cells", pd.DataFrame(), effects, {"seen": {"scgpt-mini-kang": "no"}})


def above_its_twin(by):
    """A run of a network and of its untrained twin, with this difference between their frozen embeddings."""
    names = ["scgpt-mini-kang", "scgpt-mini-kang-untrained"]
    row = pd.DataFrame(
        [(names[0], by, by - 0.01, by + 0.01)], columns=["method", "difference", "ci_low", "ci_high"]
    )
    return SimpleNamespace(
        dataset="toy-cells", ran=names, rivals=[], value=lambda *_: None, differences=lambda *_: row
    )


@pytest.mark.parametrize("runs", [[], [above_its_twin(0.0)]])
def test_a_network_that_has_learned_nothing_says_nothing_of_what_a_tuned_score_owes(runs):
    one = next(iter(learning.tuned_owes_nothing(claims.Build(runs, [tuned(0.2)]))))
    assert not one.decides


@pytest.mark.parametrize(("gain", "word"), [(0.0, HOLDS), (-0.2, HOLDS), (0.2, OPEN), (0.02, OPEN)])
def test_a_tuned_score_owes_what_its_twin_does_not_reach(gain, word):
    build = claims.Build([above_its_twin(0.1)], [tuned(gain)])
    one = Assessment(claims.CLAIMS["tuned-owes-nothing"], tuple(learning.tuned_owes_nothing(build)))
    assert one.word == word
    assert [one.speaks(e) == AGAINST for e in one.deciding] == [
        gain == 0.2
    ]  # by one dataset, which refutes no "may"
    assert [e.difference for e in one.deciding] == [-gain]
    (few,) = set(one.evidence) - set(one.deciding) - {e for e in one.evidence if "frozen" in e.what}
    assert (few.difference, few.score) == (-0.5, "macro-F1, 10% of the labels")
    assert one.deciding[0].label == "untrained less pre-trained, scGPT mini (kang), toy-cells (not seen)"


# Claims of which made-up records know the answer


def differences(**sources):
    rows = [(s, f"{s}{i}", v, i == 0) for s, values in sources.items() for i, v in enumerate(values)]
    return pd.DataFrame(rows, columns=["source", "dataset", "difference", "seen"])


def made_up(monkeypatch, of):
    monkeypatch.setattr(evidence, "differences", lambda *key: of(*key))
    cards = {n: SimpleNamespace(title=n, tasks={t: {"score": "S"} for t in record.TASKS}, by_authors_of=["scGPT"] if n == "own" else []) for n in ("own", "a", "b", "c")}  # fmt: skip
    for module in (frozen, collect):
        monkeypatch.setattr(module, "sources", lambda: cards)


def test_labels_mislead_where_a_lead_is_lost_on_new_data(monkeypatch):
    leads = {"probe": [0.1, 0.2, 0.3], "probe_held_out_dataset": [-0.1, 0.05, 0.1]}
    made_up(monkeypatch, lambda model, baseline, task: differences(a=leads[task]))
    first = next(iter(learning.labels_mislead(claims.Build())))
    lost = [0.2, 0.15, 0.2]
    assert first.difference == pytest.approx(np.mean(lost))
    assert first.interval == pytest.approx(evidence.mean_interval(lost))
    assert assessed(first).word == HOLDS


def test_a_models_authors_are_asked_apart_from_the_others(monkeypatch):
    made_up(
        monkeypatch,
        lambda *key: differences(own=[0.1, 0.11], a=[-0.1, -0.11], b=[-0.1, -0.11], c=[-0.1, -0.11]),
    )
    own, others, *_ = frozen.scgpt_ahead(claims.Build())
    assert (own.difference, others.difference) == pytest.approx((0.105, -0.105))
    assert assessed(own, others).word == FAILS


def test_an_advantage_of_the_seen_is_taken_within_a_source(monkeypatch):
    table = differences(a=[0.3, 0.1, 0.1], b=[0.9])
    made_up(monkeypatch, lambda *key: table)
    found = list(frozen.seen_no_advantage(claims.Build()))
    assert [e.difference for e in found] == pytest.approx(
        [0.2, 0.2]
    )  # one a model; in b there is nothing unseen
    assert not found[0].measured
    low, high = welch([0.3, 0.31], [0.1, 0.11, 0.1])[1:3]
    assert 0 < low < 0.3 - 0.1 < high


def test_how_far_up_the_way_is_taken_dataset_by_dataset(monkeypatch):
    rows = [("a", f"d{i}", n, s, "") for i in range(3) for n, s in (("scGPT", 0.5 + i / 100), ("PCA", 0.4))]
    rows.append(("a", "d3", "scGPT", 0.0, "at the floor"))
    table = pd.DataFrame(rows, columns=["source", "dataset", "name", "share", "left_out"])
    made_up(monkeypatch, lambda *key: differences())
    monkeypatch.setattr(evidence, "headline", lambda *a: table)
    found = by_what(frozen.close_and_apart(claims.Build()))
    assert found["scGPT less PCA"].difference == pytest.approx(0.11)
    assert found["scGPT less shuffled cells"].difference == pytest.approx(0.51)
    assert assessed(*found.values()).word == HOLDS


# The record as it is


def test_every_claim_has_a_section_and_every_section_a_claim():
    text = (store.ROOT / "book" / "chapters" / "claims.md").read_text()
    for name in claims.CLAIMS:
        assert f"(claim-{name})=" in text
        assert f'assessed["{name}"]' in text
    assert text.count("(claim-") == text.count('assessed["') == len(claims.CLAIMS)


def test_without_a_build_the_record_speaks_alone():
    found = claims.assess(claims.Build())
    assert list(found) == list(claims.CLAIMS)
    assert found["genes-mix-best"].word == found["tuned-owes-nothing"].word == UNMEASURED
    assert found["labels-mislead"].word == HOLDS
    assert len(found["labels-mislead"].deciding) == 2
    first = found["labels-mislead"].deciding[0]
    assert first.n_datasets == 13
    within, new = (evidence.differences("scGPT", "PCA", t) for t in ("probe", "probe_held_out_dataset"))
    within = within[within["source"] == "scfm-tme"]
    assert first.difference == pytest.approx(within["difference"].mean() - new["difference"].mean())
    assert "Not measured in this build." in sentences.verdict(found["genes-mix-best"]).data


def test_a_source_that_finds_genes_ahead_of_scgpt_changes_no_verdict_by_itself():
    new, found = item(0.03, half=0.0215, n_datasets=10, sources=("new",)), claims.assess(claims.Build())
    for name in ("scgpt-behind", "genes-can-win"):
        again = Assessment(found[name].claim, (*found[name].evidence, new))
        assert again.word == found[name].word
    assert Assessment(found["scgpt-behind"].claim, (new,)).speaks(new) == FOR


def test_the_records_verdicts_are_those_of_the_claims():
    for model, name in (("scGPT", "scgpt-behind"), ("Geneformer", "geneformer-behind")):
        found = by_what(claims.assess(claims.Build())[name].evidence)
        for baseline in ("Harmony", "scVI", "PCA"):
            v = evidence.verdict(model, baseline)
            e = found[f"{baseline} less {model}"]
            assert e.difference == pytest.approx(-v.difference)
            assert e.interval == pytest.approx((-v.interval[1], -v.interval[0]))
            assert (e.n_datasets, len(e.sources)) == (v.n_datasets, v.n_sources)


def test_data_claims_follow_from_the_follow_ups_scores():
    from zslib.studies.composition import published

    table = published.at_random(published.read())
    mean = table.groupby(["model", "dataset", "size"])["value"].mean().unstack()
    found = by_what(learning.fraction_does(claims.Build()))
    scvi = (mean[1] - mean[100]).loc["scvi"]
    assert found["scVI, pre-trained: on 1 % less on 100 %"].difference == pytest.approx(scvi.mean())
    assert found["scVI, pre-trained: on 1 % less on 100 %"].n_datasets == len(scvi)
    ssl = found["SSL, masked autoencoder: on 1 % less on 100 %"]
    assert (mean[1] < mean[0]).loc["ssl"].any()
    assert not ssl.decides  # it fails its own untrained network
    assert "below its own untrained network" in ssl.note
    assert sum(e.decides for e in found.values()) == 4
    added = by_what(learning.pretraining_adds(claims.Build()))
    geneformer = (mean[100] - mean[0]).loc["geneformer"].dropna()
    assert added["Geneformer: pre-trained less untrained"].difference == pytest.approx(geneformer.mean())
    assert {e.n_datasets for e in learning.choice_matters_little(claims.Build())} <= {2, 3, 4, 5}
    wins = [e for e in frozen.genes_can_win(claims.Build()) if "pre-trained by" in e.what]
    hvg = published.baselines(published.read())["hvg"]
    for e in wins:
        dataset = e.dataset.replace(" ", "_")
        assert e.difference == pytest.approx(hvg[dataset] - mean.loc["geneformer", dataset][100])


def test_what_this_build_pre_trained_stands_beside():
    rows = [
        ("scvi", d, n, s, v + s / 100)
        for d in "ab"
        for n, v in ((0, 0.1), (100, 0.3), (3000, 0.6))
        for s in (0, 1)
    ]
    table = pd.DataFrame(rows, columns=["model", "dataset", "size", "seed", "value"]).assign(suspect=False)
    *_, last = learning.fraction_does(claims.Build(pretrained=table))
    assert last.what == "scVI, pre-trained: on 100 less on 3,000 cells"
    assert (last.difference, last.n_datasets, last.decides) == (pytest.approx(-0.3), 2, False)
    assert last.sources == (claims.BUILD,)


# The page


def test_words_hold_the_numbers():
    one = assessed(item(0.123, sources=("A",), n_datasets=3, note="A note."), NOTHING)
    assert (
        "**Cannot tell.** Of 2 comparisons 1 speaks for it and none against." in sentences.verdict(one).data
    )
    shown = tables.evidence(one).data
    assert 'a less b<br/><span class="zs-ci">A note.</span>' in shown
    assert [">for</td>" in shown, ">3 datasets, A</td>" in shown] == [True, True]
    assert '+0.12 <span class="zs-ci">[+0.11, +0.13]</span>' in shown
    assert [">neither way</td>" in shown, ">this build</td>" in shown] == [True, True]
    assert ">t: differences in s<" in shown
    assert "zs-note" not in shown  # what holds of all claims stands once on the page
    assert "The claim is true" not in sentences.verdict(one).data
    close = assessed(item(-0.0195, half=0.0015), where=(-0.02, 0.02))
    assert "between −0.02 and +0.02" in sentences.verdict(close).data
    assert (
        "[−0.021, −0.018]" in tables.evidence(close).data
    )  # so that it is seen to lie on both sides of −0.02
    assert tables.evidence(assessed()) is None
    assert one.leading.difference == 0.123
    assert (one.speaks(item(0.1)), one.speaks(item(-0.1)), one.speaks(NOTHING)) == (FOR, AGAINST, NEITHER)
    rows = tables.verdicts({"n": one}).data
    assert 'href="#claim-n"' in rows
    assert "+0.12 [+0.11, +0.13]" in rows


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([YES], "The one comparison speaks for it."),
        ([NO], "The one comparison speaks against it."),
        ([UNCLEAR], "The one comparison speaks neither way."),
        ([YES, YES], "Both comparisons speak for it."),
        ([NO, YES, UNCLEAR], "Of 3 comparisons 1 speaks for it and 1 against."),
        ([NO, UNCLEAR], "Of 2 comparisons none speaks for it and 1 against."),
        ([UNCLEAR, UNCLEAR], "None of 2 comparisons speaks for or against it."),
        ([NOTHING], "No comparison with an interval bears on it."),
    ],
)
def test_how_many_speak_for_a_claim_is_said_in_a_sentence(items, said):
    assert sentences.counted(assessed(*items)) == said


@pytest.mark.parametrize("items", [(), (NOTHING,), (item(9.0), YES)])
def test_the_figure_says_what_it_shows(items, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *objects, **more: shown.append(more))
    figures.forest({"n": assessed(*items)})
    assert all(e.label in shown[0]["metadata"]["alt"] for e in items)


def test_the_chapter_runs(toy_grid, monkeypatch):
    whole, shown = Figure.savefig, []
    monkeypatch.setattr(Figure, "savefig", lambda self, *a, **k: whole(self, *a, **{**k, "dpi": 30}))
    monkeypatch.setattr("IPython.display.display", lambda *objects, **more: shown.append(more))
    names = {}
    for cell in pages.read(store.ROOT / "book" / "chapters" / "claims.md").cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, "claims", "exec"), names)
        if "parameters" in cell.metadata.get("tags", []):
            names |= {"results": toy_grid.results, "grid": f"{toy_grid.results}/grid.json"}
    assert len(shown) == 1 + len(claims.CLAIMS)
    assert "HVG less scGPT, whole human, toy-cells" in shown[0]["metadata"]["alt"]
