"""The results explorer: its script ranks as Python does, on the same resamples."""

import base64
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from shown_in_browser import in_browser

from zslib import metrics
from zslib.core import stats, store
from zslib.core.stats import ranks
from zslib.results import Run, comparison, ladder, stages
from zslib.studies.record import evidence
from zslib.studies.record.explorer import published
from zslib.studies.record.source import TASKS
from zslib.tables import explorer

SCRIPT = Path(__file__).parents[2] / "book" / "_static" / "explorer.js"
METHODS = ("hvg", "hvg-pca", "scvi", "harmony", "random", "unintegrated", "labels", *ladder.HALVES)
VALUES = dict(zip(METHODS, (0.55, 0.62, 0.625, 0.40, 0.10, 0.50, 0.95, 0.530, 0.534), strict=True))


def computed(call, **data):
    """What the script says, run without a page."""
    if not (node := shutil.which("node")):
        pytest.skip("there is no node to run the script with")
    code = f"require({json.dumps(str(SCRIPT))}); const d = JSON.parse(require('fs').readFileSync(0)); "
    code += f"console.log(JSON.stringify({call}))"
    asked = subprocess.run(
        [node, "-e", code], input=json.dumps(data), capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(asked.stdout)


@pytest.fixture
def runs(tmp_path):
    """Two datasets; on the second Harmony did not run, and batches have no score."""
    rng, found = np.random.default_rng(0), []
    for dataset in ("one", "two"):
        shared = rng.normal(0, 0.05, 300)
        for method, value in VALUES.items():
            run = Run(tmp_path, dataset, method, 0)
            if (dataset, method) == ("two", "harmony"):
                store.write_json(run.folder / "run.json", {"status": "not applicable", "reason": "one batch"})
                continue
            stages.save(run, np.ones((4, 2)), {"status": "ok", "n_cells": 4})
            rows, replicates = [], {}
            for metric in ("avg_bio", "knn_purity", "batch_probe")[: 3 if dataset == "one" else 2]:
                score = value + rng.normal(0, 0.02) if metric == "knn_purity" else value
                again = score + shared + rng.normal(0, 0.008, 300)
                for space in comparison.SPACES:
                    rows.append((dataset, method, 0, space, metric, score, 4, metrics.CARDS[metric].better))
                    replicates[f"{space}/{metric}"] = again
            columns = ["dataset", "method", "seed", "space", "metric", "value", "n_cells", "better"]
            store.write_table(run.folder / "scores.parquet", pd.DataFrame(rows, columns=columns))
            store.write_table(run.folder / "replicates.parquet", pd.DataFrame(replicates))
        found.append(comparison.Comparison(tmp_path, dataset, METHODS, (0,)))
    return found


def decoded(build):
    """Values, and resamples as the script gets them, by dataset: {method: {metric: (value, draws)}}."""
    tables = {}
    for one in (s for s in build["sets"] if s["space"] == "native"):
        draws = np.frombuffer(base64.b64decode(one["draws"]), np.int8).reshape(-1, build["n_kept"])
        table, left = tables.setdefault(one["dataset"], {}), iter(draws)
        for method, values, steps in zip(build["methods"], one["values"], one["steps"], strict=True):
            table[method["name"]] = {
                metric["name"]: (value, value + step * next(left).astype(float))
                for metric, value, step in zip(build["metrics"], values, steps, strict=True)
                if value is not None
            }
        assert next(left, None) is None
    return tables


def test_resamples_survive_being_stored(runs):
    build = explorer.of_build(runs)
    for run in runs:
        for method in run.ran:
            for metric, (value, draws) in decoded(build)[run.dataset][method].items():
                entry, again = run.value(method, metric), run.replicates[method][f"native/{metric}"]
                turned = (lambda x: 1 - x) if metric == "batch_probe" else (lambda x: x)
                assert value == pytest.approx(turned(entry.value), abs=1e-6)
                np.testing.assert_allclose(draws, turned(again), atol=0.002)


@pytest.mark.parametrize(
    ("weights", "datasets"),
    [
        ({"avg_bio": 1}, ["one"]),
        ({"avg_bio": 0.7, "knn_purity": 0.3}, ["one", "two"]),
        ({"avg_bio": 0.5, "batch_probe": 0.5}, ["one", "two"]),
    ],
)
def test_the_script_ranks_as_python_does(runs, weights, datasets):
    build = explorer.of_build(runs)
    asked = {"datasets": datasets, "space": "native", "weights": weights}
    said = computed("zsExplorer.rank(d.build, d.asked)", build=build, asked=asked)
    tables = decoded(build)

    def pooled(method, part):
        """The mean over datasets of the weighted mean of the metrics that a dataset has."""
        per_set = []
        for dataset in datasets:
            own = {m: w for m, w in weights.items() if m in tables[dataset]["hvg"]}
            found = tables[dataset][method]
            per_set.append(sum(w * found[m][part] for m, w in own.items()) / sum(own.values()))
        return np.mean(per_set, axis=0)

    names = [m for m in ("hvg", "hvg-pca", "scvi", "harmony") if all(tables[d][m] for d in datasets)]
    values = np.array([pooled(m, 0) for m in names])
    draws = np.stack([pooled(m, 1) for m in names], axis=1)
    order = np.argsort(-values)
    assert [row["name"] for row in said["rows"]] == [names[i] for i in order]
    first, low, high = stats.behind_best(draws, values)
    least = abs(pooled("split-half-a", 0) - pooled("split-half-b", 0))
    rank_ends, ends = stats.interval(ranks.ranks(draws)), stats.interval(draws)
    for row, i in zip(said["rows"], order, strict=True):
        expected = [values[i], ends[0][i], ends[1][i], rank_ends[0][i], rank_ends[1][i], low[i], high[i]]
        behind = row["behind"]
        got = [
            row["value"],
            row["low"],
            row["high"],
            row["rankLow"],
            row["rankHigh"],
            behind["low"],
            behind["high"],
        ]
        np.testing.assert_allclose(got, expected, atol=1e-9)
        leads = i == first or not low[i] > comparison.ROUNDING or values[first] - values[i] <= least
        assert row["leads"] == leads
    if "batch_probe" not in weights:  # there the resamples of the two scores go opposite ways
        assert not said["rows"][-1]["leads"]
    assert [m["name"] for m in said["unranked"]] == ([] if datasets == ["one"] else ["harmony"])
    assert {m["name"] for m in said["controls"]} == set(explorer.ENDS)


def test_the_script_leads_by_one_metric_with_those_that_get_a_star(runs):
    build = explorer.of_build(runs)
    assert build["n_kept"] == 300  # all of them fit
    asked = {"datasets": ["one"], "space": "native", "weights": {"avg_bio": 1}}
    said = computed("zsExplorer.rank(d.build, d.asked)", build=build, asked=asked)
    assert said["unfit"] == []
    leaders = ladder.leaders(runs[0], "avg_bio")
    assert {row["name"] for row in said["rows"] if row["leads"]} == set(leaders) == {"hvg-pca", "scvi"}


def test_a_metric_that_fails_its_controls_says_why(runs):
    build = explorer.of_build(runs)
    asked = {"datasets": ["one"], "space": "native", "weights": {"batch_probe": 1}}
    said = computed("zsExplorer.rank(d.build, d.asked)", build=build, asked=asked)
    assert [one["why"] for one in said["unfit"]] == [ladder.unfit(runs[0], "batch_probe")]


def test_nothing_can_be_ranked_without_weights(runs):
    asked = {"datasets": ["one"], "space": "native", "weights": {}}
    assert (
        computed("zsExplorer.rank(d.build, d.asked)", build=explorer.of_build(runs), asked=asked)["rows"]
        == []
    )


@pytest.mark.parametrize("task", [0, 1, 2])
def test_the_script_gives_the_verdicts_of_the_record(task):
    data, compared = published(), 0
    keys = list(TASKS)
    for against in ("PCA", "scVI", "Harmony"):
        asked = {"against": against, "weights": {str(task): 1}, "seen": True}
        for row in computed("zsExplorer.compare(d.record, d.asked)", record=data, asked=asked):
            if row["name"] in ("floor", "ceiling"):
                continue
            expected = evidence.verdict(row["name"], against, keys[task])
            assert (row["word"], row["ahead"], row["nRows"], row["nSources"]) == (
                expected.word, expected.ahead, expected.n_rows, expected.n_sources,
            )  # fmt: skip
            assert row["gap"] == pytest.approx(expected.difference, abs=1e-5)
            if expected.n_rows > 1:
                np.testing.assert_allclose(row["interval"], expected.interval, rtol=0.01, atol=1e-3)
                np.testing.assert_allclose(row["apart"], expected.apart, rtol=0.01, atol=1e-3)
            compared += 1
    assert compared > 20


def test_the_data_fit_a_page(runs):
    """Where resamples of both spaces do not, the reduced space is left out, and then resamples."""
    small = explorer.of_build(runs, largest=11_500)
    assert {one["space"] for one in small["sets"]} == {"native"}
    assert len(json.dumps(small, separators=(",", ":"))) < 11_500
    assert 60 < small["n_kept"] < small["n_boot"]
    html = explorer.page(build=small, record={"names": ["</script>"]}).data
    assert html.count("</script>") == 1
    assert explorer.WITHOUT in html


LOOK = """
    const rows = [...document.querySelectorAll("#zs-explorer tbody tr")].map((row) => row.textContent.trim());
    const said = document.querySelector(".zs-finding").textContent;
"""


def test_the_page_shows_what_its_address_says(runs, tmp_path):
    html = explorer.page(build=explorer.of_build(runs), record=published()).data
    script = (
        LOOK
        + "return [said, rows.map((row) => row.split(/[0-9]/)[0]), rows.map((row) => row.includes('★'))];"
    )
    hash = "#from=build&on=one&space=native&w=avg_bio:1"
    said, names, stars = in_browser(html, script, tmp_path, hash=hash)
    assert said == "scVI has the highest score by AvgBIO on one, 0.63; not told from it: HVG → PCA."
    assert names == ["scVI", "HVG → PCA", "HVG", "Harmony", "random", "unintegrated", "labels (cheating)"]
    assert stars == [True, True, *[False] * 5]


def test_a_choice_is_kept_in_the_address(runs, tmp_path):
    html = explorer.page(build=explorer.of_build(runs), record=published()).data
    script = """
        const change = (selector, set) => {
            const field = document.querySelector(selector);
            set(field);
            field.dispatchEvent(new Event("input", { bubbles: true }));
        };
        change("input[name=on][value=two]", (field) => (field.checked = false));
        change("input[data-key=knn_purity]", (field) => (field.value = 2));
        const first = location.hash;
        change("select[name=from]", (field) => (field.value = "record"));
        change("select[name=against]", (field) => (field.value = "scVI"));
        return [first, location.hash, document.querySelector(".zs-finding").textContent];
    """
    first, second, said = in_browser(html, script, tmp_path, hash="#from=build")
    assert first == "#from=build&on=one&space=native&w=avg_bio:1,knn_purity:2"
    assert second == "#from=record&against=scVI&tasks=0:1&seen=yes"
    assert "Geneformer" in said.partition("behind: ")[2]


def test_the_record_comes_first_and_says_what_is_mostly_so(runs, tmp_path):
    html = explorer.page(build=explorer.of_build(runs), record=published()).data
    said, rows = in_browser(html, LOOK + "return [said, rows];", tmp_path)
    assert said == (
        "None of 12 models is clearly ahead of PCA or behind it; mostly ahead: scCello†; mostly behind: Geneformer and GeneCompass."
    )
    assert [row.split("−")[0].split("+")[0] for row in rows if "own" in row] == [
        "sources' own ceilingcontrol",
        "sources' own floorcontrol",
    ]
    assert [row for row in rows if row.startswith("Nichefor") and "scores too far apart" in row]
    assert [row for row in rows if row.startswith("SCimilarity†")]
    assert not [row for row in rows if row.startswith("scGPT†")]
