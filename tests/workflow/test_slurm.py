"""What Slurm is told of a grid, with commands that answer as Slurm's do; benchmarks/slurm.py asks a real one."""

import importlib.util
import os

import pytest
from typer.testing import CliRunner

from zslib.cli import app
from zslib.core.errors import DataError
from zslib.workflow import grid, slurm, steps


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """Write a command that prints a text, first on the path."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    def write(name: str, text: str, status: int = 0) -> None:
        (tmp_path / name).write_text(f"#!/bin/sh\nprintf '%s' '{text}'\nexit {status}\n")
        (tmp_path / name).chmod(0o755)

    return write


@pytest.fixture
def plugin(monkeypatch):
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: name if name.startswith("snakemake_exec") else real(name)
    )


def test_slurm_is_named_or_brought_as_a_folder(commands, plugin, tmp_path):
    commands("sbatch", "")
    assert slurm.profile("slurm") == slurm.EXECUTORS / "slurm"
    (tmp_path / "config.yaml").write_text("executor: slurm\n")
    assert slurm.profile(str(tmp_path)) == tmp_path


@pytest.mark.parametrize(
    ("asked", "found"), [("kubernetes", "only slurm has been tried"), (None, "no executor")]
)
def test_other_executors_are_refused(plugin, tmp_path, asked, found):
    if asked:
        (tmp_path / "config.yaml").write_text(f"executor: {asked}\n")
    with pytest.raises(DataError, match=found):
        slurm.profile(str(tmp_path))


def test_without_slurm_the_command_says_so_in_a_line(plugin, monkeypatch):
    monkeypatch.setenv("PATH", "")
    said = CliRunner().invoke(app, ["run", "--profile", "smoke", "--executor", "slurm"])
    assert said.exit_code == 2
    assert "there is no sbatch on this machine" in said.output
    assert len(said.output.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("kept", "asked"), [("accounting_storage/none", True), ("accounting_storage/slurmdbd", False)]
)
def test_jobs_are_asked_after_in_the_queue_where_nothing_is_accounted(commands, tmp_path, kept, asked):
    commands("scontrol", f"Configuration data\nAccountingStorageType   = {kept}\nMinJobAge = 300 sec")
    told = slurm.arguments(slurm.EXECUTORS / "slurm", tmp_path)
    assert ("squeue" in told) == asked


def test_a_command_of_slurm_that_fails_is_named(commands, tmp_path):
    commands("scontrol", "", status=1)
    with pytest.raises(DataError, match=r"^scontrol: failed$"):
        slurm.arguments(slurm.EXECUTORS / "slurm", tmp_path)


def test_the_jobs_of_other_results_are_not_waited_for(commands, tmp_path, capsys):
    commands("squeue", f"7 {slurm._prefix(tmp_path / 'other')}_1\n8 bash")
    slurm.wait(tmp_path)
    assert capsys.readouterr().out == ""


def test_jobs_of_the_same_results_are_waited_for_and_named(commands, tmp_path, monkeypatch, capsys):
    commands("squeue", f"7 {slurm._prefix(tmp_path)}_1\n8 bash")
    monkeypatch.setattr(slurm.time, "sleep", lambda seconds: commands("squeue", ""))
    slurm.wait(tmp_path)
    assert "scancel 7" in capsys.readouterr().out


@pytest.mark.parametrize(("offered", "gpus"), [("gpu:a100:4", True), ("(null)", False)])
def test_slow_methods_alone_ask_for_a_gpu_and_only_where_there_is_one(commands, offered, gpus):
    commands("sinfo", offered)
    made = grid.load("smoke")
    object.__setattr__(made, "cluster_gpus", slurm.has_gpus())
    assert (made.gpus("scvi"), made.gpus("hvg"), made.gpus()) == (int(gpus), 0, int(gpus))


def test_failed_jobs_say_what_to_mend_or_where_their_output_is(tmp_path):
    for job, text in {
        "1": "error: run toy: mend this\nError in rule run:",
        "2": "Error in rule run:",
        "3": "fine",
    }.items():
        path = tmp_path / slurm.LOGS / "rule_run" / f"{job}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    first, second = slurm.errors(tmp_path)
    assert first == "error: run toy: mend this"
    assert second.startswith("error: rule_run failed, see ")
    assert second.endswith("2.log")


def test_a_full_disk_is_said_in_a_line_and_fails_no_method(monkeypatch):
    def prepare(**values):
        raise RuntimeError("flush failed: errno = 28, error message = 'No space left on device'")

    monkeypatch.setattr(steps, "prepare", prepare)
    with pytest.raises(
        SystemExit, match=r"^error: prepare toy: no space is left on the disk of there; make some"
    ):
        steps.main("prepare", '{"dataset": "toy", "results": "there"}')
    full = steps.pages.CellFailed("OSError", "[Errno 28] No space left on device", "")
    with pytest.raises(steps.pages.CellFailed):
        steps._outcome(full)
