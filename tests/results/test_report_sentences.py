"""Every sentence of a dataset's page and of the front page, from scores in which the opposite is true as well."""

import dataclasses
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from toy_tables import SCORES

from zslib.core import store
from zslib.plots.captions import best, highest
from zslib.results import Run, comparison, report, stages
from zslib.results.report import words
from zslib.workflow.grid import Grid

METRICS = ("avg_bio", "asw_label", "avg_batch")
MINI, OTHER = "geneformer-mini-kang", "scgpt-mini-kang"


def made(results, values: Mapping, datasets=("baron",), *, about=None, metrics=METRICS, **more):
    """A grid in which each method has one score by every metric, or one by metric or by metric and space."""
    listed = list(values) + list(more.pop("absent", ()))
    for dataset in datasets:
        for method in set(listed) - set(values):
            outcome = {"status": "not applicable", "reason": "x"}
            store.write_json(Run(results, dataset, method, 0).folder / "run.json", outcome)
        for place, (method, value) in enumerate(values.items()):
            noise = np.random.default_rng(0).normal(0, 0.01, 300)
            noise = noise + np.random.default_rng(1 + place).normal(0, 0.002, 300)
            run, rows, replicates = Run(results, dataset, method, 0), [], {}
            stages.save(
                run,
                np.ones((4, 2)),
                {"status": "ok", "n_cells": 4, "parameters": {}} | (about or {}).get(method, {}),
            )
            for space in ("native", "pca50"):
                for metric in metrics:
                    v = (
                        value
                        if not isinstance(value, dict)
                        else value.get((metric, space), value.get(metric, 0.5))
                    )
                    rows.append((dataset, method, 0, space, metric, v, v, v, 4, "higher"))
                    replicates[f"{space}/{metric}"] = v + noise
            store.write_table(run.folder / "scores.parquet", pd.DataFrame(rows, columns=SCORES))
            store.write_table(run.folder / "replicates.parquet", pd.DataFrame(replicates))
    grid = Grid("tiny", str(results), {d: d for d in datasets}, {m: m for m in listed}, [0], 4, 300, **more)
    return grid, [comparison.load_grid(grid, dataset) for dataset in datasets]


@pytest.mark.parametrize(("scvi", "first", "second"), [(0.8, "scVI", "HVG"), (0.4, "HVG", "scVI")])
def test_the_best_is_the_one_with_the_larger_score(tmp_path, scvi, first, second):
    _, (run,) = made(tmp_path, {"hvg": 0.6, "scvi": scvi, "random": 0.1, "labels": 0.9})
    for said in (report.biology(run).data, report.batches(run).data):
        assert f"**{first}** has the highest" in said
        assert f"**{second}**" not in said
    assert "random numbers reach 0.10 and the labels themselves reach 0.90" in report.biology(run).data
    assert "score 0.10" in report.batches(run).data


@pytest.mark.parametrize(
    ("values", "best", "frozen"),
    [
        (
            {"hvg": 0.6, "scvi": 0.7},
            "scVI has the highest AvgBIO (cell types apart), 0.70 [0.68, 0.72], with no other method level with it",
            "no published foundation model ran here.** `zslib weights list` says which can be had.",
        ),
        (
            {"hvg": 0.6, "scvi": 0.6001, "scgpt-human": 0.8},
            "scGPT, whole human has the highest AvgBIO (cell types apart), 0.80 [0.78, 0.82], with no other method level with it",
            "frozen, scGPT, whole human is above every baseline.**",
        ),
        (
            {"hvg": 0.6, "scvi": 0.7, "scgpt-human": 0.65},
            "scVI has the highest AvgBIO (cell types apart), 0.70 [0.68, 0.72], with no other method level with it",
            "frozen, scGPT, whole human is below one baseline or more.**",
        ),
        (
            {"hvg": 0.6, "scgpt-human": 0.6001, "geneformer-v1-10m": 0.4},
            "scGPT, whole human has the highest AvgBIO (cell types apart), 0.60 [0.58, 0.62], with HVG level with it",
            "frozen, Geneformer V1, 10M is below one baseline or more and scGPT, whole human is not told apart from the best "
            "baselines.**",
        ),
        (
            {"scgpt-human": 0.6},
            "scGPT, whole human has the highest AvgBIO (cell types apart), 0.60 [0.58, 0.62]",
            "frozen, scGPT, whole human is not told apart from the best baselines.**",
        ),
    ],
)
def test_a_page_opens_with_its_finding_in_one_sentence(tmp_path, values, best, frozen):
    _, (run,) = made(tmp_path, values)
    assert report.opening(run).data == f"**On 4 cells of baron, {best}; {frozen}"


