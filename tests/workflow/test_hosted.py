"""The profile hosted against local stand-ins: real paths through every loader, and no network."""

import json
from pathlib import Path

import pandas as pd
import pytest
import stand_ins
import yaml
from tiny_grid import run_grid

from zslib import datasets, methods
from zslib.workflow import grid

pytest.importorskip("cellxgene_census")
PROFILE = yaml.safe_load((grid.PROFILES / "hosted.yaml").read_text())
LEFT_OUT = ("archive-harmony", "archive-scvi")  # as archive-pca
RUN = ("pbmc-12k", "census-immune")  # one of the archive and one of the Census
ZERO_SHOT = {
    "pbmc-12k": ["archive-scgpt", "archive-geneformer"],
    "pancreas-16k": ["archive-scgpt", "archive-geneformer"],
    "census-immune": ["census-scgpt", "census-uce"],
}


def test_every_dataset_has_frozen_models_baselines_and_controls():
    made = grid.load("hosted")
    cards = {name: methods.card(name) for name in made.methods}
    assert list(made.datasets) == list(ZERO_SHOT)
    assert {m for some in ZERO_SHOT.values() for m in some} == {
        m for m, c in cards.items() if c.family == "foundation"
    }
    assert {"hvg", "hvg-pca", "harmony", "scvi", "random", "labels"} <= set(cards)
    assert all(datasets.card(name).license for name in made.datasets)


@pytest.fixture
def stood_in(index, address, tmp_path, monkeypatch):
    """The environment in which all that the profile fetches is here."""
    monkeypatch.setenv("ZENODO_ENDPOINT", address)
    monkeypatch.setenv("ZSLIB_CENSUS", str(tmp_path / "census"))
    (cached := tmp_path / "cache").mkdir()
    stand_ins.census(tmp_path / "census")
    stand_ins.put(cached, index, address)
    return tmp_path


@pytest.mark.slow
@pytest.mark.notebook
def test_the_profile_runs_to_executed_pages(stood_in):
    kept = [
        "hvg",
        "random",
        "labels",
        *(m for m in PROFILE["methods"] if m.startswith(("archive-", "census-")) and m not in LEFT_OUT),
    ]
    small = {
        "datasets": list(RUN),
        "methods": kept,
        "n_cells": 150,
        "n_boot": 20,
        "parameters": {},
        "more_seeds": {},
        "altered": {"draws": 2},
    }
    small |= {"tuning": {"draws": 1, "steps": 2, "n_learn": 60, "n_test": 40, "n_genes": 100, "n_boot": 20}}
    profile, results = stood_in / "hosted.yaml", stood_in / "results"
    profile.write_text(yaml.safe_dump(PROFILE | small))
    run_grid(profile, results)

    for dataset in RUN:
        frozen = ZERO_SHOT[dataset]
        family = "archive-" if frozen[0].startswith("archive-") else "census-"
        for method in kept[3:]:
            about = json.loads((results / dataset / method / "0" / "run.json").read_text())
            applies = method.startswith(family)
            assert about["status"] == ("ok" if applies else "not applicable"), about
            if applies:
                assert about["looked_up"]["cells_with_counts_compared"] in (20, about["n_cells"])
        assert (results / dataset / "page.ipynb").exists()
    scores = pd.read_parquet(results / "scores.parquet")
    found = scores[(scores["metric"] == "avg_bio") & (scores["space"] == "native")].set_index(
        ["dataset", "method"]
    )["value"]
    for dataset in RUN:
        for method in ZERO_SHOT[dataset]:  # the stand-ins know the types
            assert found[dataset, "random"] + 0.1 < found[dataset, method] < found[dataset, "labels"] + 1e-9

    front = text_of(results / "page.ipynb")
    ran = "scGPT (archived), Geneformer V1 10M (archived), scGPT (Census) and UCE (Census)"
    assert f"- Frozen foundation models: {ran}." in front
    assert "Fine-tuned, or trained on such cells" in front
    for table in tables_of(results / "page.ipynb"):
        assert "fine-tuned (Census)" not in table
        assert "trained on the Census" not in table


def text_of(page: Path) -> str:
    return "\n".join(_outputs(page))


def tables_of(page: Path) -> list[str]:
    return [output for output in _outputs(page) if "<table" in output]


def _outputs(page: Path) -> list[str]:
    cells = json.loads(page.read_text())["cells"]
    outputs = (output.get("data", {}) for cell in cells for output in cell.get("outputs", ()))
    return [
        "".join(data.get(kind, ""))
        for data in outputs
        for kind in ("text/html", "text/markdown")
        if kind in data
    ]
