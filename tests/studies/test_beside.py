"""Published scores beside ours: what is paired, by which cards, and what is said of each pair."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from zslib import datasets, methods, metrics
from zslib.studies.record import beside, sentences, sources, tables


def run_of(dataset, scores, n_cells=1000, parameters=None):
    """A dataset's runs with these scores by method and metric, each with an interval of 0.1 to either side."""
    entries = {
        key: pd.Series({"value": v, "ci_low": v - 0.1, "ci_high": v + 0.1}) for key, v in scores.items()
    }
    about = SimpleNamespace(about={"n_cells": n_cells, "parameters": parameters or {}})
    return SimpleNamespace(
        dataset=dataset,
        ran=sorted({method for method, _ in scores}),
        value=lambda method, metric: entries.get((method, metric)),
        runs_of=lambda method: [about],
    )


def test_what_is_paired_is_what_the_cards_name():
    could = beside.repeatable()
    assert set(could["dataset"]) == {"pancreas-16k", "pbmc-12k", "immune-330k", "tabula-sapiens", "pbmc3k"}
    assert set(could["dataset"]) <= set(datasets.names())
    assert set(could["metric"]) <= set(metrics.CARDS)
    computed = {"hvg-pca", "harmony", "scvi", "scgpt-human", "geneformer-v1-10m"}
    archived = {f"archive-{name}" for name in ("pca", "harmony", "scvi", "scgpt", "geneformer")}
    assert set(could["method"]) == computed | archived
    for name, source in sources().items():
        asked = {about["ours"] for about in source.datasets.values() if "ours" in about}
        assert asked == set(could.loc[could["source"] == name, "dataset"])
    demo = could.query("source == 'zero-shot-demo' and method == 'scgpt-human'").set_index("metric")[
        "published"
    ]
    assert demo["avg_bio"] == 0.496057
    assert demo["asw_batch"] == 0.877185  # not what the source calls ASW_batch, which is another quantity
    scib = could.query("source == 'scib' and method == 'hvg-pca'").set_index("metric")["published"]
    assert scib["avg_bio"] == pytest.approx((0.59430029 + 0.22080658 + 0.49907162) / 3)
    assert set(could.query("source == 'biollm'")["left_out"]) == {"labels are clusters of expression"}


def test_a_method_goes_by_its_names_in_the_record():
    named = [(name, card.name) for card in map(methods.card, methods.names()) for name in card.in_record]
    computed = [(name, method) for name, method in named if not methods.card(method).looked_up]
    assert len({name for name, _ in computed}) == len(computed)
    assert dict(named)["scGPT"] == "scgpt-human"
    assert dict(named)["geneformer-v2-316m"] == "geneformer-v2-316m"
    assert not methods.card("scgpt-random").in_record  # untrained weights are nobody's published model


@pytest.mark.parametrize(
    ("published", "ends", "differs", "left_out", "said"),
    [
        (0.45, (0.4, 0.6), [], "", "agrees within the interval"),
        (0.45, (0.4, 0.6), ["cells"], "", "agrees within the interval"),
        (0.604, (0.4, 0.6), [], "", "agrees within the interval"),  # published to two digits
        (0.7, (0.4, 0.6), [], "", "differs by −0.20"),
        (0.7, (0.4, 0.6), ["cells"], "", "cannot be told: −0.20 here, with other settings"),
        (0.5, (0.4, 0.6), [], "at the floor", "cannot be told: the published score is left out of verdicts (at the floor)"),
        (0.5, (np.nan, np.nan), [], "", "agrees within the interval"),
        (0.51, (np.nan, np.nan), [], "", "differs by −0.01"),
    ],
)  # fmt: skip
def test_the_verdict_on_a_pair(published, ends, differs, left_out, said):
    assert beside.verdict(published, 0.5, *ends, differs, left_out) == said


def test_published_scores_stand_beside_ours():
    runs = [
        run_of(
            "pancreas-16k", {("scgpt-human", "avg_bio"): 0.5, ("scgpt-human", "nmi_louvain"): 0.3}, 16_380
        ),  # two cells fewer are no other cells
        run_of("kang", {("hvg", "avg_bio"): 0.5}),
    ]
    found = beside.beside(runs)
    same = found[found["source"] == "scfm-bench"].set_index("metric")
    assert list(same.index) == ["avg_bio", "nmi_louvain"]
    assert list(same["verdict"]) == ["agrees within the interval", "differs by −0.32"]
    demo = found[found["source"] == "zero-shot-demo"].set_index("metric")
    assert demo.loc["nmi_louvain", "differs"] == [
        "1,000 cells there, 16,380 here",
        "another draw of cells there",
    ]
    assert demo.loc["nmi_louvain", "verdict"] == "cannot be told: −0.28 here, with other settings"
    assert set(found["dataset"]) == {"pancreas-16k"}
    said = sentences.together(runs).data
    assert f"{len(found)} published scores stand beside one of this build" in said
    assert "1 beyond it, 1 beyond it with other settings" in said
    shown = tables.together(runs).data
    assert shown.count("<tr>") == len(found) + 1
    assert "differs by −0.32" in shown
    assert "scGPT_human, 1200 HVG; here: the method&#x27;s defaults" in shown


def test_a_source_that_names_no_checkpoint_cannot_tell():
    found = beside.beside([run_of("pbmc3k", {("geneformer-v1-10m", "linear_probe"): 0.3}, 2700)])
    assert found["differs"].tolist() == [["other held-out cells there", "checkpoint not stated there"]]
    assert "labels are clusters of expression" in found["verdict"].item()


def test_no_row_is_made_up():
    runs = [run_of("pancreas-16k", {("hvg", "avg_bio"): 0.5, ("random", "avg_bio"): 0.1})]
    assert beside.beside(runs).empty
    assert tables.together(runs) is sentences.met(runs) is None
    said = sentences.together(runs).data
    assert said.startswith("No run of this build meets a published score.")
    assert "PROFILE=paper" in said
