"""Profiles, what the command line puts in their place, and the grid itself from end to end."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
import yaml

from zslib import methods, store
from zslib.errors import DataError
from zslib.workflow import grid, progress

BROKEN = """
from zslib.methods import MethodCard
CARD = MethodCard(name="broken", title="Broken", family="foundation", summary="s", recipe="r", caveat="c", citation="b")

def embed(adata, *, batch_key, seed, device):
    raise RuntimeError("no weights today")
"""
HOLLOW = (
    BROKEN.replace("broken", "hollow")
    .replace("Broken", "Hollow")
    .replace(
        'raise RuntimeError("no weights today")', "import numpy as np; return np.zeros((adata.n_obs, 3))"
    )
)


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


def test_what_does_not_exist_is_named():
    with pytest.raises(DataError, match="smoke"):
        grid.load("no-such-profile")
    with pytest.raises(DataError, match="kang"):
        grid.load("smoke", datasets=["no-such-dataset"])
    with pytest.raises(DataError, match="scvi"):
        grid.load("smoke", methods=["no-such-method"])


def test_a_terminal_shows_steps_and_errors_and_no_chatter():
    said = """Building DAG of jobs...
[Mon Nov 23 08:03:20 2026]
Finished jobid: 15 (Rule: embed)
26 of 34 steps (76%) done
embed     kang · hvg · 0    5.0 s  embedded
Execute 1 jobs...
ValueError: something broke
"""
    assert list(progress.lines(said.splitlines(keepends=True))) == [
        "[ 26/34] embed     kang · hvg · 0    5.0 s  embedded",
        "[ 26/34] ValueError: something broke",
    ]


@pytest.fixture
def project(tmp_path, toy_path):
    """A small grid: the toy cells, two quick methods, one that raises and one whose embedding is refused."""
    for name, text in (("broken", BROKEN), ("hollow", HOLLOW)):
        (tmp_path / f"{name}.py").write_text(text)
    own = [str(tmp_path / "broken.py"), str(tmp_path / "hollow.py")]
    profile = {
        "datasets": [toy_path],
        "methods": ["random", "labels", *own],
        "seeds": [0],
        "n_cells": 120,
        "n_boot": 20,
    }
    path = tmp_path / "tiny.yaml"
    path.write_text(yaml.safe_dump(profile))
    return path


def _command(profile, results, *more):
    return [
        sys.executable, "-m", "zslib", "run", "--profile", str(profile), "--results", str(results), "--device", "cpu", *more
    ]  # fmt: skip


def _run(profile, results, *more) -> str:
    done = subprocess.run(_command(profile, results, *more), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _scores(results) -> pd.DataFrame:
    return pd.read_parquet(results / "scores.parquet").sort_values(
        ["method", "space", "metric"], ignore_index=True
    )


@pytest.mark.notebook
@pytest.mark.slow
def test_the_grid_from_end_to_end(project, tmp_path):
    results = tmp_path / "results"
    said = _run(project, results)
    assert "failed: RuntimeError: no weights today" in said

    # What failed is recorded and shown, and the rest went on.
    broken, hollow, labels = (store.Cell(results, "toy-cells", m, 0) for m in ("broken", "hollow", "labels"))
    assert broken.run["status"] == "failed"
    assert "no weights today" in broken.run["traceback"]
    assert "no weights today" in (broken.folder / "page.ipynb").read_text()
    assert hollow.run["status"] == "ok"
    assert hollow.outcome["status"] == "failed"
    assert labels.ok
    scores = _scores(results)
    assert set(scores["method"]) == {"random", "labels"}
    high = scores.query("method == 'labels' and metric == 'avg_bio'")["value"].min()
    assert high > scores.query("method == 'random' and metric == 'avg_bio'")["value"].max()
    front = (results / "page.ipynb").read_text()
    assert "Broken on toy-cells" in front
    run = labels.run
    for key in ("parameters", "seed", "data_sha256", "device", "seconds", "peak_memory_mb", "versions"):
        assert key in run

    # Pages have titles, folded code, alternative texts, and no marks of their run.
    page = json.loads((labels.folder / "page.ipynb").read_text())
    assert page["cells"][0]["source"][0].startswith("# labels (cheating) on toy-cells")
    assert "papermill" not in page["metadata"]
    code = [c for c in page["cells"] if c["cell_type"] == "code"]
    assert all({"hide-input", "remove-cell", "remove-input"} & set(c["metadata"]["tags"]) for c in code)
    pictures = [c for c in code if any("image/png" in o.get("data", {}) for o in c["outputs"])]
    assert pictures
    assert all(len(c["metadata"]["mystnb"]["image"]["alt"]) > 40 for c in pictures)
    assert not any(o["output_type"] == "error" for c in code for o in c["outputs"])

    # Nothing changed, so nothing runs.
    assert _run(project, results).count("\n") == 1

    # A lost embedding is made again; one method's new parameters run that method alone.
    (labels.folder / "embedding.npy").unlink()
    again = _run(project, results)
    assert "embed     toy-cells · labels" in again
    assert "embed     toy-cells · random" not in again
    content = yaml.safe_load(project.read_text()) | {"parameters": {"random": {"n_dims": 7}}}
    project.write_text(yaml.safe_dump(content))
    again = _run(project, results)
    assert "embed     toy-cells · random" in again
    assert "embed     toy-cells · labels" not in again
    assert store.Cell(results, "toy-cells", "random", 0).embedding.shape == (120, 7)


@pytest.mark.notebook
@pytest.mark.slow
def test_a_grid_killed_at_random_moments_ends_with_the_same_scores(project, tmp_path):
    content = yaml.safe_load(project.read_text())
    project.write_text(yaml.safe_dump(content | {"methods": ["random", "labels"]}))
    disturbed, undisturbed = tmp_path / "disturbed", tmp_path / "undisturbed"
    _run(project, undisturbed)
    moments = random.Random(0)
    for _ in range(int(os.environ.get("ZSLIB_TEST_KILLS", "2"))):
        process = subprocess.Popen(
            _command(project, disturbed),
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(moments.uniform(3, 20))
        # Only the process that a terminal knows of: its children must notice by themselves.
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    _run(project, disturbed)
    pd.testing.assert_frame_equal(_scores(disturbed), _scores(undisturbed))
    for method in ("random", "labels"):
        one, other = (store.Cell(r, "toy-cells", method, 0).embedding for r in (disturbed, undisturbed))
        np.testing.assert_array_equal(one, other)