@pytest.mark.parametrize(
    ("values", "confounded", "why"),
    [
        ({"scgpt-human": 0.7, "hvg": 0.5}, True, "no type is in two batches"),
        ({"random": 0.7}, False, "only controls ran"),
        (
            {"hvg": 0.7, "random": 0.9, "unintegrated": 0.5},
            False,
            "AvgBIO fails its controls (random scores better than unintegrated, by 0.40)",
        ),
    ],
)
def test_a_page_on_which_nobody_is_best_opens_with_the_reason(tmp_path, values, confounded, why):
    _, (run,) = made(tmp_path, values)
    said = report.opening(run, confounded=confounded).data
    assert said == f"**On 4 cells of baron, no method is called best at keeping cell types apart, as {why}.**"


def test_a_page_on_which_nothing_ran_opens_with_that(tmp_path):
    _, (run,) = made(tmp_path, {}, absent=["hvg"])
    assert report.opening(run).data == "**No method ran on baron.**"


def test_a_tie_is_said_and_a_lead_is_not_called_one(tmp_path):
    _, (tied,) = made(tmp_path / "a", {"hvg": 0.6, "scvi": 0.6001})
    assert "; HVG is level with it" in report.biology(tied).data
    _, (led,) = made(tmp_path / "b", {"hvg": 0.6, "scvi": 0.7})
    assert "HVG is level" not in report.biology(led).data


@pytest.mark.parametrize(("moved", "word"), [(0.7, "moves by +0.20"), (0.3, "moves by −0.20"), (0.502, None)])
def test_the_method_that_its_projection_moves_most_is_named_with_its_sign(tmp_path, moved, word):
    moving = {("asw_label", "native"): 0.5, ("asw_label", "pca50"): moved}
    _, (run,) = made(tmp_path, {"hvg": {"avg_bio": 0.6}, "scvi": {"avg_bio": 0.7} | moving})
    said = report.biology(run).data
    assert (f"scVI's label ASW {word}" in said) if word else ("moves by" not in said)


def test_small_models_are_counted_above_below_and_level(tmp_path):
    twins = {f"{MINI}-untrained": 0.5, f"{OTHER}-untrained": 0.5}
    for value, word in ((0.7, "above it"), (0.3, "below it"), (0.5, "level with it")):
        _, (run,) = made(tmp_path / word, {MINI: value, OTHER: 0.7} | twins)
        said = report.small_models(run).data
        assert "2 small models have an untrained twin" in said
        names = "scGPT mini (kang) and Geneformer mini (kang)", "Geneformer mini (kang) and scGPT mini (kang)"
        if value == 0.7:
            assert any(f"2 are above it ({both})" in said for both in names)
        else:
            assert f"1 is {word} (Geneformer mini (kang))" in said
            assert "1 is above it (scGPT mini (kang))" in said
        (line,) = [row for row in report.gains([run], family="small").data.splitlines() if "**Gen" in row]
        assert {
            0.7: "is above *Geneformer mini (kang), untrained* on baron (+0.20",
            0.3: "is below *Geneformer mini (kang), untrained* on baron (−0.20",
            0.5: "is level with *Geneformer mini (kang), untrained* on baron",
        }[value] in line


def test_a_method_that_did_not_run_is_compared_with_nothing(tmp_path):
    _, runs = made(tmp_path, {"hvg": 0.6})
    assert "scVI or HVG did not run in this build." in report.against(runs, "scvi", "hvg", "avg_bio").data


