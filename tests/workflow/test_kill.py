"""A grid that is killed and started again ends where an undisturbed one does."""

import os
import random
import signal
import subprocess
import time

import numpy as np
import pandas as pd
import pytest
from tiny_grid import command, read_scores, run_grid, write_profile

from zslib.results import Run


def _all_gone(results, seconds: float = 30) -> bool:
    """Whether every process that works on these results has ended within some seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if str(results) not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout:
            return True
        time.sleep(0.5)
    return False


@pytest.mark.notebook
@pytest.mark.slow
def test_a_grid_killed_at_random_moments_ends_with_the_same_scores(toy_path, tmp_path):
    project = write_profile(tmp_path, toy_path, broken=False)
    disturbed, undisturbed = tmp_path / "disturbed", tmp_path / "undisturbed"
    run_grid(project, undisturbed)
    moments = random.Random(0)
    for _ in range(int(os.environ.get("ZSLIB_TEST_KILLS", "2"))):
        process = subprocess.Popen(
            command(project, disturbed),
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(moments.uniform(3, 20))
        # Only the process that a terminal knows of: its children must notice by themselves.
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert _all_gone(disturbed), "steps outlived the run that started them"
    run_grid(project, disturbed)
    pd.testing.assert_frame_equal(read_scores(disturbed), read_scores(undisturbed))
    for method in ("random", "labels"):
        one, other = (Run(r, "toy-cells", method, 0).embedding for r in (disturbed, undisturbed))
        np.testing.assert_array_equal(one, other)
