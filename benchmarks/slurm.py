"""Whether a grid goes through Slurm as it goes through one machine, and past what happens on clusters.

Wants a Slurm that runs, and the extra ``cluster``::

    python benchmarks/slurm.py                  # on any cluster; minutes
    sudo python benchmarks/slurm.py --set-up    # first makes a cluster of one node of this machine (Debian's slurm-wlm, munge)

Asks for a small grid of toy cells five times: on this machine; on Slurm; with a job that the scheduler kills; with a
disk that is full (as root, who can make a small one); and with a head node that goes away. Each must end with the same
scores. Prints one line a part, and ends with status 1 if one fails.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
import yaml
from recorded import write

from zslib.core import store
from zslib.workflow import slurm

CONFIG = """ClusterName=one-node
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
MinJobAge=600
ReturnToService=2
StateSaveLocation=/var/spool/slurmctld
SlurmdSpoolDir=/var/spool/slurmd
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def set_up() -> None:
    """Make this machine a cluster of one node; refused where there is one."""
    path = Path("/etc/slurm/slurm.conf")
    if path.exists():
        sys.exit(f"{path} is there: this machine has a Slurm; leave --set-up out")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20 - 1000
    path.write_text(CONFIG.format(host=socket.gethostname(), cpus=os.cpu_count(), memory=memory))
    for folder in ("/run/munge", "/var/spool/slurmctld", "/var/spool/slurmd"):
        Path(folder).mkdir(parents=True, exist_ok=True)
    shutil.chown("/run/munge", "munge")
    subprocess.run(["su", "-s", "/bin/sh", "munge", "-c", "munged"], check=True)
    for daemon in ("slurmctld", "slurmd"):
        subprocess.run([daemon], check=True)
    time.sleep(5)


class Grid:
    """A small grid in a folder, and what it takes to run it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.results = folder / "results"
        profile = {
            "datasets": [str(store.ROOT / "tests" / "toy_cells.py")],
            "methods": ["random", "labels"],
            "seeds": [0],
            "n_cells": 120,
            "n_boot": 20,
        }
        folder.mkdir(exist_ok=True)
        (folder / "grid.yaml").write_text(yaml.safe_dump(profile))
        shipped = yaml.safe_load((slurm.EXECUTORS / "slurm" / "config.yaml").read_text())
        asked = {
            "slurm-init-seconds-before-status-checks": 3,
            "default-resources": ["mem_mb=1500", "runtime=30"],
        }
        (folder / "config.yaml").write_text(yaml.safe_dump(shipped | asked))

    def start(self, executor: str | None = None) -> subprocess.Popen:
        """Begin to bring it up to date."""
        command = [sys.executable, "-m", "zslib", "run", "--profile", str(self.folder / "grid.yaml")]
        command += [
            "--results",
            str(self.results),
            "--device",
            "cpu",
            "--executor",
            executor or str(self.folder),
        ]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        return subprocess.Popen(command, start_new_session=True, **pipes)

    def run(self, executor: str | None = None) -> tuple[int, str]:
        """Bring it up to date: the exit status, and what was printed."""
        process = self.start(executor)
        said, _ = process.communicate()
        return process.returncode, said

    def scores(self) -> pd.DataFrame:
        """All its scores."""
        return pd.read_parquet(self.results / "scores.parquet")


def whole(grid: Grid) -> str:
    """Run it undisturbed."""
    status, said = grid.run()
    return "" if status == 0 else said


def killed(grid: Grid) -> str:
    """Run it, and have the scheduler kill the first job that embeds."""
    process = grid.start()
    job = _wait_for(lambda: _jobs("rule_run"))[0]
    subprocess.run(["scancel", job], check=True)
    said, _ = process.communicate()
    if process.returncode:
        return said
    return "" if "restart" in said else f"job {job} was killed and none was asked for in its place: {said}"


def full(grid: Grid) -> str:
    """Run it where there is no space, and again where there is."""
    if os.geteuid():
        return "not run: only root can make a small disk"
    grid.results.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", grid.results], check=True)
    status, said = grid.run()
    if status == 0 or "no space is left" not in said:
        return f"a full disk is not named: {said}"
    subprocess.run(["mount", "-o", "remount,size=200m", grid.results], check=True)
    status, said = grid.run()
    return said if status else ""


def headless(grid: Grid) -> str:
    """Run it, lose the machine that asked for the jobs, and ask again."""
    process = grid.start()
    _wait_for(lambda: _jobs("rule_run"))
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    done = _wait_for(lambda: [path for path in grid.results.rglob("run.json") if not _jobs("rule_run")])
    before = {path: path.stat().st_mtime_ns for path in done}
    status, said = grid.run()
    again = [str(path) for path, when in before.items() if path.stat().st_mtime_ns != when]
    return said if status else "; ".join(f"{path} was computed twice" for path in again)


def _jobs(rule: str) -> list[str]:
    """Jobs of a rule that are running."""
    command = ["squeue", "--me", "--noheader", "--states=RUNNING", "--format=%i %k"]
    rows = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return [row.split()[0] for row in rows if row.split()[1].startswith(rule)]


def _wait_for(found, seconds: float = 600):
    until = time.monotonic() + seconds
    while not (result := found()):
        if time.monotonic() > until:
            raise TimeoutError("what was waited for did not come")
        time.sleep(1)
    return result


def main() -> None:
    """Run every part."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--set-up", action="store_true", help="make this machine a cluster of one node")
    options.add_argument("--record", type=Path, help="the JSON file to write, which the book shows")
    given = options.parse_args()
    if given.set_up:
        set_up()
    failed, rows = False, []
    (store.ROOT / "_build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=store.ROOT / "_build") as folder:  # which every node sees
        local = Grid(Path(folder) / "local")
        status, said = local.run(slurm.LOCAL)
        if status:
            sys.exit(said)
        for part in (whole, killed, full, headless):
            grid, started = Grid(Path(folder) / part.__name__), time.perf_counter()
            if not (problem := part(grid)) and not grid.scores().equals(local.scores()):
                problem = "other scores than on one machine"
            seconds, what = round(time.perf_counter() - started), part.__doc__
            print(f"{part.__name__:10s} {seconds:6.0f} s  {problem or 'ok'}", flush=True)
            passed = {} if problem else {"value": seconds}
            rows.append({"what": what[0].lower() + what[1:-1], "unit": "s", **passed})
            failed |= bool(problem) and not problem.startswith("not run")
            if grid.results.is_mount():
                subprocess.run(["umount", grid.results], check=True)
    if given.record:
        version = subprocess.run(["sinfo", "--version"], capture_output=True, text=True, check=True).stdout
        write(given.record, version.strip(), rows)
    sys.exit(failed)


if __name__ == "__main__":
    main()
