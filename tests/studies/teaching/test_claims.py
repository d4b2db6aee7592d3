import numpy as np
import pandas as pd
import pytest

from zslib.core import store
from zslib.results import Run
from zslib.results.comparison import Comparison
from zslib.studies import teaching

ASKED = list(teaching.QUESTIONS)


def write(results, dataset, method, native, pca50, spread=0.01):
    """A method's scores on a dataset, with replicates around them."""
    run = Run(results, dataset, method, 0)
    noise = np.random.default_rng(0).standard_normal(200) * spread
    replicates = pd.DataFrame(
        {"native/avg_bio": native + noise * (1 + native), "pca50/avg_bio": pca50 + noise[::-1] * (1 + pca50)}
    )
    rows = [
        (space, "avg_bio", value, value, value) for space, value in (("native", native), ("pca50", pca50))
    ]
    table = pd.DataFrame(rows, columns=["space", "metric", "value", "ci_low", "ci_high"])
    none = pd.DataFrame(columns=["dataset", "method", "seed", "space", "metric", "label", "cells", "value"])
    store.write_json(run.folder / "run.json", {"status": "ok"})
    store.write_table(run.folder / "discovery.parquet", none)
    store.write_table(run.folder / "replicates.parquet", replicates)
    store.write_table(
        run.folder / "scores.parquet", table.assign(dataset=dataset, method=method, better="higher", seed=0)
    )


@pytest.fixture
def runs(tmp_path):
    names = ("hvg", "hvg-pca", "scvi", "random", "labels")
    values = {
        "d1": {
            "hvg": (0.5, 0.7),
            "hvg-pca": (0.6, 0.6),
            "scvi": (0.7, 0.75),
            "random": (0.1, 0.1),
            "labels": (0.9, 0.9),
        },
        "d2": {
            "hvg": (0.5, 0.5),
            "hvg-pca": (0.6, 0.6),
            "scvi": (0.55, 0.8),
            "random": (0.1, 0.1),
            "labels": (0.9, 0.9),
        },
    }
    for dataset, scores in values.items():
        for method, (native, pca50) in scores.items():
            write(tmp_path, dataset, method, native, pca50)
    return [Comparison(tmp_path, d, names, (0,)) for d in values]


def at(found, dataset, better, worse):
    return found.set_index(["dataset", "better", "worse"]).loc[(dataset, better, worse)]


def test_every_larger_number_is_a_claim_once(runs):
    found = teaching.claims(runs)
    assert len(found) == 2 * 10  # five methods make ten pairs, and no two are level
    assert (found["difference"] > 0).all()


def test_each_question_removes_what_it_is_about(runs):
    found = teaching.claims(runs)
    assert not at(found, "d1", "labels", "hvg")["without_labels"]
    assert at(found, "d1", "hvg-pca", "hvg")["interval"]
    assert not at(found, "d1", "hvg-pca", "hvg")["spaces"]  # on the components it is behind
    assert at(found, "d1", "scvi", "hvg-pca")["spaces"]
    assert not at(found, "d1", "scvi", "hvg-pca")["everywhere"]  # on the other dataset the order is reversed
    assert at(found, "d1", "scvi", "hvg")["everywhere"]
    assert at(found, "d2", "hvg", "random")["everywhere"]


def test_no_question_brings_a_claim_back(runs):
    left = teaching.claims(runs)[ASKED].sum()
    assert (left.diff().dropna() <= 0).all()


def test_without_scores_there_is_nothing_to_claim(runs):
    assert teaching.claims(runs, "avg_batch").empty
