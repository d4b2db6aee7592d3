"""The engine: an embedding follows from the cell and the seed, whatever it is computed with."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_models import TINY

from zslib import frozen
from zslib.core.errors import DataError
from zslib.frozen.engine import packed, token_batches
from zslib.frozen.model import of_known_genes
from zslib.methods import frozen_network

ONE = {"device": "cpu", "precision": "float32"}


@pytest.fixture(scope="module", params=TINY)
def case(request, toy):
    """A model that cuts long cells, its cells, and their embedding one cell at a time."""
    model = TINY[request.param](toy, max_length=60)
    cells = frozen.in_memory(toy[:60].copy())
    assert (model.tokenize(cells.read(0, 60)).lengths == 60).any()
    alone = [frozen.embed(model, frozen.in_memory(toy[i : i + 1].copy()), **ONE)[0] for i in range(60)]
    return model, toy, np.vstack(alone)


@given(lengths=st.lists(st.integers(0, 50), min_size=1), budget=st.integers(1, 200))
def test_batches_hold_each_cell_once_and_no_more_tokens_than_allowed(lengths, budget):
    lengths = np.array(lengths)
    batches = token_batches(lengths, budget)
    assert sorted(np.concatenate(batches)) == list(range(len(lengths)))
    assert all(len(rows) == 1 or len(rows) * lengths[rows].max() <= budget for rows in batches)
    assert np.all(np.diff(lengths[np.concatenate(batches)]) <= 0)


@settings(max_examples=8, deadline=None)
@given(order=st.permutations(range(60)), chunk=st.integers(1, 70), budget=st.integers(1, 5000))
def test_a_cell_is_embedded_alike_in_any_order_chunk_and_batch(case, order, chunk, budget):
    model, toy, alone = case
    cells = frozen.in_memory(toy[order].copy())
    found, report = frozen.embed(model, cells, chunk=chunk, budget=budget, **ONE)
    np.testing.assert_allclose(found, alone[order], atol=2e-6)
    assert found.dtype == np.float32
    assert report["tokens"] == model.tokenize(cells.read(0, 60)).lengths.sum()


def test_another_seed_reads_other_genes_of_a_cell_that_is_cut(toy):
    cells = frozen.in_memory(toy[:20].copy())
    one, two = (frozen.embed(TINY["scgpt"](toy, max_length=60, seed=s), cells, **ONE)[0] for s in (1, 2))
    assert np.abs(one - two).max() > 1e-3


def test_half_precision_reports_how_far_it_is_off_and_leaves_the_network_as_it_was(case):
    model, toy, alone = case
    weights = {k: v.clone() for k, v in model.network.state_dict().items()}
    cells = frozen.in_memory(toy[:60].copy())
    found, report = frozen.embed(model, cells, device="cpu", precision="bfloat16")
    apart = np.linalg.norm(found - alone, axis=1) / np.linalg.norm(alone, axis=1)
    error = report["error_against_float32"]
    assert error["n_cells"] <= 60
    assert 1e-4 < error["relative"] < 0.2
    assert np.median(apart) / 3 < error["relative"] < 3 * apart.max()
    assert error["cosine"] > 0.98
    assert all(torch.equal(weights[k], v) for k, v in model.network.state_dict().items())


class _Full:
    """Runs out of memory above so many tokens, as a GPU would."""

    def __init__(self, run, most):
        self.run, self.most, self.asked = run, most, []

    def __call__(self, network, *arrays):
        self.asked.append(arrays[0].numel())
        if arrays[0].numel() > self.most:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return self.run(network, *arrays)


def test_several_cores_each_take_batches_and_no_cell_changes(case, monkeypatch):
    model, toy, alone = case
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    found, _ = frozen.embed(model, frozen.in_memory(toy[:60].copy()), budget=200, **ONE)
    np.testing.assert_allclose(found, alone, atol=2e-6)
    assert torch.get_num_threads() == 3
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    frozen.embed(model, frozen.in_memory(toy[:2].copy()), **ONE)  # as the other tests find it


def test_weights_are_laid_out_for_the_cpu_and_the_network_given_stays_as_it_was(case):
    model, toy, alone = case
    laid = [module for module in packed(model.network).modules() if type(module) is torch.nn.Linear]
    assert laid
    assert all("forward" in vars(module) for module in laid)
    assert not any("forward" in vars(module) for module in model.network.modules())
    *arrays, mask = map(torch.from_numpy, model.tokenize(toy.layers["counts"][:60]).padded(range(60)))
    with torch.no_grad():
        found = model.run(model.network, *arrays, mask).numpy()
    np.testing.assert_allclose(found, alone, atol=2e-6)


def test_when_memory_does_not_suffice_the_batch_is_halved_and_all_cells_come_out(case, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    model, toy, alone = case
    run = _Full(model.run, 500)
    cells = frozen.in_memory(toy[:60].copy())
    found, report = frozen.embed(dataclasses.replace(model, run=run), cells, budget=3600, **ONE)
    np.testing.assert_allclose(found, alone, atol=2e-6)
    assert report["token_budget"] <= 500
    assert sum(n > 500 for n in run.asked) <= 4


def test_a_cell_that_does_not_fit_by_itself_is_an_error_that_says_what_to_do(case):
    model, toy, _ = case
    cells = frozen.in_memory(toy[:5].copy())
    with pytest.raises(DataError, match="max_length"):
        frozen.embed(dataclasses.replace(model, run=_Full(model.run, 50)), cells, **ONE)


@pytest.mark.parametrize(
    ("wrong", "said"), [({"precision": "int8"}, "float16"), ({"budget": 0}, "1 token or more")]
)
def test_refuses_settings_that_mean_nothing(case, wrong, said):
    model, toy, _ = case
    with pytest.raises(DataError, match=said):
        frozen.embed(model, frozen.in_memory(toy[:2].copy()), **{"device": "cpu"} | wrong)


def test_damaged_weights_are_told_by_the_row(toy):
    model = TINY["geneformer"](toy, max_length=64)
    with torch.no_grad():
        model.network.norm.bias[:] = torch.nan
    with pytest.raises(
        DataError, match=r"20 cells, first that in row 0, cell '[^']+', is not finite in float32"
    ):
        frozen.embed(model, frozen.in_memory(toy[:20].copy()), **ONE)


@pytest.mark.parametrize("kind", TINY)
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_cells_that_a_model_cannot_read_get_no_embedding_and_are_counted_by_their_row(toy, kind, precision):
    """None of the first 2,000 genes, which are all that the model knows, is expressed by cells 3 and 90."""
    some = toy[:100].copy()
    counts = some.layers["counts"].tolil()
    counts[[3, 90], :2000] = 0
    counts[[3, 90], 2200] = 5
    some.layers["counts"] = counts.tocsr()
    known = toy[:, :2000].copy()
    model = TINY[kind](known, max_length=64)
    cells = frozen.in_memory(some)
    shown = dataclasses.replace(
        cells, read=lambda a, b: cells.read(a, b)[:, :2000], var=cells.var.iloc[:2000]
    )
    found, report = frozen.embed(model, shown, device="cpu", precision=precision, chunk=40)
    assert np.flatnonzero(np.isnan(found).any(axis=1)).tolist() == [3, 90]
    assert np.isnan(found[[3, 90]]).all()
    assert report["cells_not_readable"] == 2
    assert report["rows"] == [3, 90]
    assert report["first_of_these"] == f"row 3, cell {some.obs_names[3]!r}"
    others = np.setdiff1d(np.arange(100), [3, 90])
    alone, _ = frozen.embed(model, frozen.in_memory(known[:100][others].copy()), **ONE)
    np.testing.assert_allclose(found[others], alone, atol=2e-6 if precision == "float32" else 0.2)
    nothing = dataclasses.replace(shown, n_cells=1, read=lambda a, b: shown.read(3, 4))
    with pytest.raises(DataError, match="No cell expresses"):
        frozen.embed(model, nothing, **ONE)


def test_a_method_refuses_cells_that_its_model_cannot_read(toy):
    some = toy[:30].copy()
    counts = some.layers["counts"].tolil()
    counts[4] = 0
    counts[4, 2200] = 5
    some.layers["counts"] = counts.tocsr()
    known = toy[:, :2000].copy()

    def build(cells, seed):
        return of_known_genes(lambda shown: TINY["scgpt"](known), cells, set(known.var["symbol"]), "tiny")

    with pytest.raises(
        DataError, match=rf"1 of 30 cells, first row 4, cell {some.obs_names[4]!r}, express no"
    ):
        frozen_network.embed(build, some, seed=0, device="cpu", partial=None)


def test_rows_of_two_precisions_are_not_in_one_file(case, toy, tmp_path):
    model, _, alone = case
    cells, out = frozen.in_memory(toy[:60].copy()), tmp_path / "x.npy"

    def stopped(*given):
        if Path(f"{out}.json").exists():  # some rows are there
            raise KeyboardInterrupt
        return model.run(*given)

    half = {"device": "cpu", "precision": "bfloat16", "chunk": 10, "partial": out}
    with pytest.raises(KeyboardInterrupt):
        frozen.embed(dataclasses.replace(model, run=stopped), cells, **half)
    found, report = frozen.embed(model, cells, partial=out, **ONE)
    assert report["cells_found_done"] == 0
    np.testing.assert_allclose(found, alone, atol=2e-6)
