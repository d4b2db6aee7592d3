"""Whether metrics order the controls as they must, on made-up scores and on toy cells."""

import itertools

import numpy as np
import pandas as pd
import pytest
from toy_tables import DISCOVERY, SCORES

from zslib import metrics, tables
from zslib.core import store
from zslib.results import Run, comparison, embedding, ladder, report, stages

RUNGS = (
    "random", "shuffled-cells", "shuffled-labels", "unintegrated", "split-half-a", "split-half-b", "labels", "hvg",
    "hvg-pca", "unintegrated-noise", "scgpt-random",
)  # fmt: skip
RNG = np.random.default_rng(0)
NOISE = {name: RNG.normal(0, 0.01, 400) for name in RUNGS}


def write(results, scores, spread=None, *, both=False):
    """Scores of the controls as {metric: {method: value}}, with noise that is not shared, times a spread."""
    for method in RUNGS:
        run = Run(results, "toy", method, 0)
        stages.save(run, np.ones((4, 2)), {"status": "ok", "n_cells": 4})
        rows, replicates = [], {}
        for space, (metric, values) in itertools.product(("native", "pca50")[: 1 + both], scores.items()):
            noise = NOISE[method] * (spread or {}).get(metric, 1)
            better = metrics.CARDS[metric].better
            rows.append(("toy", method, 0, space, metric, values[method], 0.0, 0.0, 4, better))
            replicates[f"{space}/{metric}"] = values[method] + noise - noise.mean()
        store.write_table(run.folder / "scores.parquet", pd.DataFrame(rows, columns=SCORES))
        store.write_table(run.folder / "discovery.parquet", pd.DataFrame(columns=DISCOVERY))
        store.write_table(run.folder / "replicates.parquet", pd.DataFrame(replicates))
    return comparison.Comparison(results, "toy", RUNGS, (0,))


def biology(**changed):
    values = dict.fromkeys(("random", "shuffled-cells", "shuffled-labels"), 0.2)
    values |= {"unintegrated": 0.6, "split-half-a": 0.55, "split-half-b": 0.56, "labels": 0.9, "hvg": 0.55}
    values |= {"hvg-pca": 0.8, "unintegrated-noise": 0.3, "scgpt-random": 0.3}
    return values | {name.replace("_", "-"): value for name, value in changed.items()}


@pytest.fixture
def runs(tmp_path):
    mixing = biology(random=0.9, shuffled_cells=0.9, unintegrated=0.5, labels=0.95)
    scores = {
        "asw_label": biology(),
        "nmi_louvain": biology(shuffled_labels=0.7),
        "ari_louvain": biology(labels=0.205),
        "asw_batch": mixing,
        "graph_connectivity": mixing | {"random": 0.3},
    }
    return write(tmp_path, scores)


def test_steps_hold_are_reversed_or_are_not_separated(runs):
    steps = ladder.steps(runs).set_index(["metric", "lower", "upper"])
    verdict = steps["verdict"]
    assert (verdict["asw_label"] == "holds").all()
    assert len(verdict["asw_label"]) == 12
    assert verdict["nmi_louvain", "shuffled-labels", "unintegrated"] == "reversed"
    assert verdict["ari_louvain", "unintegrated", "labels"] == "reversed"
    assert verdict["asw_batch"].tolist() == ["holds"] * 4
    assert verdict["graph_connectivity", "unintegrated", "random"] == "reversed"
    row = steps.loc["asw_label", "random", "unintegrated"]
    assert row.gain == pytest.approx(0.4)
    assert row.ci_low < 0.4 < row.ci_high


def test_a_metric_without_room_cannot_judge(runs):
    room = ladder.ranges(runs).set_index("metric")
    assert room.loc["asw_label", "discriminates"]
    assert room.loc["asw_label", "range"] == pytest.approx(0.7)
    assert room.loc["asw_batch", ["floor", "ceiling"]].tolist() == [0.5, 0.95]
    assert not room.loc["ari_louvain", "discriminates"]
    assert room.loc["ari_louvain", "noise"] > room.loc["ari_louvain", "range"]


