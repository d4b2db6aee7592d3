"""Hand the jobs of a grid to Slurm: what its profile does not say, because it depends on the cluster and on the grid."""

import hashlib
import importlib.util
import re
import shutil
import subprocess
import time
from pathlib import Path

import yaml

from zslib.core.errors import DataError
from zslib.workflow.progress import ERROR

EXECUTORS = Path(__file__).parent / "executors"
LOCAL = "local"
LOGS = ".slurm"
"""Folder of what jobs wrote, in that of the results; the plugin removes it of those that went well."""


def profile(executor: str) -> Path:
    """The folder of the Snakemake profile that an executor is named by.

    Parameters
    ----------
    executor
        ``"slurm"``, or the path of a folder with a ``config.yaml`` of one's own.

    Raises
    ------
    DataError
        If there is no such profile, or what it needs is not installed.
    """
    folder = EXECUTORS / executor if (EXECUTORS / executor).is_dir() else Path(executor).resolve()
    if not (folder / "config.yaml").is_file():
        raise DataError(
            f"no executor {executor!r}; there are {LOCAL}, slurm, or a folder with a config.yaml for Snakemake"
        )
    asked = yaml.safe_load((folder / "config.yaml").read_text()).get("executor")
    if asked != "slurm":
        raise DataError(f"{folder}/config.yaml asks for the executor {asked!r}; only slurm has been tried")
    if importlib.util.find_spec("snakemake_executor_plugin_slurm") is None:
        raise DataError('Slurm needs a plugin: pip install -c constraints.txt -e ".[book,cluster]"')
    if shutil.which("sbatch") is None:
        raise DataError("there is no sbatch on this machine; run this where jobs are submitted to Slurm")
    return folder


def arguments(folder: Path, results: Path) -> list[str]:
    """What Snakemake is told besides a grid.

    Parameters
    ----------
    folder
        Of a Snakemake profile.
    results
        Folder of the grid's results, by which its jobs are named.
    """
    shutil.rmtree(results / LOGS, ignore_errors=True)
    found = ["--profile", str(folder), "--slurm-jobname-prefix", _prefix(results)]
    found += ["--slurm-logdir", str(results / LOGS)]
    # Without accounting, what has become of a failed job is asked for without end.
    kept = re.search(r"AccountingStorageType\s*=\s*(\S+)", _said("scontrol", "show", "config"))
    none = kept is None or kept[1] in ("accounting_storage/none", "(null)")
    return [*found, "--slurm-status-command", "squeue"] if none else found


def errors(results: Path) -> list[str]:
    """What the failed jobs of the last run say that a user can mend; of others, where their output lies."""
    found = []
    for log in sorted((results / LOGS).rglob("*.log")):
        text = log.read_text(errors="replace")
        said = [line for line in text.splitlines() if line.startswith(ERROR)]
        if not said and "Error in rule" in text:
            said = [f"{ERROR}{log.relative_to(results / LOGS).parent} failed, see {log}"]
        found += dict.fromkeys(said)
    return found


def has_gpus() -> bool:
    """Whether any node offers a GPU."""
    return "gpu" in _said("sinfo", "--noheader", "--format=%G")


def wait(results: Path) -> None:
    """Wait until no job of an earlier run of the same results is left: two would write the same files."""
    said = False
    while jobs := _jobs(results):
        if not said:
            print(
                f"{len(jobs)} jobs of an earlier run are in the queue; waiting for them. "
                f"To stop them: scancel {' '.join(jobs)}",
                flush=True,
            )
        said = True
        time.sleep(10)


def _jobs(results: Path) -> list[str]:
    """The jobs of a grid that wait or run."""
    rows = (line.split() for line in _said("squeue", "--me", "--noheader", "--format=%i %j").splitlines())
    return [job for job, name in rows if name.startswith(_prefix(results))]


def _prefix(results: Path) -> str:
    return f"zslib-{hashlib.sha256(str(results).encode()).hexdigest()[:8]}"


def _said(*command: str) -> str:
    """What a command of Slurm's prints."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DataError(f"{command[0]}: {done.stderr.strip() or 'failed'}")
    return done.stdout
