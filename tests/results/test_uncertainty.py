"""How sure an order is, from scores whose order is known."""

import numpy as np
import pandas as pd
import pytest

from zslib import tables
from zslib.core import store
from zslib.results import Run, comparison, report, stages, uncertainty

NAMES = ("hvg", "hvg-pca", "harmony", "scvi", "random")


def write(results, dataset, values, noise, better="higher"):
    """One metric of several methods with their replicates."""
    for method, value in values.items():
        run = Run(results, dataset, method, 0)
        stages.save(run, np.ones((4, 2)), {"status": "ok", "n_cells": 4})
        row = {
            "dataset": dataset,
            "method": method,
            "seed": 0,
            "space": "native",
            "metric": "avg_bio",
            "value": value,
        }
        store.write_table(run.folder / "scores.parquet", pd.DataFrame([row]).assign(better=better))
        store.write_table(
            run.folder / "replicates.parquet", pd.DataFrame({"native/avg_bio": value + noise[method]})
        )
        store.write_table(run.folder / "discovery.parquet", pd.DataFrame(columns=["label", "metric"]))
    return comparison.Comparison(results, dataset, NAMES, (0,))


@pytest.fixture
def noise():
    rng = np.random.default_rng(0)
    found = {m: rng.normal(0, 0.01, 500) for m in NAMES}
    return {m: values - values.mean() for m, values in found.items()}


VALUES = {"hvg": 0.5, "hvg-pca": 0.7, "harmony": 0.7, "scvi": 0.9, "random": 0.1}


def test_a_clear_order_is_sure_and_a_tie_is_not(tmp_path, noise):
    runs = write(tmp_path, "toy", VALUES, noise)
    table = uncertainty.ranking(runs, "avg_bio", runs.rivals).set_index("method")
    assert table.index[0] == "scvi"
    assert "random" not in table.index
    assert table.loc["hvg", ["rank_low", "rank_high"]].tolist() == [4, 4]
    assert table.loc["harmony", ["rank", "rank_low", "rank_high"]].tolist() == [2.5, 2, 3]
    row = table.loc["hvg"]
    assert row.behind == pytest.approx(0.4)
    assert 0.35 < row.all_low < 0.4 < row.all_high < 0.45
    found = uncertainty.stability(runs, "avg_bio", ["hvg", "scvi", "harmony"])
    assert (found.tau, found.same) == (1, 1)


def test_equal_methods_are_not_told_apart(tmp_path, noise):
    runs = write(tmp_path, "toy", dict.fromkeys(VALUES, 0.5) | {"hvg": 0.501}, noise)
    table = uncertainty.ranking(runs, "avg_bio", runs.rivals)
    assert (table["all_low"] <= 0).all()
    assert uncertainty.stability(runs, "avg_bio", runs.rivals).same < 0.3


def test_where_lower_is_better_the_lowest_is_first(tmp_path, noise):
    runs = write(tmp_path, "toy", VALUES, noise, better="lower")
    table = uncertainty.ranking(runs, "avg_bio", runs.rivals)
    assert table["method"].iloc[0] == "hvg"
    assert table["value"].iloc[0] == 0.5
    assert table["behind"].iloc[-1] == pytest.approx(0.4)


def test_datasets_that_disagree_rank_nothing(tmp_path, noise):
    orders = ([0.5, 0.6, 0.7, 0.8], [0.8, 0.7, 0.6, 0.5], [0.6, 0.5, 0.8, 0.7])
    runs = [
        write(tmp_path, f"toy{i}", dict(zip(NAMES, [*values, 0.1], strict=True)), noise)
        for i, values in enumerate(orders)
    ]
    names, found = uncertainty.over_datasets(runs, "avg_bio")
    assert names == list(NAMES[:4])
    assert not found.separates
    assert uncertainty.agreement(runs, "avg_bio", names)["toy0", "toy1"] == -1
    said = report.over_datasets(runs, "avg_bio").data
    assert "They do not tell any two methods apart" in said
    assert "agree with a Kendall's τ of −1.00 to " in said


def test_datasets_that_agree_tell_the_ends_apart_and_say_which(tmp_path, noise):
    runs = [write(tmp_path, f"toy{i}", VALUES | {"harmony": 0.8}, noise) for i in range(3)]
    assert "They tell scVI from HVG, and no other pair" in report.over_datasets(runs, "avg_bio").data


def test_a_method_that_did_not_run_everywhere_is_left_out(tmp_path, noise):
    first = write(tmp_path, "toy0", VALUES, noise)
    second = write(tmp_path, "toy1", {m: v for m, v in VALUES.items() if m != "harmony"}, noise)
    store.write_json(
        Run(tmp_path, "toy1", "harmony", 0).folder / "run.json",
        {"status": "not applicable", "reason": "x"},
    )
    assert "harmony" not in uncertainty.over_datasets([first, second], "avg_bio")[0]
    names, found = uncertainty.over_datasets([first], "avg_bio")
    assert found is None
    assert "takes two datasets" in report.over_datasets([first], "avg_bio").data
    assert "4 methods" in report.over_datasets([first], "avg_bio").data
    assert names == ["hvg", "hvg-pca", "harmony", "scvi"]


def test_the_page_says_how_sure_the_order_is_and_what_cannot_be_resampled(tmp_path, noise):
    runs = write(tmp_path, "toy", VALUES, noise)
    said = report.stability(runs, "avg_bio", 2).data
    assert "scVI is first, and these cells tell it apart from all others." in said
    assert "%" not in said.partition("The whole order")[0]
    assert "it takes 5, and there are 2" in said
    assert "another draw of cells, embedded anew" in said
    assert "first" not in report.stability(runs, "avg_bio", 2, confounded=True).data
    assert "not of the 7 batches" in report.stability(runs, "avg_bio", 7).data
    assert "first" in tables.ranking(runs, "avg_bio").data


def test_without_methods_there_is_no_order(tmp_path):
    runs = comparison.Comparison(tmp_path, "toy", (), (0,))
    assert uncertainty.ranking(runs, "avg_bio", []).empty
    assert uncertainty.stability(runs, "avg_bio", []) is None
    assert "no order" in report.stability(runs, "avg_bio", 1).data
    assert "no method but" in tables.ranking(runs, "avg_bio").data
