"""What the data can and cannot separate, from scores written as the grid writes them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from toy_tables import DISCOVERY, SCORES

from zslib import methods, plots, tables
from zslib.core import store
from zslib.results import Run, comparison, ladder, report, stages, uncertainty
from zslib.results.report.words import best_on, number
from zslib.workflow import pages
from zslib.workflow.grid import Grid

TOY = str(Path(__file__).parents[1] / "toy_cells.py")
METHODS = {
    "hvg": "hvg",
    "hvg-pca": "hvg-pca",
    "harmony": "harmony",
    "scvi": "scvi",
    "random": "random",
    "labels": "labels",
}


def _write(results, method, value, noise, *, seed=0, dataset="toy"):
    """Scores and replicates that share `noise` between methods, as paired resamples do."""
    run = Run(results, dataset, method, seed)
    stages.save(run, np.ones((4, 2)), {"status": "ok", "n_cells": 4})
    rows, found, replicates = [], [], {}
    for space in ("native", "pca50"):
        for metric in ("avg_bio", "asw_label", "avg_batch", "novelty_auroc"):
            rows.append((dataset, method, seed, space, metric, value, 0.0, 0.0, 4, "higher"))
            # No difference is the same in all resamples, or it would have no interval.
            replicates[f"{space}/{metric}"] = value + noise * (1 + value / 1e6)
        rows_of_type = [(space, "novelty_auroc", kind, 4, value, 0.0, 0.0, 0.5) for kind in ("a", "b", "")]
        found += [(dataset, method, seed, *row) for row in rows_of_type]
    store.write_table(run.folder / "scores.parquet", pd.DataFrame(rows, columns=SCORES))
    for rule in ("found_by_distance", "found_by_cluster"):
        curve = [(kind, m, float(value > 0.55)) for kind in ("a", "b", "") for m in (5, 10)]
        found += [(dataset, method, seed, "native", rule, kind, m, v, v, v, np.nan) for kind, m, v in curve]
    store.write_table(run.folder / "discovery.parquet", pd.DataFrame(found, columns=DISCOVERY))
    store.write_table(run.folder / "replicates.parquet", pd.DataFrame(replicates))


@pytest.fixture
def runs(tmp_path):
    rng = np.random.default_rng(0)
    shared = rng.normal(0, 0.05, 500)
    for method, value in {"hvg": 0.5, "hvg-pca": 0.6, "scvi": 0.601, "random": 0.1, "labels": 0.9}.items():
        _write(tmp_path, method, value, shared + rng.normal(0, 0.002, 500))
    harmony = Run(tmp_path, "toy", "harmony", 0)
    store.write_json(harmony.folder / "run.json", {"status": "not applicable", "reason": "one batch"})
    return comparison.load_grid(_grid(tmp_path), "toy")


def _grid(results):
    return Grid("tiny", str(results), {"toy": TOY}, METHODS, [0], 4, 500)


def test_paired_differences_are_far_narrower_than_the_scores(runs):
    row = runs.differences("hvg", "avg_bio").set_index("method").loc["hvg-pca"]
    assert row.difference == pytest.approx(0.10)
    assert row.ci_low > 0.09
    entry = runs.value("hvg", "avg_bio")
    assert entry.ci_high - entry.ci_low > 10 * (row.ci_high - row.ci_low)


def test_leaders_are_the_best_and_those_not_told_from_it(runs):
    assert runs.leaders("avg_bio") == ["labels"]
    assert runs.leaders("avg_bio", among=["hvg", "hvg-pca", "scvi"]) == ["scvi", "hvg-pca"]
    assert runs.leaders("avg_bio", among=["harmony"]) == []
    assert runs.leaders("no_such_metric") == []


def test_where_lower_is_better_the_lowest_leads(tmp_path):
    noise = np.random.default_rng(0).normal(0, 0.05, 500)
    for method, value in (("hvg", 0.5), ("scvi", 0.6)):
        _write(tmp_path, method, value, noise)
        path = Run(tmp_path, "toy", method, 0).folder / "scores.parquet"
        store.write_table(path, pd.read_parquet(path).assign(better="lower"))
    runs = comparison.Comparison(tmp_path, "toy", ("hvg", "scvi"), (0,))
    assert runs.leaders("avg_bio") == ["hvg"]
    assert not runs.beats("scvi", "hvg", "avg_bio")


def test_a_lead_counts_only_beyond_rounding_and_in_the_space_it_is_asked_of(tmp_path):
    noise = np.random.default_rng(0).normal(0, 0.05, 500)
    for method, value in (("hvg", 0.5), ("hvg-pca", 0.5 + 1e-8), ("scvi", 0.6)):
        _write(tmp_path, method, value, noise)
    runs = comparison.Comparison(tmp_path, "toy", ("hvg", "hvg-pca", "scvi"), (0,))
    assert not runs.beats("hvg-pca", "hvg", "avg_bio")
    assert runs.beats("scvi", "hvg", "avg_bio")
    # The other space is another question, and the page says where its answer differs.
    folder = runs.runs_of("scvi")[0].folder
    replicates = pd.read_parquet(folder / "replicates.parquet")
    store.write_table(folder / "replicates.parquet", replicates.assign(**{"pca50/avg_bio": 0.5 + noise}))
    scores = pd.read_parquet(folder / "scores.parquet")
    scores.loc[scores["space"] == "pca50", "value"] = 0.5
    store.write_table(folder / "scores.parquet", scores)
    again = comparison.Comparison(tmp_path, "toy", ("hvg", "hvg-pca", "scvi"), (0,))
    assert again.beats("scvi", "hvg", "avg_bio")
    assert not again.beats("scvi", "hvg", "avg_bio", "pca50")
    assert again.leaders("avg_bio") == ["scvi"]
    assert set(again.leaders("avg_bio", space="pca50")) == {"hvg", "hvg-pca", "scvi"}
    assert ladder.rivals(again, "pca50") == ["hvg-pca", "scvi"]  # what HVG is there
    said = report.biology(again).data
    assert "**scVI** has the highest AvgBIO, 0.60" in said
    apart = said.partition("In the 50 leading components")[2]
    assert "is level with it" in apart
    assert "HVG → PCA" in apart
    assert "HVG and" not in apart
    assert "no other method is level with it, in" not in said
    assert tables.comparison(again, ["avg_bio"]).data.count("★") == 2  # one, and the caption's
    assert len(ladder.leaders(again, "avg_bio", "pca50")) == 2
    assert "in the 50 leading components" in best_on([again], "avg_bio")


def test_what_did_not_run_is_left_out_of_scores_and_named(runs):
    assert "harmony" not in set(runs.scores["method"])
    assert runs.statuses.to_dict("records") == [
        {"method": "harmony", "seed": 0, "status": "not applicable", "reason": "one batch"}
    ]
    assert "one batch" in tables.statuses(runs).data


def test_seeds_are_pooled_and_widen_the_interval(tmp_path):
    for seed, value in ((0, 0.4), (1, 0.6)):
        _write(tmp_path, "scvi", value, np.zeros(200), seed=seed)
    runs = comparison.Comparison(tmp_path, "toy", ("scvi",), (0, 1))
    entry = runs.value("scvi", "avg_bio")
    assert entry.value == pytest.approx(0.5)
    assert (entry.ci_low, entry.ci_high) == (pytest.approx(0.4), pytest.approx(0.6))


def test_a_method_with_more_seeds_is_paired_with_one_that_has_fewer(tmp_path):
    noise = np.random.default_rng(0).normal(0, 0.05, 200)
    _write(tmp_path, "hvg", 0.5, noise)
    for seed, value in ((0, 0.4), (1, 0.6), (2, 0.8)):
        _write(tmp_path, "scgpt-random", value, noise, seed=seed)
    more = {"scgpt-random": [1, 2]}
    runs = comparison.Comparison(tmp_path, "toy", ("hvg", "scgpt-random"), (0,), more)
    entry = runs.value("scgpt-random", "avg_bio")
    assert entry.value == pytest.approx(0.6)
    assert entry.ci_low < 0.4
    assert entry.ci_high > 0.8
    alone = comparison.Comparison(tmp_path, "toy", ("hvg",), (0,)).value("hvg", "avg_bio")
    assert runs.value("hvg", "avg_bio").ci_low == pytest.approx(alone.ci_low)
    row = runs.differences("hvg", "avg_bio").set_index("method").loc["scgpt-random"]
    # The same noise cancels in each pair, and the three draws of weights are what is left.
    assert (row["difference"], row["ci_low"], row["ci_high"]) == pytest.approx((0.1, -0.1, 0.3))


def test_draws_are_shown_seed_by_seed(tmp_path):
    noise = np.random.default_rng(0).normal(0, 0.001, 200)
    _write(tmp_path, "hvg", 0.5, noise)
    for seed, value in ((0, 0.4), (1, 0.6)):
        _write(tmp_path, "scgpt-random", value, noise, seed=seed)
    runs = comparison.Comparison(tmp_path, "toy", ("hvg", "scgpt-random"), (0,), {"scgpt-random": [1]})
    found = comparison.draws([runs], "avg_bio")
    assert found[["method", "seed", "value"]].to_numpy().tolist() == [
        ["scgpt-random", 0, 0.4],
        ["scgpt-random", 1, 0.6],
    ]
    said = report.draws([runs]).data
    assert "untrained, 2 draws: **0.40 to 0.60 on toy**." in said
    alone = comparison.Comparison(tmp_path, "toy", ("hvg",), (0,))
    assert comparison.draws([alone], "avg_bio").empty
    assert "one seed" in report.draws([alone]).data


def test_without_one_of_its_seeds_a_method_is_not_scored(tmp_path):
    _write(tmp_path, "scgpt-random", 0.4, np.zeros(20))
    run = Run(tmp_path, "toy", "scgpt-random", 1)
    store.write_json(run.folder / "run.json", {"status": "failed", "reason": "x"})
    runs = comparison.Comparison(tmp_path, "toy", ("scgpt-random",), (0,), {"scgpt-random": [1]})
    assert runs.ran == []
    assert runs.status("scgpt-random") == "failed"
    assert runs.statuses["seed"].tolist() == [1]


def test_nothing_ran_is_no_error(tmp_path):
    run = Run(tmp_path, "toy", "hvg", 0)
    store.write_json(run.folder / "run.json", {"status": "failed", "reason": "x"})
    runs = comparison.Comparison(tmp_path, "toy", ("hvg",), (0,))
    assert runs.scores.empty
    assert "No method" in report.biology(runs).data


def _measured(results, values, dataset="baron"):
    """What the front page says of made-up scores."""
    noise = np.random.default_rng(0).normal(0, 0.002, 200)
    for method, value in values.items():
        _write(results, method, value, noise, dataset=dataset)
    grid = Grid("tiny", str(results), {dataset: dataset}, {name: name for name in values}, [0], 4, 200)
    run = comparison.load_grid(grid, dataset)
    return report.measured(grid, [run]).data, report.front_methods([run])


def test_what_was_measured_is_computed_and_ties_are_said(tmp_path):
    values = {"hvg": 0.5, "hvg-pca": 0.6, "scvi": 0.6, "cell-sentence": 0.8, "random": 0.1, "labels": 0.9}
    said, shown = _measured(tmp_path, values)
    assert (
        "The published weights of scGPT and Geneformer had not been fetched (`zslib weights fetch`), so neither"
        in said
    )
    assert (
        "2 of 2 on baron (0 of 1 in the 50 leading components) keep cell types apart better than variable genes alone"
        in said
    )
    assert "**HVG → PCA** on baron (0.60 [0.60, 0.60], scVI level)" in said
    assert "Best at mixing batches" in said
    assert [m for m in shown if m != "cell-sentence"] == ["hvg", "hvg-pca", "scvi", "random", "labels"]


def test_a_published_checkpoint_comes_first_and_gets_a_verdict(tmp_path):
    said, shown = _measured(tmp_path, {"hvg": 0.5, "scvi": 0.7, "scgpt-human": 0.6, "random": 0.1})
    assert shown[0] == "scgpt-human"
    assert said.startswith(
        "Frozen, **scGPT, whole human** beats HVG on 1 of 1 datasets and every baseline on 0"
    )
    assert "Geneformer is not in this build" in said


def test_there_is_no_best_at_mixing_where_the_batch_is_the_experiment(tmp_path):
    said, _ = _measured(tmp_path, {"hvg": 0.5, "scvi": 0.7}, dataset="kang")
    assert "keeping cell types apart" in said
    assert "mixing batches" not in said


def test_the_front_page_says_whose_luck_the_intervals_hold():
    asked = ("tiny", "results", {"kang": "kang"}, {"hvg": "hvg", "scvi": "scvi"}, [0], 4, 500)
    assert ", and not the luck of training." in report.trust(Grid(*asked), []).data
    said = report.trust(Grid(*asked, {"scvi": [1, 2]}), []).data
    assert "for scVI alone, run with 3 seeds." in said


def test_the_front_page_names_what_was_not_available(runs):
    said = report.models(_grid(runs.results), [runs]).data
    assert "Not available in this build: scGPT and Geneformer" in said
    assert "random" in said.split("no competitors")[1]
    assert "without a result on any dataset: Harmony" in said


def test_a_model_that_was_listed_and_did_not_run_is_not_counted_as_evaluated(tmp_path):
    _write(tmp_path, "hvg", 0.5, np.zeros(200))
    absent = Run(tmp_path, "toy", "scgpt-human", 0)
    store.write_json(absent.folder / "run.json", {"status": "not applicable", "reason": "no weights"})
    runs = comparison.Comparison(tmp_path, "toy", ("hvg", "scgpt-human"), (0,))
    said = report.models(_grid(tmp_path), [runs]).data
    assert "Frozen foundation models: none in this build" in said
    assert report.front_methods([runs]) == ["hvg"]


def test_a_table_marks_leaders_among_honest_methods_only(runs):
    html = tables.comparison(runs, ["avg_bio"], pages="toy/").data
    lines = [line.split("</tr>")[0] for line in html.split("<tr>")[2:]]
    rows = {line.split("toy/")[1].split(".html")[0]: line for line in lines}
    assert "★" in rows["scvi"]
    assert "★" in rows["hvg-pca"]
    assert "★" not in rows["labels"]
    assert "not applicable" in rows["harmony"]


OTHERS = (
    "geneformer-mini-kang",
    "geneformer-mini-kang-untrained",
    "geneformer-mini-kang-permuted",
    "cell-sentence",
    "cell-sentence-random",
    "scgpt-random",
    "geneformer-random",
    "random",
    "labels",
)
"""Small models and controls."""


@pytest.fixture
def crowded(tmp_path):
    """Two datasets on which every small model and control scores above the only three that compete, but untrained networks."""
    rng = np.random.default_rng(0)
    shared = rng.normal(0, 0.05, 200)
    values = {"hvg": 0.5, "scvi": 0.55, "scgpt-human": 0.6} | {m: 0.7 + i / 50 for i, m in enumerate(OTHERS)}
    values |= dict.fromkeys(ladder.UNTRAINED, 0.3)  # above the best, they would unmake the score
    for dataset in ("kang", "baron"):
        for method, value in values.items():
            _write(tmp_path, method, value, shared + rng.normal(0, 0.002, 200), dataset=dataset)
    named = {name: name for name in values}
    grid = Grid("tiny", str(tmp_path), {"kang": "kang", "baron": "baron"}, named, [0], 4, 200)
    return grid, [comparison.load_grid(grid, dataset) for dataset in grid.datasets]


def test_no_small_model_and_no_control_is_best_starred_or_ranked(crowded):
    grid, (kang, baron) = crowded
    assert kang.rivals == ["hvg", "scvi", "scgpt-human"]
    assert kang.leaders("avg_bio", among=kang.rivals) == ["scgpt-human"]
    titles = [methods.card(m).title for m in OTHERS]
    said = {
        "biology": report.biology(kang).data,
        "batches": report.batches(kang).data,
        "discovery": report.discovery(kang).data,
        "unknown types": report.unknown_types([kang, baron]).data,
        "stability": report.stability(kang, "avg_bio", 2).data,
        "measured": report.measured(grid, [kang, baron]).data,
        "ranking": tables.ranking(kang, "avg_bio").data,
    }
    for where, text in said.items():
        assert "scGPT, whole human" in text, where
        assert [t for t in titles[:-2] if t in text] == [], where
        assert [t for t in titles if f"**{t}**" in text] == [], where
    assert uncertainty.over_datasets([kang, baron], "avg_bio")[0] == kang.rivals
    assert set(uncertainty.ranking(kang, "avg_bio", kang.rivals)["method"]) == set(kang.rivals)
    html = tables.comparison(kang, ["avg_bio", "novelty_auroc"]).data
    starred = [row for row in html.split("<tr>") if "<b>" in row]
    assert len(starred) == 1
    assert "scGPT, whole human" in starred[0]
    assert [t for t in titles if t in html] == titles[-2:]


def test_figures_of_all_methods_hold_no_small_model(crowded, monkeypatch):
    alts = []
    monkeypatch.setattr("IPython.display.display", lambda *_, **more: alts.append(more["metadata"]["alt"]))
    _, (kang, baron) = crowded
    plots.scores(kang, ["avg_bio"])
    plots.differences(kang, "hvg", ["avg_bio"])
    plots.hidden_types(kang)
    plots.titration(kang)
    plots.overview([kang, baron], "avg_bio")
    plots.critical_differences([kang, baron], "avg_bio")
    plots.controls(kang)
    assert len(alts) >= 6
    for alt in alts:
        assert "scGPT, whole human" in alt
        assert [m for m in OTHERS[:-2] if methods.card(m).title in alt] == []
    plots.scores(kang, ["avg_bio"], only=["hvg", "cell-sentence", "absent"])
    assert alts[-1].endswith("HVG 0.50, cell sentence 0.76.")


def test_the_page_of_a_dataset_has_a_section_on_small_models(crowded, monkeypatch):
    alts, said = [], []
    monkeypatch.setattr("IPython.display.display", lambda *_, **more: alts.append(more["metadata"]["alt"]))
    cells = pages.read(store.ROOT / "notebooks" / "compare.ipynb").cells
    heads = [i for i, cell in enumerate(cells) if cell.source.startswith("## ")]
    (start,) = [i for i in heads if cells[i].source.startswith("## Small models of this book")]
    section = cells[start : heads[heads.index(start) + 1]]
    for cell in section:
        if cell.cell_type == "code":
            said.append(eval(cell.source, {"report": report, "plots": plots, "runs": crowded[1][0]}))
    assert "1 is below it (Geneformer mini (kang))" in said[0].data
    assert "Geneformer mini (kang) against Geneformer mini (kang), untrained" in alts[0]
    prose = "".join(cell.source for cell in section if cell.cell_type == "markdown")
    for chapter in ("untrained", "cell-sentence", "seen-before"):
        assert f"(../chapters/{chapter}.ipynb)" in prose


def test_small_models_stand_beside_their_twins_with_paired_differences(crowded, monkeypatch):
    alts = []
    monkeypatch.setattr("IPython.display.display", lambda *_, **more: alts.append(more["metadata"]["alt"]))
    _, (kang, _) = crowded
    assert kang.twins("small") == {"geneformer-mini-kang": "geneformer-mini-kang-untrained"}
    assert kang.twins("foundation") == {"scgpt-human": "scgpt-random"}
    plots.twins(kang)
    assert "Geneformer mini (kang) against Geneformer mini (kang), untrained −0.02 [−0.0" in alts[-1]
    said = report.small_models(kang).data
    assert "On kang, 1 small model has an untrained twin;" in said
    assert "1 is below it (Geneformer mini (kang))" in said
    assert "**scGPT, whole human** is above *scGPT's network, untrained* on kang" in report.gains([kang]).data
    assert "**Geneformer mini (kang)**" in report.gains([kang], family="small").data


def test_what_is_told_apart_is_what_is_printed_and_the_other_space_is_said_in_words(tmp_path):
    """HVG → PCA leads in the native space alone; scVI in both; the tie in neither."""
    noise = np.random.default_rng(0).normal(0, 0.01, 500)
    for method, value in {"hvg": 0.5, "hvg-pca": 0.7, "scvi": 0.8, "harmony": 0.5}.items():
        _write(tmp_path, method, value, noise + np.random.default_rng(len(method)).normal(0, 0.002, 500))
    path = Run(tmp_path, "toy", "hvg-pca", 0).folder / "replicates.parquet"
    table = pd.read_parquet(path)
    store.write_table(path, table.assign(**{"pca50/avg_bio": table["pca50/avg_bio"] - 0.2}))
    path = path.with_name("scores.parquet")
    table = pd.read_parquet(path)
    store.write_table(path, table.assign(value=table["value"] - 0.2 * (table["space"] == "pca50")))
    runs = comparison.Comparison(tmp_path, "toy", ("hvg", "hvg-pca", "scvi", "harmony"), (0,))
    said = {m: report.against([runs], m, "hvg", "avg_bio").data for m in ("hvg-pca", "scvi", "harmony")}
    assert "is above *HVG* on toy (+0.20 [+0." in said["hvg-pca"]
    assert "; in the 50 leading components level with it" in said["hvg-pca"]
    assert "is above *HVG* on toy (+0.30 [+0." in said["scvi"]
    assert "components" not in said["scvi"]
    assert "is level with *HVG* on toy (0.00 [" in said["harmony"]


def test_nobody_is_best_at_mixing_the_conditions_of_an_experiment(runs):
    assert "has the highest" in report.batches(runs).data
    said = report.batches(runs, biology=True).data
    assert "no method is called best" in said
    assert "scVI" not in said
    assert "★" in tables.comparison(runs, ["avg_batch"]).data
    assert "★" not in tables.comparison(runs, ["avg_batch"], star=False).data


def test_without_small_models_the_page_says_so(runs, capsys):
    plots.twins(runs)
    assert "small models of this book, none ran here" in capsys.readouterr().out
    assert "No small model" in report.small_models(runs).data
    assert "none with an untrained twin" in report.gains([runs], family="small").data


def test_measures_of_discovery_are_compared_like_scores(runs):
    assert runs.value("hvg", "novelty_auroc").value == 0.5
    assert runs.value("hvg", "found_by_distance") is None
    assert runs.beats("hvg-pca", "hvg", "novelty_auroc")
    assert runs.leaders("novelty_auroc", among=["hvg", "hvg-pca", "scvi"]) == ["scvi", "hvg-pca"]
    assert set(runs.discovery["label"]) == {"a", "b", ""}


def test_what_was_found_is_said_with_who_saw_the_cells(runs):
    said = report.discovery(runs).data
    assert "**scVI** has the highest Novelty AUROC, easy, 0.60" in said
    assert "HVG → PCA is level with it" in said
    assert "HVG → PCA and scVI had seen the hidden cells" in said
    assert "with **scVI** on toy (0.60" in report.unknown_types([runs]).data


def test_pre_training_counts_as_having_seen_the_cells():
    from zslib.results.report.discovery import _seen

    names = ["scvi", "geneformer-mini-kang", "geneformer-mini-pbmc-baron", "cell-sentence"]
    assert _seen(names, ["kang"]) == (
        "scVI had seen the hidden cells when fitted; Geneformer mini (kang) had seen some of these cells in "
        "pre-training; Geneformer mini (pbmc-baron) and cell sentence had not."
    )
    assert "No method was fitted" in _seen(names[1:], ["kang"])
    assert _seen(["geneformer-v2-104m"], ["mine"]).endswith("it is not known.")


def test_the_fewest_cells_are_counted_by_type(runs):
    html = tables.fewest_cells(runs).data
    rows = {line.split("</th>")[0].split(">")[-1]: line for line in html.split("<tr>")[2:]}
    assert "2 of 2, with 5<" in rows["scVI"]
    assert "0 of 2" in rows["HVG"]
    assert "sees the labels" in rows["labels (cheating)"]


def test_many_comparisons_take_a_larger_lead_than_one(tmp_path):
    rng = np.random.default_rng(0)
    names = ("hvg", "hvg-pca", "harmony", "scvi", "scgpt-human")
    for i, method in enumerate(names):
        noise = rng.normal(0, 0.05, 2000)
        _write(tmp_path, method, 0.66 if i == 0 else 0.5, noise - noise.mean())
    runs = comparison.Comparison(tmp_path, "toy", names, (0,))
    assert runs.beats("hvg", "scvi", "avg_bio")
    assert runs.leaders("avg_bio", among=["hvg", "scvi"]) == ["hvg"]
    level = runs.leaders("avg_bio")
    assert len(level) > 1
    # What is told from the first is what is not level with it, and in words too.
    assert [m for m in names if not ladder.ahead(runs, "hvg", m, "avg_bio")] == sorted(level, key=names.index)


def test_names_from_data_are_escaped():
    assert "<script>" not in tables.facts([("a", "<script>x</script>")]).data


def test_intervals_over_batches_get_a_column_where_there_are_any():
    frame = pd.DataFrame(
        [("native", "asw_label", 0.5, 0.4, 0.6)], columns=["space", "metric", "value", "ci_low", "ci_high"]
    )
    none = tables.scores(frame, {}, pd.DataFrame(columns=["space", "metric", "ci_low", "ci_high"]), 60).data
    assert "takes five of them" in none
    assert "over batches" not in none
    some = tables.scores(frame, {}, frame.assign(ci_low=0.1, ci_high=0.9), 60).data
    assert "[0.10, 0.90]" in some


def test_why_there_is_no_batch_score_is_what_the_run_says(tmp_path):
    _write(tmp_path, "hvg", 0.5, np.random.default_rng(0).normal(0, 0.05, 50))
    runs = comparison.Comparison(tmp_path, "toy", ("hvg",), (0,))
    folder = runs.runs_of("hvg")[0].folder
    scores = pd.read_parquet(folder / "scores.parquet")
    store.write_table(folder / "scores.parquet", scores[scores["metric"] != "avg_batch"])
    why = "Batch ASW is part of it: each type lies in a batch of its own"
    store.write_json(folder / "scored.json", {"skipped": {"avg_batch": why}})
    said = report.batches(comparison.Comparison(tmp_path, "toy", ("hvg",), (0,))).data
    assert said == f"No average batch score here: {why}."


def test_a_lead_that_never_varies_is_no_lead(tmp_path):
    for method, value in (("hvg", 0.5), ("scvi", 0.6)):
        _write(tmp_path, method, value, np.zeros(200))
    runs = comparison.Comparison(tmp_path, "toy", ("hvg", "scvi"), (0,))
    assert not runs.beats("scvi", "hvg", "avg_bio")
    assert runs.leaders("avg_bio") == ["scvi", "hvg"]
    assert number(runs.value("scvi", "avg_bio")) == "0.60"
    assert "nan" not in tables.ranking(runs, "avg_bio").data