# The front page


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"hvg": 0.5, "hvg-pca": 0.4, "scvi": 0.6}, "1 of 2 on baron keep"),
        (
            {"hvg": 0.7, "hvg-pca": 0.4, "scvi": 0.6},
            "0 of 2 on baron (1 of 1 in the 50 leading components) keep",
        ),
        (
            {"hvg": 0.5, "scgpt-human": 0.4},
            "**scGPT, whole human** beats HVG on 0 of 1 datasets and every baseline on 0",
        ),
        (
            {"hvg": 0.5, "scvi": 0.7, "scgpt-human": 0.6},
            "beats HVG on 1 of 1 datasets and every baseline on 0",
        ),
        (
            {"hvg": 0.5, "scvi": 0.55, "scgpt-human": 0.6},
            "beats HVG on 1 of 1 datasets and every baseline on 1",
        ),
        (
            {"hvg": 0.5, "scgpt-human": 0.6, "geneformer-v1-10m": 0.6},
            "each beat HVG on 1 of 1 datasets and every baseline on 1",
        ),
    ],
)
def test_the_verdict_counts_who_beats_whom(tmp_path, values, word):
    grid, runs = made(tmp_path, values)
    said = report.measured(grid, runs).data
    assert word in said
    assert ("had not been fetched" in said) == ("scgpt-human" not in values)
    assert ("not in this build" in said) == ("scgpt-human" in values and "geneformer-v1-10m" not in values)


def test_who_ran_is_listed_by_kind_and_who_did_not_is_named(tmp_path):
    values = {"hvg": 0.5, MINI: 0.4, f"{MINI}-untrained": 0.3, "random": 0.1}
    grid, runs = made(tmp_path / "a", values, absent=["scvi"])
    said = report.models(grid, runs).data
    assert "- Baselines: HVG." in said
    assert "foundation models: none in this build." in said
    assert "no competitors either: 2, each" in said
    assert "Not available in this build: scGPT and Geneformer." in said
    assert "without a result on any dataset: scVI." in said
    grid, runs = made(tmp_path / "b", {"scgpt-human": 0.5, "geneformer-v1-10m": 0.5})
    said = report.models(grid, runs).data
    assert "- Baselines: none." in said
    assert "which are no competitors: none." in said
    for absent in ("Not available", "without a result", "Small models", "none in this build"):
        assert absent not in said


def test_the_cautions_follow_from_the_cards_of_methods_and_datasets(tmp_path):
    grid, runs = made(tmp_path / "a", {"hvg-pca": 0.5, "scvi": 0.6}, ("kang", "baron"))
    said = report.trust(grid, runs).data
    assert "Fitted to the very cells they embed: HVG → PCA and scVI. Told the batches: scVI." in said
    assert "On kang the batch is also an experiment's condition" in said
    assert "On baron the batch" not in said
    assert "not independent" not in said
    assert "Failed runs: none." in said
    assert "2 datasets are too few" in said
    grid, runs = made(tmp_path / "b", {"scgpt-human": 0.5}, ("kang", "pbmc-studies"))
    said = report.trust(grid, runs).data
    assert "Fitted to the very cells" not in said
    assert "kang shares cells with pbmc-studies: the two are not independent." in said
    assert "1 dataset is too few" in report.trust(grid, runs[:1]).data


def test_who_met_the_cells_in_pre_training_follows_from_the_ledger(tmp_path):
    grid, runs = made(tmp_path, {"geneformer-v1-10m": 0.5, "scvi": 0.6}, ("baron", "kang"))
    said = report.trust(grid, runs).data
    assert "Met some of these cells in pre-training: Geneformer V1, 10M (baron)." in said
    assert "Not known to have met them or not: Geneformer V1, 10M (kang)." in said
    grid, runs = made(tmp_path / "b", {"scvi": 0.6})
    assert "pre-training" not in report.trust(grid, runs).data


def test_where_labels_come_from_follows_from_the_cards(tmp_path):
    grid, runs = made(tmp_path / "a", {"hvg": 0.5}, ("baron",))
    assert "made by clustering the RNA itself on baron." in report.trust(grid, runs).data
    assert "before sequencing" not in report.trust(grid, runs).data
    grid, runs = made(tmp_path / "b", {"hvg": 0.5}, ("li",))
    assert "The labels are known before sequencing on li." in report.trust(grid, runs).data


def test_a_failed_run_and_a_training_that_was_cut_off_are_named(tmp_path):
    def training(*losses):
        return {"scvi": {"parameters": {"max_epochs": 5}, "training": {"held_out": list(losses)}}}

    for losses, unfinished in (((5, 4, 3, 2, 1), True), ((1, 2, 3, 4, 5), False), ((5, 4, 3, 2), False)):
        folder = tmp_path / f"{len(losses)}{losses[0]}"
        grid, runs = made(folder, {"scvi": 0.6}, about=training(*losses), absent=["hvg"])
        store.write_json(
            Run(folder, "baron", "hvg", 0).folder / "run.json", {"status": "failed", "reason": "x"}
        )
        said = report.trust(grid, runs).data
        assert "Failed runs: HVG on baron." in said
        assert ("scVI was stopped after 5 epochs on baron" in said) == unfinished


