"""What was fine-tuned, or trained on such cells, can stand in no row that says zero-shot."""

import re
from pathlib import Path

import numpy as np
import pytest
from test_comparison import TOY, _write

from zslib import methods, plots, tables
from zslib.core.errors import DataError
from zslib.methods import MethodCard
from zslib.methods.card import FAMILIES
from zslib.methods.census import Hosted
from zslib.results import comparison, ladder, report
from zslib.results.report import words
from zslib.studies.record import beside, source
from zslib.tables import explorer
from zslib.workflow.grid import Grid

TUNED = ["census-geneformer", "scgpt-continual-pretrained", "census-scvi"]
RAN = {
    "hvg": 0.5,
    "census-scgpt": 0.6,
    "census-geneformer": 0.97,
    "scgpt-continual-pretrained": 0.95,
    "census-scvi": 0.96,
    "random": 0.1,
    "labels": 0.99,
}


def card(**said):
    return MethodCard(name="mine", title="Mine", **said)


@pytest.mark.parametrize("family", sorted(set(FAMILIES) - {"tuned"}))
def test_no_card_of_another_family_can_say_that_it_was_tuned(family):
    card(family=family)
    with pytest.raises(DataError, match="the family of what was fine-tuned or trained is 'tuned'"):
        card(family=family, tuned="for cell types")


def test_what_is_tuned_says_what_for():
    with pytest.raises(DataError, match="its card says by `tuned` what for"):
        card(family="tuned")
    made = card(family="tuned", tuned="for cell types")
    assert not made.competes
    assert made.compared


@pytest.mark.parametrize("told", ["trained_on_target", "sees_batch", "sees_labels"])
def test_no_foundation_model_is_fitted_to_the_cells_or_told_of_them(told):
    card(family="baseline", **{told: True})
    with pytest.raises(DataError, match="no frozen foundation model"):
        card(family="foundation", **{told: True})


def test_the_hosted_embeddings_that_are_not_zero_shot_are_called_so():
    cards = {name: methods.card(name) for name in methods.names()}
    assert [name for name, c in cards.items() if c.family == "tuned"] == TUNED
    assert "fine-tuned" in cards["census-geneformer"].title
    assert "trained on the Census" in cards["census-scvi"].title
    assert "with labels" in cards["scgpt-continual-pretrained"].title
    for name in TUNED:
        shown = tables.method_card(name, "census-immune").data
        assert "not zero-shot" in shown
        assert cards[name].tuned in shown


def test_no_hosted_embedding_becomes_zero_shot_by_another_name():
    with pytest.raises(DataError, match="mine: of the hosted embeddings scgpt and uce alone are zero-shot"):
        Hosted(card(family="foundation"), "geneformer")
    assert Hosted(card(family="foundation"), "uce").name == "uce"


def test_what_is_tuned_stands_for_no_model_of_the_record(tmp_path):
    with pytest.raises(DataError, match="mine is not zero-shot and cannot stand for scGPT of the record"):
        card(family="tuned", tuned="for cell types", in_record=("scGPT",))
    text = Path(source.__file__).with_name("sources").joinpath("dl-benchmark.csv").read_text()
    assert "checkpoint: scgpt-human" in text
    (tmp_path / "other.csv").write_text(text.replace("scgpt-human", "scgpt-continual-pretrained"))
    with pytest.raises(DataError, match="is scgpt-continual-pretrained, which is not zero-shot: say why"):
        source.read(tmp_path / "other.csv")


def test_the_explorer_and_the_published_pairs_hold_none_of_them(grid):
    runs = [comparison.load_grid(grid, "toy")]
    listed = [one["name"] for one in explorer.of_build(runs)["methods"]]
    assert "census-scgpt" in listed
    assert not set(TUNED) & {*listed, *beside.repeatable()["method"]}


@pytest.fixture
def grid(tmp_path):
    """A grid in which the tuned models score best by far."""
    shared = np.random.default_rng(0).normal(0, 0.05, 500)
    for method, value in RAN.items():
        _write(tmp_path, method, value, shared + np.random.default_rng(1).normal(0, 0.002, 500))
    return Grid("tiny", str(tmp_path), {"toy": TOY}, dict(zip(RAN, RAN, strict=True)), [0], 4, 500)


def test_the_best_scores_of_all_lead_nothing_and_have_no_rank_and_no_star(grid):
    runs = comparison.load_grid(grid, "toy")
    assert set(TUNED) <= set(runs.compared)  # they are shown
    assert not set(TUNED) & set(runs.rivals)
    for space in comparison.SPACES:
        assert ladder.leaders(runs, "avg_bio", space=space) == ["census-scgpt"]
    assert "fine-tuned" not in tables.ranking(runs, "avg_bio").data
    assert "scGPT (Census)" in words.best_on([runs], "avg_bio")
    assert "Geneformer" not in words.best_on([runs], "avg_bio")
    *rows, note = re.split("<tr|<p", tables.comparison(runs, ["avg_bio"], pages="toy/").data)
    (row,) = (row for row in rows if "Geneformer, fine-tuned (Census)" in row)
    assert "★" not in row
    assert "not zero-shot (Geneformer, fine-tuned (Census)" in note


def test_the_front_page_keeps_them_out_and_says_what_they_are(grid):
    runs = [comparison.load_grid(grid, "toy")]
    assert not set(TUNED) & set(report.front_methods(runs))
    assert "census-scgpt" in report.front_methods(runs)
    said = report.measured(grid, runs).data
    assert "Frozen, **scGPT (Census)** beats HVG on 1 of 1 datasets" in said
    assert "fine-tuned" not in said
    assert "trained on the Census" not in said
    assert "Geneformer is not in this build" in said  # the fine-tuned one is not it
    models = report.models(grid, runs).data
    assert "- Frozen foundation models: scGPT (Census)." in models
    assert (
        "- Fine-tuned, or trained on such cells, and so neither zero-shot nor competitors: "
        "Geneformer, fine-tuned (Census); scGPT trained further with labels; scVI trained on the Census."
        in models
    )
    shown = tables.overview(runs, "avg_bio", report.front_methods(runs)).data
    assert not [name for name in TUNED if methods.card(name).title in shown]


def test_the_figure_of_the_front_page_draws_none_of_them(grid):
    runs = [comparison.load_grid(grid, "toy")]
    _, alt, *_ = plots.overview.__wrapped__(runs, "avg_bio", only=report.front_methods(runs))
    assert "scGPT (Census)" in alt
    assert not [name for name in TUNED if methods.card(name).title in alt]
