"""Cells read from a file, and embeddings that outlive a kill."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse
from tiny_models import TINY

from zslib import frozen
from zslib.core.errors import DataError
from zslib.frozen.partial import Partial

ONE = {"device": "cpu", "precision": "float32"}


def written(adata, path, change=lambda a: a):
    change(adata.copy()).write_h5ad(path)
    return path


def _in_x(adata):
    adata.X = adata.layers.pop("counts")
    return adata


def _dense(adata):
    adata.X = adata.layers.pop("counts").toarray()
    return adata


def _in_raw(adata):
    normalized = adata.X
    adata.X = adata.layers.pop("counts")
    adata.raw = adata.copy()
    adata.X = normalized
    return adata


def _by_columns(adata):
    adata.layers["counts"] = adata.layers["counts"].tocsc()
    return adata


@pytest.mark.parametrize(
    "change",
    [lambda a: a, _in_x, _dense, _in_raw, _by_columns],
    ids=["layer", "X", "dense", "raw", "by columns"],
)
def test_a_file_gives_what_memory_gives_wherever_its_counts_are(toy, tmp_path, change):
    model = TINY["geneformer"](toy, max_length=64)
    expected, _ = frozen.embed(model, frozen.in_memory(toy), **ONE)
    with frozen.in_file(written(toy, tmp_path / "cells.h5ad", change)) as cells:
        assert cells.n_cells == toy.n_obs
        assert list(cells.var.index) == list(toy.var_names)
        found, _ = frozen.embed(model, cells, chunk=37, **ONE)
    np.testing.assert_allclose(found, expected, atol=2e-6)


def _normalized(adata):
    del adata.layers["counts"]
    return adata


def test_a_file_without_counts_is_refused(toy, tmp_path):
    path = written(toy, tmp_path / "cells.h5ad", _normalized)
    said = r"holds no raw counts: X holds log-normalized to 10,000 a cell \(in row 0, cell 'cell\d+', gene 'GENE\d+' is"
    with pytest.raises(DataError, match=said), frozen.in_file(path):
        pass
    with pytest.raises(DataError, match="the AnnData holds no raw counts"):
        frozen.in_memory(_normalized(toy.copy()))


def test_every_piece_is_checked_as_it_is_read(toy, tmp_path):
    """A value in the middle of 3,600 cells, where no first look goes."""
    import anndata as ad

    many = ad.AnnData(sparse.vstack([toy.layers["counts"]] * 15, format="csr"), var=toy.var[[]])
    many.obs_names = [f"c{i}" for i in range(many.n_obs)]
    counts = many.X
    counts.data[counts.indptr[1200]] = 0.5
    many.raw = ad.AnnData(np.rint(counts.copy() + 0), var=many.var)
    gene = many.var_names[counts.indices[counts.indptr[1200]]]
    model = TINY["geneformer"](toy, max_length=64)
    path = written(many, tmp_path / "cells.h5ad")
    said = (
        rf"X must hold raw counts, but in row 1200, cell 'c1200', gene '{gene}' is 0.5 .*seem to be in raw/X"
    )
    with pytest.raises(DataError, match=said), frozen.in_file(path) as cells:
        frozen.embed(model, cells, chunk=100, **ONE)
    with pytest.raises(DataError, match=said):
        frozen.in_memory(many)


def test_what_is_no_h5ad_is_refused(tmp_path):
    path = tmp_path / "cells.h5ad"
    path.write_text("no")
    with pytest.raises(DataError, match="not a readable"), frozen.in_file(path):
        pass


def test_rows_that_are_there_are_not_computed_again(toy, tmp_path):
    model, cells, path = TINY["scgpt"](toy, max_length=64), frozen.in_memory(toy), tmp_path / "x.npy"
    expected, _ = frozen.embed(model, cells, **ONE)
    half = Partial(path, expected.shape, f"{model.digest} {cells.identity} float32")
    half.write(0, np.full((100, 32), 7, np.float32))
    found, report = frozen.embed(model, cells, partial=path, chunk=50, **ONE)
    assert report["cells_found_done"] == 100
    assert (found[:100] == 7).all()
    np.testing.assert_allclose(found[100:], expected[100:], atol=2e-6)
    assert [p.name for p in tmp_path.iterdir()] == ["x.npy"]
    np.testing.assert_array_equal(np.load(path), found)


def test_rows_of_another_model_or_of_other_cells_are_not_taken(toy, tmp_path):
    path = tmp_path / "x.npy"
    for model, adata in (
        (TINY["scgpt"](toy, max_length=64), toy),
        (TINY["scgpt"](toy, max_length=64, seed=1), toy),
        (TINY["scgpt"](toy, max_length=64), toy[::-1].copy()),
    ):
        half = Partial(path, (toy.n_obs, 32), f"{model.digest} {frozen.in_memory(adata).identity}")
        assert half.done == 0
        half.write(0, np.zeros((10, 32), np.float32))


def test_rows_of_another_precision_are_not_taken(toy, tmp_path):
    model, cells, path = TINY["geneformer"](toy, max_length=64), frozen.in_memory(toy), tmp_path / "x.npy"
    calls = []

    def stops(network, *arrays):
        calls.append(arrays)
        if len(calls) > 12:
            raise RuntimeError("stopped")
        return model.run(network, *arrays)

    broken = dataclasses.replace(model, run=stops)
    with pytest.raises(RuntimeError, match="stopped"):
        frozen.embed(broken, cells, device="cpu", precision="bfloat16", partial=path, chunk=20, budget=640)
    assert json.loads((tmp_path / "x.npy.json").read_text())["done"] > 0
    found, report = frozen.embed(model, cells, partial=path, **ONE)
    assert report["cells_found_done"] == 0
    np.testing.assert_allclose(found, frozen.embed(model, cells, **ONE)[0], atol=2e-6)


KILLED = """
import sys
from pathlib import Path
sys.path[:0] = {paths!r}
import anndata as ad
from scipy import sparse
from tiny_models import TINY
from zslib import frozen
toy = ad.read_h5ad({file!r})
slow = frozen.FrozenModel(**vars(TINY["geneformer"](toy, max_length=64)))
def run(network, *arrays, inner=slow.run):
    import time; time.sleep(0.02)
    return inner(network, *arrays)
object.__setattr__(slow, "run", run)
with frozen.in_file({file!r}) as cells:
    frozen.embed(slow, cells, device="cpu", precision="float32", partial={out!r}, chunk=10, budget=600)
"""


@pytest.mark.slow
def test_after_a_kill_it_goes_on_to_the_same_embedding(toy, tmp_path):
    file, out = tmp_path / "cells.h5ad", tmp_path / "x.npy"
    written(toy, file)
    here = [str(Path(__file__).parent), *sys.path]
    code = KILLED.format(paths=[p for p in here if p], file=str(file), out=str(out))
    first = subprocess.Popen([sys.executable, "-c", code])
    note = Path(f"{out}.json")
    until = time.monotonic() + 60
    while not note.exists() and time.monotonic() < until:
        time.sleep(0.005)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    with frozen.in_file(file) as cells:
        model = TINY["geneformer"](toy, max_length=64)
        found, report = frozen.embed(model, cells, partial=out, **ONE)
        expected, _ = frozen.embed(model, cells, **ONE)
    assert 0 < report["cells_found_done"] < toy.n_obs
    np.testing.assert_allclose(found, expected, atol=2e-6)