# Words


@pytest.mark.parametrize(
    ("value", "ends", "text"), [(0.5, (0.4, 0.6), "0.50 [0.40, 0.60]"), (0.5, (np.nan, np.nan), "0.50")]
)
def test_a_number_has_its_interval_where_there_is_one(value, ends, text):
    assert words.number(pd.Series({"value": value, "ci_low": ends[0], "ci_high": ends[1]})) == text


def test_a_difference_shows_on_which_side_of_zero_it_lies():
    numbers = (0.123, -0.123, 0.004, -0.0004, 0.0)
    assert list(map(words.signed, numbers)) == ["+0.12", "−0.12", "+0.004", "0.00", "0.00"]
    assert words.difference(0.02, (-0.004, 0.05)) == "+0.02 [−0.004, +0.05]"


def test_parameters_are_said_by_their_own_names_and_what_is_empty_is_left_out():
    given = {"seed": 0, "genes": [2, 3], "settings": {"epochs": 5}, "none": None, "no": {}}
    assert words.parameters(given) == "seed = 0, genes = 2 and 3, epochs = 5"
    assert words.parameters({"no": {}}) == "the method's defaults"


def test_words_are_joined_and_negative_numbers_have_a_minus():
    assert [words.join(list(some)) for some in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]
    assert words.minus("-0.1 [-0.2], pbmc-3k, `x -1`, 3-4") == "−0.1 [−0.2], pbmc-3k, `x -1`, 3-4"


def test_the_best_of_several_datasets_is_named_with_each(tmp_path):
    _, (baron,) = made(tmp_path / "a", {"hvg": 0.5, "scvi": 0.6})
    _, (kang,) = made(tmp_path / "b", {"hvg": 0.7, "scvi": 0.6}, ("kang",))
    said = words.best_on([baron, kang], "avg_bio")
    assert "**scVI** on baron (0.60" in said
    assert "**HVG** on kang (0.70" in said
    assert words.best_on([made(tmp_path / "c", {"random": 0.5})[1][0]], "avg_bio") == ""


def test_the_page_of_a_run_opens_with_what_it_reaches(tmp_path):
    made(tmp_path, {"hvg": {"avg_bio": 0.6, ("avg_bio", "pca50"): 0.7, "avg_batch": 0.2}, "scvi": 0.4})
    scores = Run(tmp_path, "baron", "hvg", 0).scores
    assert report.reached("hvg", scores, 2000).data == (
        "**On 4 cells of baron, HVG reaches 0.60 [0.60, 0.60] in AvgBIO (cell types apart) and 0.20 [0.20, 0.20] in Average "
        "batch score (batches mixed); in its 50 leading components 0.70 [0.70, 0.70] and 0.20 [0.20, 0.20].**"
    )
    alone = scores[(scores["metric"] == "avg_bio") & (scores["space"] == "native")]
    assert report.reached("hvg", alone, 2000).data.endswith("in AvgBIO (cell types apart).**")
    assert "components" not in report.reached("hvg", scores, 50).data
    assert report.reached("hvg", scores[scores["metric"] == "asw_label"], 2000) is None


def test_the_caption_of_a_figure_of_some_methods_speaks_of_these(tmp_path):
    _, (run,) = made(tmp_path, {"hvg": 0.6, "scvi": 0.8, "random": 0.1, "labels": 0.9})
    assert (
        highest(run, ["hvg", "random"], "avg_bio")
        == "Of the methods drawn, HVG has the highest AvgBIO (0.60)."
    )
    assert best(run, "avg_bio").startswith("scVI is best in AvgBIO (0.80)")
    assert (
        highest(run, ["hvg", "labels"], "avg_bio")
        == "Of the methods drawn but the controls, HVG has the highest AvgBIO (0.60)."
    )
    assert best(run, "graph_connectivity") == "Graph connectivity is not defined here."
    controls = dataclasses.replace(run, methods=("random", "labels"))
    assert best(controls, "avg_bio") == "AvgBIO goes from 0.10 (random) to 0.90 (labels (cheating))."
