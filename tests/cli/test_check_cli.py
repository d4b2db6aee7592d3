"""``zslib check``, as a person meets it."""

import json

import anndata as ad
import numpy as np
import pytest
from typer.testing import CliRunner

from zslib.cli import app

runner = CliRunner()


@pytest.fixture
def path(toy, tmp_path):
    some = toy[:60].copy()
    some = ad.AnnData(
        some.layers["counts"], obs=some.obs[["label", "batch"]].astype(object), var=some.var[[]]
    )
    some.obs.iloc[7, 0] = "unknown"
    some.write_h5ad(tmp_path / "cells.h5ad")
    return tmp_path / "cells.h5ad"


def test_says_what_a_file_holds_and_what_was_found(path, toy):
    said = runner.invoke(app, ["check", str(path), "--label", "label", "--batch", "batch"])
    assert said.exit_code == 0
    assert "cells: 60" in said.output
    assert "counts: X" in said.output
    assert "columns of obs: label, batch" in said.output
    name = ad.read_h5ad(path).obs_names[7]
    assert f"left out: 1 cells whose label is 'unknown', first '{name}'" in said.output
    told = json.loads(runner.invoke(app, ["check", str(path), "--label", "label", "--json"]).output)
    assert sum(told["holds"]["cells of a type"].values()) == 59
    assert told["refused"] == []
    assert {"kind": "left out", "count": 1} in [{k: f[k] for k in ("kind", "count")} for f in told["found"]]


def test_says_all_that_must_be_mended(path):
    adata = ad.read_h5ad(path)
    adata.obs["batch"] = adata.obs["batch"].astype(object)
    adata.obs.iloc[3, 1] = np.nan
    adata.write_h5ad(path)
    said = runner.invoke(app, ["check", str(path), "--label", "type", "--batch", "batch"])
    assert said.exit_code == 1
    errors = [line for line in said.stdout.splitlines() if line.startswith("refused: ")]
    assert len(errors) == 2
    assert "no obs column 'type'. It has 'label', 'batch'" in errors[0]
    assert f"missing for 1 cells, first '{adata.obs_names[3]}'" in errors[1]
    adata.X = adata.X * 0.5
    adata.write_h5ad(path)
    said = runner.invoke(app, ["check", str(path)])
    assert said.exit_code == 1
    assert "holds no raw counts" in said.stdout.strip().splitlines()[-1]
    assert not said.stderr
