"""Profiles, what the command line puts in their place, and the grid itself from end to end."""

import json
import re

import pytest
import yaml
from tiny_grid import read_scores, run_grid, write_profile

from zslib import methods
from zslib.core.errors import DataError
from zslib.results import Run
from zslib.workflow import grid, progress


@pytest.mark.parametrize("name", grid.profiles())
def test_every_profile_loads(name):
    found = grid.load(name)
    assert set(found.methods) <= set(methods.names())
    assert found.results == ("results" if name == "default" else f"results-{name}")


def test_the_command_line_takes_the_profiles_place(toy_path):
    found = grid.load(
        "smoke", datasets=grid.names([toy_path]), methods=grid.names(["hvg,random"]), seeds=[3, 4]
    )
    assert found.datasets == {"toy-cells": toy_path}
    assert list(found.methods) == ["hvg", "random"]
    assert found.seeds == [3, 4]
    assert found.n_cells == 400


def test_some_methods_take_more_seeds(tmp_path):
    path = tmp_path / "p.yaml"
    content = yaml.safe_load((grid.PROFILES / "smoke.yaml").read_text())
    path.write_text(yaml.safe_dump(content | {"seeds": [0], "more_seeds": {"scgpt-random": [0, 1, 2]}}))
    found = grid.load(str(path))
    assert found.seeds_of("scgpt-random") == [0, 1, 2]
    assert found.seeds_of("hvg") == [0]
    runs = [seed for dataset, method, seed in found.runs if method == "scgpt-random"]
    assert runs == [0, 1, 2] * len(found.datasets)
    # Seeds from the command line are all there are.
    assert grid.load(str(path), seeds=[4]).seeds_of("scgpt-random") == [4]
    path.write_text(yaml.safe_dump(content | {"more_seeds": {"scgptrandom": [1]}}))
    with pytest.raises(DataError, match="scgptrandom"):
        grid.load(str(path))


def test_what_does_not_exist_is_named():
    with pytest.raises(DataError, match="smoke"):
        grid.load("no-such-profile")
    with pytest.raises(DataError, match="kang"):
        grid.load("smoke", datasets=["no-such-dataset"])
    with pytest.raises(DataError, match="scvi"):
        grid.load("smoke", methods=["no-such-method"])


def test_a_terminal_shows_steps_and_errors_and_no_chatter():
    said = """Building DAG of jobs...
Job stats:
total        34
[Mon Nov 23 08:03:20 2026]
Finished jobid: 15 (Rule: embed)
26 of 34 steps (76%) done
embed     kang · hvg · 0    5.0 s  embedded
Execute 1 jobs...
error: prepare mine: X holds no raw counts
RuleException:
CalledProcessError in file "Snakefile", line 67:
Command 'set -euo pipefail;  python -m zslib.workflow.ask prepare' returned non-zero exit status 1.
Exiting because a job execution failed. Look above for error messages
WorkflowError:
At least one job did not complete successfully.
ValueError: something broke
"""
    seconds = iter(range(0, 10_000, 20))
    shown = progress.lines(said.splitlines(keepends=True), clock=lambda: next(seconds))
    assert [f"[{now}] {line}" for now, line in shown if line] == [
        "[ 27/34, about 30 s left] embed     kang · hvg · 0    5.0 s  embedded",
        "[ 27/34, about 40 s left] error: prepare mine: X holds no raw counts",
        "[ 27/34, about 1 min left] ValueError: something broke",
    ]


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (progress.Progress(), "  0/?"),
        (progress.Progress(0, 12, 30), "  0/12"),
        (progress.Progress(3, 12, 60), "  3/12, about 3 min left"),
        (progress.Progress(11, 12, 60), " 11/12, about 10 s left"),
        (progress.Progress(1, 101, 120), "  1/101, about 3.3 h left"),
        (progress.Progress(12, 12, 60), " 12/12"),
    ],
)
def test_the_time_left_follows_from_the_steps_that_are_done(now, said):
    assert str(now) == said


def done(said, method):
    """What a run of the grid says that it did for a method."""
    lines = [line for line in said.splitlines() if f"run       toy-cells · {method} · 0" in line]
    return lines[0].split(" s  ")[1] if lines else ""


@pytest.mark.notebook
@pytest.mark.slow
def test_the_grid_from_end_to_end(toy_path, tmp_path):
    project = write_profile(tmp_path, toy_path)
    results = tmp_path / "results"
    said = run_grid(project, results, status=1)
    assert "failed: RuntimeError: no [weights](today.md)" in said

    # What failed is recorded and shown, and the rest went on.
    broken, hollow, labels, killed = (
        Run(results, "toy-cells", m, 0) for m in ("broken", "hollow", "labels", "killed")
    )
    assert broken.about["status"] == "failed"
    assert "no [weights](today.md)" in broken.about["traceback"]
    assert "no [weights](today.md)" in (broken.folder / "page.ipynb").read_text()
    assert "the process died" in killed.about["reason"]
    assert "the process died" in (killed.folder / "page.ipynb").read_text()
    assert hollow.about["status"] == "ok"
    assert hollow.outcome["status"] == "failed"
    assert labels.ok
    scores = read_scores(results)
    assert set(scores["method"]) == {"random", "labels"}
    high = scores.query("method == 'labels' and metric == 'avg_bio'")["value"].min()
    assert high > scores.query("method == 'random' and metric == 'avg_bio'")["value"].max()
    front = (results / "page.ipynb").read_text()
    assert "Broken on toy-cells" in front
    run = labels.about
    for key in ("parameters", "seed", "data_sha256", "device", "seconds", "peak_memory_mb", "versions"):
        assert key in run

    # Pages have titles, folded code, alternative texts, and no marks of their run.
    page = json.loads((labels.folder / "page.ipynb").read_text())
    assert page["cells"][0]["source"][0].startswith("# labels (cheating) on toy-cells")
    assert "papermill" not in page["metadata"]
    code = [c for c in page["cells"] if c["cell_type"] == "code"]
    assert all({"hide-input", "remove-cell", "remove-input"} & set(c["metadata"]["tags"]) for c in code)
    shown = ["".join(o.get("data", {}).get("text/html", "")) for c in code for o in c["outputs"]]
    alts = [re.search('role="img" aria-label="([^"]*)', html)[1] for html in shown if "<svg" in html]
    assert alts
    assert all(len(alt) > 40 for alt in alts)
    assert not any(o["output_type"] == "error" for c in code for o in c["outputs"])

    # A lost table of scores is made again from the embedding; a lost embedding is made again, and is the same as
    # before, so that its scores hold. Where nothing changed nothing runs, and what failed is not tried again by itself.
    (tmp_path / "broken.weights").touch()
    (labels.folder / "scores.parquet").unlink()
    (Run(results, "toy-cells", "random", 0).folder / "embedding.npy").unlink()
    again = run_grid(project, results, status=1)
    assert done(again, "labels") == "scored, drawn"
    assert (labels.folder / "scores.parquet").exists()
    assert done(again, "random") == "embedded, drawn"
    assert not done(again, "broken")
    assert not done(again, "hollow")
    assert "prepare" not in again

    # But when asked to; and one method's new parameters run that method.
    content = yaml.safe_load(project.read_text()) | {"parameters": {"random": {"n_dims": 7}}}
    project.write_text(yaml.safe_dump(content))
    again = run_grid(project, results, "--retry-failed", status=1)
    assert broken.ok
    assert done(again, "broken") == done(again, "random") == "embedded, scored, drawn"
    assert not done(again, "labels")
    assert Run(results, "toy-cells", "random", 0).embedding.shape == (120, 7)