def test_labels_that_score_below_the_data_are_no_ceiling(tmp_path):
    runs = write(tmp_path, {"scgraph_rank": biology(labels=0.4)})
    room = ladder.ranges(runs).iloc[0]
    assert not room.discriminates
    assert room.problem == "the labels are no ceiling for it"
    assert ladder.rescaled(runs, ["hvg"]).empty
    assert "same distance from each other" in report.controls(runs).data


@pytest.mark.parametrize(("value", "judges"), [(0.91, True), (1.2, False)])
def test_a_metric_beyond_whose_ceiling_methods_lie_cannot_judge(tmp_path, value, judges):
    runs = write(tmp_path, {"asw_label": biology(hvg=value)}, {"asw_label": 0.05})
    assert runs.beats(
        "hvg", "labels", "asw_label"
    )  # by the interval, but in the first case by less than the noise
    room = ladder.ranges(runs).iloc[0]
    assert room.discriminates == judges
    assert room.problem == ("" if judges else "methods beyond its ceiling")
    assert len(ladder.rescaled(runs, ["hvg"])) == judges
    assert bool(ladder.leaders(runs, "asw_label")) == judges
    assert ("<b>no</b> <br/><small>methods beyond <br/>its ceiling" in tables.controls(runs).data) != judges


def test_noise_is_at_least_what_separates_the_halves(tmp_path):
    runs = write(tmp_path, {"asw_label": biology(split_half_a=0.1, split_half_b=0.9)})
    room = ladder.ranges(runs).iloc[0]
    assert room.noise == pytest.approx(0.8)
    assert not room.discriminates


def test_a_lower_score_may_be_the_better_one(tmp_path, monkeypatch):
    card = metrics.CARDS["asw_batch"]
    monkeypatch.setitem(metrics.CARDS, "asw_batch", type(card)(**{**vars(card), "better": "lower"}))
    ends = {"random": 0.1, "shuffled_cells": 0.1, "unintegrated": 0.5, "labels": 0.05}
    runs = write(tmp_path, {"asw_batch": biology(**ends, unintegrated_noise=0.7, scgpt_random=0.7)})
    assert set(ladder.steps(runs)["verdict"]) == {"holds"}
    room = ladder.ranges(runs).iloc[0]
    assert room.range == pytest.approx(0.45)
    share = ladder.rescaled(runs, ["random"]).iloc[0]
    assert share.value == pytest.approx(0.4 / 0.45)


def test_scores_are_rescaled_with_the_uncertainty_of_both_ends(runs):
    table = ladder.rescaled(runs, ["hvg", "random", "labels"]).set_index(["metric", "method"])
    assert "ari_louvain" not in table.index.get_level_values("metric")
    row = table.loc["asw_label", "hvg"]
    assert row.value == pytest.approx(0.5)
    own, floor, ceiling = (0.0 + NOISE[m] - NOISE[m].mean() for m in ("hvg", "random", "labels"))
    expected = (0.55 + own - 0.2 - floor) / (0.9 + ceiling - 0.2 - floor)
    assert [row.ci_low, row.ci_high] == pytest.approx(np.quantile(expected, [0.025, 0.975]).tolist())
    assert table.loc["asw_label", "random"].tolist() == [0, 0, 0]
    assert table.loc["asw_label", "labels"].tolist() == [1, 1, 1]


def test_a_range_of_nothing_has_no_shares():
    assert np.isnan(ladder.rescale(0.5, 0.3, 0.3))
    np.testing.assert_allclose(ladder.rescale(np.array([0.2, 0.5]), 0.8, 0.2), [1.0, 0.5])


