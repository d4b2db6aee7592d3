"""A report that is killed and asked for again ends where an undisturbed one does, and computes nothing twice."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest
from toy_cells import read


def _all_gone(out, seconds: float = 60) -> bool:
    """Whether every process that works on this report has ended within some seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if str(out) not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout:
            return True
        time.sleep(0.5)
    return False


def _done(out) -> dict:
    """What vouches for the embeddings and the scores that are there, and since when."""
    found = [*out.glob("results/*/*/*/run.json"), *out.glob("results/*/*/*/scored.json")]
    return {path: path.stat().st_mtime_ns for path in found}


def _pages(out) -> list:
    html = out / "_build" / "html"
    return sorted(str(path.relative_to(html)) for path in html.rglob("*") if path.suffix in (".html", ".png"))


@pytest.mark.notebook
@pytest.mark.slow
def test_a_report_killed_at_random_moments_is_the_same_and_computes_nothing_twice(tmp_path):
    read(None).write_h5ad(tmp_path / "cells.h5ad")
    asked = [
        sys.executable,
        "-m",
        "zslib",
        "report",
        str(tmp_path / "cells.h5ad"),
        "--label",
        "type",
        "--batch",
        "donor",
    ]
    asked += ["--device", "cpu", "--methods", "hvg-pca,random,labels", "--out"]
    started, quiet = time.monotonic(), {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    undisturbed, disturbed = tmp_path / "undisturbed", tmp_path / "disturbed"
    subprocess.run([*asked, str(undisturbed)], check=True, **quiet)
    whole, moments, done = time.monotonic() - started, random.Random(0), {}
    kills = 0
    while kills < int(os.environ.get("ZSLIB_TEST_KILLS", "1")):
        process = subprocess.Popen([*asked, str(disturbed)], start_new_session=True, **quiet)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(whole * moments.uniform(0.1, 0.9))
            shutil.rmtree(disturbed)  # it ended before its moment came: another one is started from nothing
            done = {}
            continue
        # Only the process that a terminal knows of: its children must notice by themselves.
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += 1
        assert _all_gone(disturbed), "steps outlived the run that started them"
        assert done.items() <= (done := _done(disturbed)).items()
    subprocess.run([*asked, str(disturbed)], check=True, **quiet)
    assert done.items() <= _done(disturbed).items()
    one, other = (pd.read_csv(out / "scores.csv") for out in (disturbed, undisturbed))
    pd.testing.assert_frame_equal(one, other)
    assert _pages(disturbed) == _pages(undisturbed)
