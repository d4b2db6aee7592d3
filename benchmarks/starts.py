"""What forking the steps of a grid from a loaded process saves (zslib/workflow/forked.py).

    python benchmarks/starts.py [--cells my_cells.py] [--steps 5] [--repeats 3] [--profile default]

The step is one run of the grid whose stages are stored, so that it starts, draws its page and ends. So many of them are
asked for one after the other, forked and each in a process of its own, in turn; printed are medians of processor seconds
(user and system, of all processes), and what that makes over all steps of a profile's book on two cores.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from zslib.core import store
from zslib.workflow import forked, grid

FORKED = [sys.executable, "-m", forked.__name__]


def seconds(*command: str) -> float:
    """Processor seconds of a command and of all that it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=store.ROOT, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def steps(profile: str) -> int:
    """How many steps the book of a profile takes: a run, a page or a table each, and the book."""
    planned = grid.load(profile)
    pages = [page for page in planned.pages if page.count("/") < 2]  # those of runs are counted by seed
    return len(planned.runs) + len(pages) + 3 * len(planned.datasets) + len(("composition", "book"))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", default=str(store.ROOT / "tests" / "toy_cells.py"), help="small and quick")
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--profile", default="default")
    given = parser.parse_args()
    os.environ |= {forked.THREADS: "1", "NUMBA_NUM_THREADS": "1"}
    with TemporaryDirectory() as results:
        where = {"results": results, "dataset": "cells"}
        run = where | {
            "method": "random",
            "spec": "random",
            "seed": 0,
            "device": "cpu",
            "parameters": {},
            "n_boot": 5,
        }
        prepare = where | {"spec": str(Path(given.cells).resolve()), "n_cells": 120}
        seconds(*FORKED, "request", "prepare", json.dumps(prepare))
        seconds(*FORKED, "request", "run", json.dumps(run))
        step = f"{' '.join(FORKED)} request run '{json.dumps(run)}'"
        first, asking = Path(results) / "step.sh", Path(results) / "steps.sh"
        first.write_text(step)
        asking.write_text(" && ".join([step] * (1 + given.steps)))
        measured = [
            (
                seconds(*FORKED, "serve", "sh", str(first)),  # the first step loads the library
                seconds(*FORKED, "serve", "sh", str(asking)),
                seconds("sh", str(asking)),
            )
            for _ in range(given.repeats)
        ]
    begun, served, alone = (statistics.median(times) for times in zip(*measured, strict=True))
    one, other = (served - begun) / given.steps, alone / (1 + given.steps)
    load = begun - one
    n = steps(given.profile)
    print(f"loading the library once: {load:.1f} s")
    print(
        f"a step: {one:.2f} s forked, {other:.2f} s in a process of its own, {other / one:.1f} times as long"
    )
    print(
        f"{n} steps of the book ({given.profile}) on two cores: {(n * (other - one) - load) / 2:.0f} s saved"
    )


if __name__ == "__main__":
    main()