def test_the_page_says_which_metric_fails_and_why(runs):
    said = report.controls(runs).data
    assert said.startswith(
        "2 of 5 metrics order the controls as they must on toy; 3 put a pair the wrong way round"
    )
    assert "**Graph connectivity** (0.20), random scores worse than unintegrated" in said
    assert ladder.REASONS["graph_connectivity"] in said
    assert metrics.CARDS["nmi_louvain"].fooled_by.split(". ")[0] in said
    assert "Unable to judge this dataset: **ARI (Louvain)** (range 0.005, noise" in said
    row = next(row for row in tables.controls(runs).data.split("<tr>") if "Graph connectivity" in row)
    assert ">3 of 4<" in row


def test_what_the_cells_do_not_decide_is_said_to_be_undecided(tmp_path):
    both = biology(labels=0.602, shuffled_labels=0.7)  # one pair undecided, and others the wrong way round
    runs = write(tmp_path, {"asw_label": biology(labels=0.602), "nmi_louvain": both})
    said = report.controls(runs).data
    assert "1 put a pair the wrong way round" in said
    assert "in 2 these cells do not decide a pair" in said
    undecided = " (labels (cheating) against unintegrated)"
    assert f"- Undecided: **Label ASW**{undecided} and **NMI (Louvain)**{undecided}." in said
    assert "8 of 9" not in tables.verdicts([runs]).data
    assert "11 of 12 steps" in tables.verdicts([runs]).data


def test_without_steps_a_metric_is_not_said_to_order_controls(tmp_path):
    runs = write(tmp_path, {"asw_label": biology(random=-0.001)})
    alone = comparison.Comparison(tmp_path, "toy", ("random", "labels", "hvg"), (0,))
    assert ladder.steps(alone).empty
    row = tables.controls(alone).data.split("<tr>")[2]
    assert "not asked" not in row
    assert "Without any number here: steps." in tables.controls(alone).data
    assert ">0.00<" in row  # and not −0.00
    assert "counted with half of the molecules" not in tables.controls(alone).data
    assert "counted with half of the molecules" in tables.controls(runs).data


def test_without_controls_there_is_no_ladder(tmp_path):
    runs = comparison.Comparison(tmp_path, "toy", (), (0,))
    assert ladder.steps(runs).empty
    assert "Too few controls" in report.controls(runs).data
    assert "no floor and ceiling" in tables.controls(runs).data


def test_on_toy_cells_the_papers_metrics_order_the_controls(toy, tmp_path):
    label, batch = toy.obs["label"].to_numpy(), toy.obs["batch"].to_numpy()
    names = ["random", "shuffled-cells", "unintegrated", "labels"]
    for method in names:
        X, run = embedding.compute(toy, method)
        this = Run(tmp_path, "toy", method, 0)
        stages.save(this, X, run)
        scores = metrics.score(
            X, label, batch, unintegrated=toy.obsm["X_unintegrated"], n_boot=40, device="cpu"
        )
        store.write_table(
            this.folder / "scores.parquet", scores.table.assign(dataset="toy", method=method, seed=0)
        )
        store.write_table(this.folder / "replicates.parquet", scores.replicates)
        store.write_table(this.folder / "discovery.parquet", pd.DataFrame(columns=["label", "metric"]))
    runs = comparison.Comparison(tmp_path, "toy", tuple(names), (0,))
    verdict = ladder.steps(runs).set_index(["metric", "lower", "upper"])["verdict"]
    for metric in ("avg_bio", "asw_label", "nmi_louvain", "ari_louvain"):
        floors = [v for (m, low, _), v in verdict.items() if m == metric and low in ladder.NOTHING]
        assert floors == ["holds"] * len(floors), metric
    assert (verdict["pcr_comparison"] == "holds").all()
    assert runs.value("unintegrated", "pcr_comparison").value == pytest.approx(0, abs=1e-6)
    # The graph of random points does not keep types together, and no mixing of batches mends that.
    assert verdict["graph_connectivity", "unintegrated", "random"] != "holds"


