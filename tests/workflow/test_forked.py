"""A step that is forked from a loaded process does what one in a process of its own does."""

import json
import os
import shlex
import subprocess
import sys
import time

import pytest

from zslib.workflow import forked

FORKED = [sys.executable, "-m", forked.__name__]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux copies a process so"),
]


def request(name: str, values: dict, *options: str) -> list[str]:
    return [sys.executable, *options, *FORKED[1:], "request", name, json.dumps(values)]


def ask(*requests: list[str], serve=()):
    """Ask for steps one after the other, of a server or of none."""
    environment = {k: v for k, v in os.environ.items() if k != forked.SOCKET}
    command = [*serve, "sh", "-c", "; ".join(map(shlex.join, requests))]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def broken(folder):
    """A step that a fault of a user's file ends."""
    values = {"results": str(folder), "dataset": "mine", "spec": str(folder / "mine.py"), "n_cells": None}
    return request("prepare", values)


def test_a_server_does_one_step_after_the_other_and_who_asks_loads_nothing(tmp_path):
    values = {"results": str(tmp_path), "dataset": "toy", "networks": [], "seed": 0}
    tune = request("tune", values | {"device": "cpu", "settings": {}}, "-X", "importtime")
    done = ask(tune, request("composition", {}), tune, broken(tmp_path), serve=[*FORKED, "serve"])
    assert done.returncode == 1
    assert [line.split("  ")[-1] for line in done.stdout.splitlines()] == ["tuned 0 networks"] * 2
    _, ours, after = done.stderr.partition("missing 2 required positional arguments")
    assert ours
    assert "During handling" not in done.stderr
    assert (tmp_path / "toy" / "tuning" / "about.json").exists()
    assert "numpy" not in done.stderr
    (said,) = [line for line in after.splitlines()[1:] if not line.startswith("import time:")]
    assert "There is no file" in said


def test_a_fault_of_a_users_file_is_said_in_a_line_where_nothing_serves(tmp_path):
    done = ask(broken(tmp_path))
    assert done.returncode == 1
    assert "There is no file" in done.stderr
    assert len(done.stderr.splitlines()) == 1


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
    assert server.wait(timeout=300) == 1
