"""A file with a fault, in the grid and in a report: said in a line, first and last; and once it is mended it is read again."""

import subprocess

import numpy as np
import pytest
from tiny_grid import command, write_profile
from toy_cells import read
from typer.testing import CliRunner

from zslib.cli import app
from zslib.core import store
from zslib.results import Run
from zslib.workflow import grid, report, steps

DATASET = """
from pathlib import Path

from zslib.datasets import DatasetCard

CARD = DatasetCard(
    name="mine", title="Mine", summary="s", organism="Homo sapiens", tissue="none", protocol="simulated", source="s",
    citation=("c",), doi=("none",), license="CC0", label="type", label_meaning="l", batch="donor", batch_meaning="b",
)


def read(files):
    return Path(__file__).with_name("mine.h5ad")
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mine.py").write_text(DATASET)
    spoil(tmp_path)
    return tmp_path


def spoil(folder):
    adata = read(None)
    adata.X.data = adata.X.data.astype(np.float32)
    adata.X.data[adata.X.indptr[200]] += 0.5
    adata.write_h5ad(folder / "mine.h5ad")


@pytest.mark.slow
def test_a_repaired_file_is_read_again_by_the_grid(folder):
    profile = write_profile(folder, str(folder / "mine.py"), broken=False)
    said = subprocess.run(command(profile, folder / "results"), capture_output=True, text=True, check=False)
    assert said.returncode == 1
    line = said.stderr.splitlines()[-1]
    assert line.startswith("error: ")
    assert "in row 200, cell 'cell200', gene" in line
    assert line in said.stdout.splitlines()[0]
    assert "Traceback" not in said.stdout + said.stderr
    assert not store.prepared_path(folder / "results", "mine").exists()  # so that a grid makes it again
    read(None).write_h5ad(folder / "mine.h5ad")
    made = grid.load(str(profile))
    assert "120 cells" in steps.prepare(str(folder / "results"), "mine", made.datasets["mine"], made.n_cells)


@pytest.mark.slow
def test_a_repaired_file_is_read_again_by_a_report(folder, monkeypatch):
    monkeypatch.setattr(report, "render", lambda made, out: out)  # the pages are looked at elsewhere
    asked = ["report", str(folder / "mine.h5ad"), "--label", "type", "--methods", "random", "--device", "cpu"]
    asked += ["--out", str(folder / "report")]
    said = CliRunner().invoke(app, asked)
    assert (said.exit_code, said.stdout) == (2, "")
    (line,) = said.stderr.splitlines()
    assert "in row 200, cell 'cell200', gene" in line
    read(None).write_h5ad(folder / "mine.h5ad")
    assert CliRunner().invoke(app, asked).exit_code == 0
    before = Run(folder / "report" / "results", "mine", "random", 0).about["data_sha256"]
    adata = read(None)
    adata.X.data = adata.X.data + 1
    adata.write_h5ad(folder / "mine.h5ad")
    assert CliRunner().invoke(app, asked).exit_code == 0
    assert Run(folder / "report" / "results", "mine", "random", 0).about["data_sha256"] != before
