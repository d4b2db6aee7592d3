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


def test_cells_that_cannot_be_read_are_counted_in_the_terminal_and_in_the_json(toy, tmp_path):
    path, some = tmp_path / "cells.h5ad", toy[:40].copy()
    counts = some.layers["counts"].tolil()
    counts[[4, 17]] = 0
    some.layers["counts"] = counts.tocsr()
    some.write_h5ad(path)
    said = runner.invoke(app, ["embed", str(path), "-m", "geneformer-random", "--max-length", "8"])
    assert said.exit_code == 0, said.output
    assert (
        f"2 cells express no gene that geneformer-random reads, first row 4, cell '{some.obs_names[4]}'"
        in said.output
    )
    found = np.load(tmp_path / "cells.geneformer-random.npy")
    assert np.flatnonzero(np.isnan(found).any(axis=1)).tolist() == [4, 17]
    about = json.loads((tmp_path / "cells.geneformer-random.json").read_text())
    assert about["frozen"]["rows"] == [4, 17]
    assert about["frozen"]["cells_not_readable"] == 2
    again = runner.invoke(app, ["embed", str(path), "-m", "geneformer-random", "--max-length", "8"])
    assert "2 cells express no gene" in again.output


def test_a_file_with_a_fault_is_refused_in_a_line_and_once_repaired_is_read(toy, tmp_path):
    path, spoiled = tmp_path / "cells.h5ad", toy[:40].copy()
    counts = spoiled.layers["counts"]
    counts.data = counts.data.copy()
    counts.data[counts.indptr[30]] += 0.5
    spoiled.write_h5ad(path)
    asked = ["embed", str(path), "-m", "geneformer-random", "--max-length", "8"]
    said = runner.invoke(app, asked)
    assert said.exit_code == 2
    assert len(said.output.strip().splitlines()) == 1
    assert f"in row 30, cell '{toy.obs_names[30]}', gene" in said.output
    toy[:40].copy().write_h5ad(path)
    assert runner.invoke(app, asked).exit_code == 0
    expected, _ = embedding.compute(toy[:40].copy(), "geneformer-random", seed=0, device="cpu", max_length=8)
    np.testing.assert_allclose(np.load(tmp_path / "cells.geneformer-random.npy"), expected, atol=2e-6)


def test_what_is_found_in_a_file_is_said_and_kept(toy, tmp_path):
    from scipy import sparse

    some, path = toy[:40], tmp_path / "cells.h5ad"
    tags = sparse.csr_matrix(np.full((40, 3), 50, np.float32))
    more = ad.AnnData(sparse.hstack([some.layers["counts"], tags], format="csr"), obs=some.obs[[]])
    more.var_names = [*some.var_names, "CD3_TotalSeqB", "CD4_TotalSeqB", "CD8_TotalSeqB"]
    more.var["feature_types"] = ["Gene Expression"] * some.n_vars + ["Antibody Capture"] * 3
    more.write_h5ad(path)
    said = runner.invoke(app, ["embed", str(path), "-m", "geneformer-random", "--max-length", "8"])
    assert "left out: 3 features that are no genes but Antibody Capture, first 'CD3_TotalSeqB'" in said.output
    about = json.loads((tmp_path / "cells.geneformer-random.json").read_text())
    assert {k: about["found"][0][k] for k in ("kind", "count")} == {"kind": "left out", "count": 3}
    expected, _ = embedding.compute(some.copy(), "geneformer-random", seed=0, device="cpu", max_length=8)
    np.testing.assert_allclose(np.load(tmp_path / "cells.geneformer-random.npy"), expected, atol=2e-6)
    refused = runner.invoke(
        app, ["embed", str(tmp_path / "cells.h5"), "-m", "geneformer-random", "--into-file"]
    )
    assert refused.exit_code == 2
    assert "leave the option out" in refused.output
