"""The chapter on wrong harnesses claims things of the cells it computes with; here they are checked."""

from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
import torch
from anndata import AnnData
from scipy import sparse

from zslib.core import store
from zslib.datasets import prepare
from zslib.studies import teaching
from zslib.workflow import pages
from zslib.workflow.grid import Grid

CHAPTER = store.ROOT / "book" / "chapters" / "when-the-harness-is-wrong.md"


def cells():
    """Make cells of ten types in two batches, shallow and not all distinct, as real ones are."""
    rng = np.random.default_rng(0)
    kind, batch = rng.integers(0, 10, 600), rng.integers(0, 2, 600)
    rate, gene = rng.gamma(0.3, 0.5, 2500) * np.ones((600, 1)), rng.permutation(2500)
    for k in range(10):
        rate[np.ix_(kind == k, gene[k * 25 : k * 25 + 50])] += 0.5  # half of them are the next type's too
    obs = pd.DataFrame({"label": [f"type {k}" for k in kind], "batch": [f"batch {b}" for b in batch]})
    obs.index = [f"cell{i}" for i in range(600)]
    genes = [f"GENE{g}" for g in range(2500)]
    counts = sparse.csr_matrix(rng.poisson(rate).astype(np.float32))
    var = pd.DataFrame({"symbol": genes}, index=genes)
    uns = {"dataset": {"name": "cells"}}
    return prepare.prepare(AnnData(obs=obs.astype("category"), var=var, layers={"counts": counts}, uns=uns))


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Every name of the chapter after it ran on these cells."""
    results = tmp_path_factory.mktemp("results")
    prepare.write(cells(), store.prepared_path(results, "cells"))
    grid = Grid(
        profile="tiny",
        results=str(results),
        datasets={"cells": "cells"},
        methods={"random": "random"},
        seeds=[0],
        n_cells=None,
        n_boot=20,
    )
    store.write_json(results / "grid.json", asdict(grid))
    names = {}
    for cell in pages.read(CHAPTER).cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "code" and "solution" not in tags:
            exec(compile(cell.source, CHAPTER.name, "exec"), names)
        if "parameters" in tags:
            names |= {"results": str(results), "grid": str(results / "grid.json")}
    return names


def test_outcome_is_one_line():
    def fail(message):
        raise ValueError(message)

    assert teaching.outcome(fail, "first\nsecond") == "ValueError: first"
    assert teaching.outcome(len, "abc") == "no error"


def test_a_table_brings_back_what_it_was_given_or_one_column_more(ran):
    intact, numbered = ran["embeddings"]["intact"], ran["embeddings"]["row number in front"]
    np.testing.assert_allclose(intact, ran["intact"], rtol=1e-5)
    np.testing.assert_array_equal(numbered[:, 0], np.arange(len(intact)))
    np.testing.assert_array_equal(numbered[:, 1:], intact)


def test_the_corrupted_embedding_is_at_the_floor_or_below_it(ran):
    table = ran["table"]
    assert (table.loc["both"] < table.loc["shuffled"] + 0.05).all()
    assert table.loc["both", "graph connectivity"] < table.loc["shuffled", "graph connectivity"] - 0.05
    assert (table.loc["rows sorted"] < table.loc["shuffled"] + 0.1).all()
    assert (table.loc["intact"] > table.loc["both"] + 0.3).all()


def test_the_published_row_is_below_the_floor_too(ran):
    row, floor = (ran["kidney"].loc[name] for name in ("row of Geneformer", "shuffled cells"))
    assert (row < floor - 0.1)[["label ASW", "graph connectivity"]].all()
    assert (row < floor + 0.05).all()


def test_wrong_genes_pass_the_floor_and_fail_the_positive_control(ran):
    score = {name: found["kNN purity"] for name, found in ran["found"].items()}
    assert score["shuffled"] + 0.05 < score["wrong genes"] < score["right genes"] - 0.05
    published, wrapper, reference = ran["published"], ran["wrapper"], ran["reference"]
    assert np.allclose(wrapper(reference, ran["right"]), published, atol=1e-4)
    assert not np.allclose(wrapper(reference, ran["wrong"]), published, atol=1e-1)


def test_one_mean_is_the_weaker_baseline_and_one_that_saw_the_answers_the_stronger(ran):
    one, of_others, of_asked = ran["error"].values()
    assert of_asked < of_others < one


def test_and_enters_only_the_second_guard(ran):
    assert ran["joined"].requires_grad
    assert not ran["listed"].requires_grad
    assert torch.equal(ran["joined"], ran["listed"])


def test_errors_are_those_the_page_tells_of(ran):
    few, many = len(ran["intact"]) - 1, len(ran["intact"]) + 1
    assert teaching.outcome(ran["progress"], 6).startswith("ZeroDivisionError")
    assert teaching.outcome(ran["progress"], 10) == "no error"
    assert teaching.outcome(lambda: ran["Run"]().name).startswith("AttributeError")
    assert teaching.outcome(lambda: ran["Run"]("folder").name) == "no error"
    assert teaching.outcome(ran["evaluate"], ran["intact"], many).startswith("UnboundLocalError")
    assert teaching.outcome(ran["evaluate"], ran["intact"], few) == "no error"
