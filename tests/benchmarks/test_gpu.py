"""The command for a GPU, on a CPU: every part runs, a fault costs one row, time that is up is said."""

import contextlib
import dataclasses
import importlib
import json
import os
import runpy
import subprocess
import sys
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from zslib import datasets, tables
from zslib.core import fetch, store
from zslib.datasets import cache
from zslib.frozen.scgpt import build
from zslib.methods import cell_sentence
from zslib.workflow import pages
from zslib.workflow.grid import Grid

BENCHMARKS = store.ROOT / "benchmarks"


THERE = ("torch", "numpy", "scipy", "pandas", "scikit-learn", "h5py", "numba", "pip")
ABSENT = """
import sys

class Without:
    def __init__(self, finder):
        self.finder = finder

    def __getattr__(self, name):
        return getattr(self.finder, name)

    def find_spec(self, name, path=None, target=None):
        return None if name.partition(".")[0] in {absent!r} else self.finder.find_spec(name, path, target)

if "--worker" in sys.orig_argv:
    sys.meta_path[:] = map(Without, sys.meta_path)
"""


def with_needed(names):
    """Names of packages, and of what they need to be installed."""
    found, todo = set(), list(names)
    while todo:
        name = canonicalize_name(todo.pop())
        if name in found:
            continue
        found.add(name)
        with contextlib.suppress(metadata.PackageNotFoundError):  # of another platform
            needed = map(Requirement, metadata.requires(name) or [])
            todo += [r.name for r in needed if r.marker is None or r.marker.evaluate({"extra": ""})]
    return found


def absent():
    """Modules that are installed here, and would be neither on the machine nor carried there."""
    carried = runpy.run_path(str(BENCHMARKS / "carry.py"))["NEEDED"].items()
    there = with_needed(THERE) | {name for first, others in carried for name in (first, *others.split())}
    modules = metadata.packages_distributions().items()
    return {
        name for name, owners in modules if not (there | {"zslib"}) & {canonicalize_name(o) for o in owners}
    }


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """What a small run of every part wrote, in which what would not be on the machine cannot be imported."""
    datasets.fetch("kang")
    for source in (build.PACKAGE, cell_sentence.ENCODER):
        cache.fetch(source)  # as they would be carried there: what fetches is not on the machine
    folder = tmp_path_factory.mktemp("gpu")
    path = folder / "gpu.json"
    assert {"scanpy", "matplotlib", "snakemake"} <= absent()
    (folder / "sitecustomize.py").write_text(ABSENT.format(absent=absent()))
    path_of_modules = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    command = [sys.executable, str(BENCHMARKS / "gpu.py"), "--device", "cpu", "--small", "--out", str(path)]
    command += ["--seconds", "3600"]  # what is tried is whether it runs, on a machine of any load
    # The cache is named as `carry.py`'s folder would be: to look for it takes a package that is not there.
    environment = os.environ | {"PYTHONPATH": path_of_modules, "ZSLIB_CACHE": str(fetch.root())}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return path


@pytest.fixture
def parts(monkeypatch):
    """Import a module of the parts."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return lambda name: importlib.import_module(f"gpu_parts.{name}")


@pytest.mark.slow
def test_every_part_runs_and_nothing_fails(run):
    rows = json.loads(run.read_text())["rows"]
    whole = {row["part"] for row in rows if row["what"] == "the whole part"}
    assert whole == {"agreement", "behavior", "model", "training", "speed", "metrics"}
    assert not [row for row in rows if row["outcome"] == "failed"]
    for part in whole:
        assert sum(row["part"] == part and row["value"] is not None for row in rows) > 3
    measured = {(row["what"], row["measure"]) for row in rows if row["value"] is not None}
    for network in (
        "scGPT human, 1,200 genes",
        "scGPT human, all genes",
        "Geneformer V1-10M",
        "Geneformer V2-104M",
    ):
        for precision in ("float32", "bfloat16", "float16"):
            assert (network, f"zslib, {precision}") in measured
        assert (network, "published loop, float32") in measured
        assert (network, "embedding, float32 against CPU") in measured


@pytest.mark.slow
def test_the_page_shows_the_run(run):
    said = tables.gpu_run(run).data
    assert json.loads(run.read_text())["about"]["date"] in said
    assert "published loop, float32" in tables.gpu_rows(run, "speed").data
    assert "published loop, float32" not in tables.gpu_rows(run, "agreement").data


def test_without_a_run_the_page_says_so(tmp_path):
    assert "not yet run on a GPU" in tables.gpu_run(tmp_path / "gpu.json").data
    assert "not yet run on a GPU" in tables.gpu_rows(tmp_path / "gpu.json", "speed").data


def test_the_code_of_the_page_runs(tmp_path):
    page, names = pages.read(store.ROOT / "book" / "chapters" / "performance.md"), {}
    empty = Grid("tiny", str(tmp_path), {}, {}, [0], None, 20)
    store.write_json(tmp_path / "grid.json", dataclasses.asdict(empty))
    for cell in page.cells:
        if cell.cell_type == "code":
            exec(cell.source, names)
        if "parameters" in cell.metadata.get("tags", ()):
            names["grid"] = str(tmp_path / "grid.json")
    assert names["run"] == BENCHMARKS / "gpu.json"


def test_a_fault_is_a_row_of_one_line_and_the_rest_goes_on(parts, tmp_path):
    record = parts("record").Record("part", tmp_path / "part.json", 60)

    def breaks():
        record.add("one", "before", 1.5)
        raise RuntimeError("two\nlines")

    assert record.attempt("one", breaks) is None
    assert record.attempt("two", lambda: 7) == 7
    first, second = json.loads((tmp_path / "part.json").read_text())
    assert (first["value"], first["outcome"]) == (1.5, "ok")
    assert (second["note"], second["outcome"]) == ("RuntimeError: two lines", "failed")


@pytest.mark.parametrize(("value", "outcome"), [(1e-5, "ok"), (2e-4, "failed"), (float("nan"), "failed")])
def test_a_number_beyond_its_bound_has_failed(parts, tmp_path, value, outcome):
    record = parts("record").Record("part", tmp_path / "part.json", 60)
    record.add("what", "measure", value, bound=1e-4)
    assert record.rows[0]["outcome"] == outcome


def test_when_the_time_is_up_nothing_is_begun(parts, tmp_path):
    record = parts("record").Record("part", tmp_path / "part.json", 0)
    record.attempt("long", pytest.fail)
    assert record.rows[0]["outcome"] == "not measured"
    assert "time" in record.rows[0]["note"]


def test_a_rule_that_would_share_the_card_is_found(parts, tmp_path, monkeypatch):
    behavior, record = parts("behavior"), parts("record").Record("part", tmp_path / "part.json", 60)
    workflow = tmp_path / "zslib" / "workflow"
    workflow.mkdir(parents=True)
    for name in ("Snakefile", "running.py"):
        text = (store.ROOT / "zslib" / "workflow" / name).read_text()
        (workflow / name).write_text(text.replace("gpu=lambda w: grid.gpus(w.method),", "", 1))
    monkeypatch.setattr(behavior.store, "ROOT", tmp_path)
    behavior.takes_turns(parts("given").Given("cpu", True), record)
    assert [(row["outcome"], row["note"]) for row in record.rows] == [("failed", "run"), ("ok", "")]