def test_a_batch_score_that_noise_raises_names_nobody_best(tmp_path):
    fair = biology(random=0.9, shuffled_cells=0.9, unintegrated=0.5, labels=0.95)
    runs = write(tmp_path, {"avg_batch": fair | {"unintegrated-noise": 0.7}, "asw_batch": fair}, both=True)
    steps = ladder.steps(runs, ["avg_batch"])
    assert steps.loc[steps["verdict"] == "reversed", "lower"].tolist() == ["unintegrated-noise"]
    assert ladder.leaders(runs, "avg_batch") == []
    assert ladder.leaders(runs, "asw_batch") == ["hvg-pca"]
    why = "unintegrated + noise scores better than unintegrated, by 0.20"
    assert report.batches(runs).data == (
        f"No method is called best by Average batch score on toy: there it fails its controls ({why}). "
        "Best by scores that pass: **HVG → PCA** (Batch ASW)."
    )
    html = tables.comparison(runs, ["avg_batch", "asw_batch"]).data
    assert html.count(" ★</b>") == 1
    assert f"No star where a metric fails its controls: Average batch score ({why})." in html
    assert (
        "By **Average batch score** (0.20), unintegrated scores worse than unintegrated + noise."
        in report.controls(runs).data
    )


@pytest.mark.parametrize(("untrained", "best"), [(0.81, []), (0.795, []), (0.78, ["hvg-pca"])])
def test_a_score_by_which_no_method_leads_an_untrained_network_names_nobody_best(tmp_path, untrained, best):
    fair = biology(random=0.9, shuffled_cells=0.9, unintegrated=0.5, labels=0.95)
    runs = write(tmp_path, {"avg_batch": fair | {"scgpt-random": untrained}}, both=True)
    assert ladder.leaders(runs, "avg_batch") == best
    said = f"(scGPT's network, untrained, reaches {untrained:.2f} and the best method 0.80)"
    assert (said in report.batches(runs).data) == (not best)
    assert ("★</b>" in tables.comparison(runs, ["avg_batch"]).data) == bool(best)


def test_what_noise_gains_within_the_difference_of_two_halves_is_no_gain(tmp_path):
    fair = biology(random=0.9, shuffled_cells=0.9, unintegrated=0.5, labels=0.95)
    runs = write(tmp_path, {"avg_batch": fair | {"unintegrated-noise": 0.6, "split-half-a": 0.4}})
    assert ladder.least(runs, "avg_batch") == pytest.approx(0.16)
    assert ladder.unfit(runs, "avg_batch") == ""
    assert "**HVG → PCA** has the highest Average batch score" in report.batches(runs).data


@pytest.mark.parametrize(("lead", "told"), [(0.1, True), (0.03, False)])
def test_a_lead_within_the_difference_of_two_halves_is_none(tmp_path, lead, told):
    scores = biology(hvg_pca=0.7, hvg=0.7 - lead, split_half_a=0.5, split_half_b=0.55)
    runs = write(
        tmp_path,
        {"avg_bio": scores, "asw_label": scores},
        both=True,
        spread={"avg_bio": 0.1, "asw_label": 0.1},
    )
    assert runs.beats("hvg-pca", "hvg", "avg_bio")
    assert ladder.beats(runs, "hvg-pca", "hvg", "avg_bio") == told
    assert ladder.leaders(runs, "avg_bio") == ["hvg-pca"] + ["hvg"] * (not told)
    said = report.biology(runs).data
    assert ("HVG is level with it" in said) != told
    assert (
        "Two halves of the same cells' molecules differ by 0.05, and a lead of no more than that is counted as none."
        in said
    )
    assert tables.comparison(runs, ["avg_bio"]).data.count(" ★</b>") == 2 - told


def test_a_score_that_cannot_judge_gives_no_star(runs):
    assert ladder.unfit(runs, "asw_label") == ""
    assert ladder.unfit(runs, "ari_louvain").startswith("unintegrated scores better")
    assert "★</b>" not in tables.comparison(runs, ["ari_louvain"]).data
    assert "★</b>" in tables.comparison(runs, ["asw_label"]).data
