"""``zslib embed``, as a person meets it."""

import json

import anndata as ad
import numpy as np
import pytest
from typer.testing import CliRunner

from zslib.cli import app
from zslib.results import embedding

runner = CliRunner()


def test_embeds_a_file_into_npy_and_obsm_as_the_grid_would(toy, tmp_path):
    path = tmp_path / "cells.h5ad"
    toy.write_h5ad(path)
    options = ["--max-length", "8", "--seed", "2", "--device", "cpu", "--into-file"]
    said = runner.invoke(app, ["embed", str(path), "-m", "geneformer-random", *options])
    assert said.exit_code == 0, said.output
    found = np.load(tmp_path / "cells.geneformer-random.npy")
    expected, run = embedding.compute(toy, "geneformer-random", seed=2, device="cpu", max_length=8)
    np.testing.assert_allclose(found, expected, atol=2e-6)
    np.testing.assert_array_equal(ad.read_h5ad(path).obsm["X_geneformer-random"], found)
    about = json.loads((tmp_path / "cells.geneformer-random.json").read_text())
    assert about["frozen"]["tokens"] == run["frozen"]["tokens"] == 8 * toy.n_obs
    assert about["parameters"] == {"max_length": 8}


@pytest.mark.parametrize(
    ("method", "said"),
    [("hvg", "runs no frozen network"), ("scgpt-random", "human gene symbols"), ("best", "There is no")],
)
def test_what_cannot_be_embedded_is_said_in_a_line(toy, tmp_path, method, said):
    path = tmp_path / "cells.h5ad"
    toy.write_h5ad(path)
    found = runner.invoke(app, ["embed", str(path), "-m", method])
    assert found.exit_code == 2
    assert said in found.output
    assert not list(tmp_path.glob("*.npy"))
