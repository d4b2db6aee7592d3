"""Bring a grid up to date, on this machine or on a cluster."""

import os
import subprocess
import sys
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path

from zslib.core import registry, store
from zslib.core.errors import DataError
from zslib.results import Run
from zslib.workflow import forked, progress, slurm
from zslib.workflow.grid import Grid


def run(
    grid: Grid,
    *,
    target: str = "all",
    cores: int = 2,
    executor: str = slurm.LOCAL,
    retry_failed: bool = False,
    verbose: bool = False,
) -> int:
    """Bring the grid up to date: run what is missing or changed, and nothing else.

    Parameters
    ----------
    grid
        What to run.
    target
        ``"all"`` for results, ``"book"`` for the rendered book too.
    cores
        Cores of this machine to use at once.
    executor
        Who runs the jobs: ``"local"``, ``"slurm"``, or the folder of a Snakemake profile, see :mod:`zslib.workflow.slurm`.
    retry_failed
        Run methods again whose last status is ``failed``.
    verbose
        Show all that Snakemake says.

    Returns
    -------
    Exit status: 0 if everything is up to date.
    """
    folder = store.ROOT / grid.results
    local = executor == slurm.LOCAL
    profile = None if local else slurm.profile(executor)
    grid = grid if local else replace(grid, cluster_gpus=slurm.has_gpus())
    with ExitStack() as locks:
        _lock(locks, folder)
        if target == "book":
            _lock(locks, store.ROOT / "_build")  # there is one, whatever the results
        if not local:
            slurm.wait(folder)
        store.write_json(store.ROOT / grid.path, asdict(grid))
        again = _to_redo(grid, retry_failed)
        quiet = [] if verbose else ["--quiet", "rules", "reason", "host"]  # leaves errors and the count
        command = [
            sys.executable, "-m", "snakemake", target, "--config", f"grid={grid.path}",
            "--snakefile", str(Path(__file__).parent / "Snakefile"),
            # What Snakemake knows of a report stays with it, or a change since would not be seen by another copy of zslib.
            "--directory", str(folder if target == "report" else store.ROOT),
            *(["--cores", str(cores), "--resources", "gpu=1"] if local else slurm.arguments(profile, folder)),
            "--scheduler", "greedy",
            # Each step that ends adds a look for work in every such time, for good; by the second, a hundred took half a core.
            "--max-jobs-per-timespan", "1000/10s", "--keep-going", "--nolock", "--rerun-incomplete", *quiet,
            *(["--forcerun", *again] if again else []),
        ]  # fmt: skip
        if local and sys.platform.startswith("linux"):
            command = [sys.executable, "-m", forked.__name__, "serve", *command]
        most = min(grid.threads, os.cpu_count() or 1) if local else grid.threads
        threads = {name: str(most) for name in (forked.THREADS, "NUMBA_NUM_THREADS")}
        # Steps on this machine end with this process; those of a cluster go on without it.
        ends = {forked.GRID_PID: str(os.getpid())} if local else {}
        # Long work shows progress in a terminal and none in a page.
        environment = os.environ | {"TQDM_DISABLE": "1"} | threads | _own(grid) | ends
        if verbose:
            return subprocess.run(command, env=environment, check=False).returncode
        with subprocess.Popen(
            command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            wrong = progress.show(process.stdout)
        if process.returncode and not local:
            wrong += slurm.errors(folder)
        # What must be mended is the last that is seen.
        print(*wrong, sep="\n", end="\n" * bool(wrong), file=sys.stderr)
        return process.returncode


def failures(grid: Grid, status: str = "failed", only: Collection[str] | None = None) -> list[str]:
    """Each method that failed, or ended in another status, and its reason in a line; of these methods only."""
    found = []
    for run in (Run(store.ROOT / grid.results, *one) for one in grid.runs if only is None or one[1] in only):
        if (run.folder / "run.json").exists() and run.outcome["status"] == status:
            reason = next(iter(run.outcome["reason"].splitlines()), "")
            found.append(f"{run.dataset} · {run.method} · {run.seed}: {reason}")
    return found


def _lock(locks: ExitStack, folder: Path) -> None:
    """Keep other runs out of a folder; the system lets go of the lock when this process ends, however it does."""
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    try:
        locks.enter_context(FileLock(folder / ".lock", timeout=0))
    except Timeout:
        raise DataError(f"another run is under way in {folder}; wait for it or stop it") from None


def _to_redo(grid: Grid, retry_failed: bool) -> list[str]:
    """Pages to make again although they are there: of failed methods if wanted, and where files are lost."""
    again = []
    for dataset, method, seed in grid.runs:
        run = Run(store.ROOT / grid.results, dataset, method, seed)
        if not (run.folder / "page.ipynb").exists():
            continue
        record = run.folder / "run.json"
        known = record.exists()
        retry = known and retry_failed and run.outcome["status"] == "failed"
        lost = not known or (run.ok and not ((run.folder / "embedding.npy").exists() and run.scored))
        if retry and run.about["status"] == "failed":
            record.unlink()
        if retry or lost:
            again.append(f"{grid.results}/{dataset}/{method}/{seed}/page.ipynb")
    return again


def _own(grid: Grid) -> dict[str, str]:
    """An environment in which files of the user's own are known by the names on their cards."""
    return {
        registry.variable(package): os.pathsep.join(s for s in specs.values() if s.endswith(registry.OWN))
        for package, specs in (("zslib.datasets", grid.datasets), ("zslib.methods", grid.methods))
    }
