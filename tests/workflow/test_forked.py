"""A step that is forked from a loaded process does what one in a process of its own does."""

import json
import os
import subprocess
import sys
import time

import pytest

from zslib.workflow import forked

FORKED = [sys.executable, "-m", forked.__name__]
both = pytest.mark.parametrize("serve", [[*FORKED, "serve"], []], ids=["forked", "alone"])

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux copies a process so"),
]


def step(serve: list[str], name: str, values: dict):
    environment = {k: v for k, v in os.environ.items() if k != forked.SOCKET}
    command = [*serve, *FORKED, "request", name, json.dumps(values)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@both
def test_a_step_does_its_work(serve, tmp_path):
    values = {
        "results": str(tmp_path),
        "dataset": "toy",
        "networks": [],
        "seed": 0,
        "device": "cpu",
        "settings": {},
    }
    done = step(serve, "tune", values)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("  ")[-1] == "tuned 0 networks\n"
    assert (tmp_path / "toy" / "tuning" / "about.json").exists()


@both
def test_a_fault_of_a_users_file_is_said_in_a_line(serve, tmp_path):
    values = {"results": str(tmp_path), "dataset": "mine", "spec": str(tmp_path / "mine.py"), "n_cells": None}
    done = step(serve, "prepare", values)
    assert done.returncode == 1
    assert "There is no file" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_who_asks_loads_nothing_and_each_step_has_a_process_of_its_own():
    asked = f"{sys.executable} -X importtime -m {forked.__name__} request composition '{{}}'"
    done = subprocess.run([*FORKED, "serve", "sh", "-c", f"{asked}; {asked}"], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.count("missing 2 required positional arguments") == 2
    assert "numpy" not in done.stderr
    assert "During handling" not in done.stderr


def test_steps_end_with_the_grid_that_asked_for_them(tmp_path):
    begun, spec = tmp_path / "begun", tmp_path / "mine.py"
    spec.write_text(f"import pathlib, time\npathlib.Path({str(begun)!r}).touch()\ntime.sleep(600)")
    values = {"results": str(tmp_path), "dataset": "mine", "spec": str(spec), "n_cells": None}
    grid = subprocess.Popen(["sleep", "600"])
    environment = os.environ | {forked.GRID_PID: str(grid.pid)}
    command = [*FORKED, "serve", *FORKED, "request", "prepare", json.dumps(values)]
    server = subprocess.Popen(command, env=environment)
    while not begun.exists():
        assert server.poll() is None
        time.sleep(0.1)
    grid.kill()
    grid.wait()
    assert server.wait(timeout=20) == 1
