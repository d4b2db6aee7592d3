"""The teaching chapters: every cell runs on a small grid, and every solution proves itself."""

import ast
import itertools
import re
import subprocess
from dataclasses import asdict

import pytest
from matplotlib.figure import Figure

from zslib import metrics
from zslib.core import store
from zslib.datasets import prepare
from zslib.results import Run, embed, score
from zslib.workflow import pages, rendering
from zslib.workflow.grid import Grid

PARTS = rendering.contents()["parts"]
(LEARNING,) = [
    [c["file"] for c in part["chapters"] if c["file"].startswith("chapters/")]
    for part in PARTS
    if part["caption"] == "Learning"
]
UNDERSTANDING = [
    f"chapters/{name}"
    for name in (
        "untrained", "controls", "explore", "expression", "how-to-read-these-scores", "seen-before", "record",
        "paper-settings",
    )
]  # fmt: skip
"""Chapters that say something of any grid; the others need more than a small one has."""
CHAPTERS = [f"chapters/{path.stem}" for path in sorted((store.ROOT / "book" / "chapters").glob("*.md"))]
RHYTHM = ["Question", "Prediction", "Run", "Reading", "Exercises", "Takeaways", "Quiz"]


def read(chapter):
    return pages.read(store.ROOT / "book" / f"{chapter}.md")


def tagged(page, tag):
    return [cell for cell in page.cells if tag in cell.metadata.get("tags", [])]


@pytest.fixture(scope="module")
def small_grid(toy, toy_path, tmp_path_factory):
    """Results of three quick methods on the toy cells, made without a kernel."""
    results = tmp_path_factory.mktemp("results")
    names = ["random", "random-projection", "labels"]
    grid = Grid(
        profile="tiny",
        results=str(results),
        datasets={"toy-cells": toy_path},
        methods=dict(zip(names, names, strict=True)),
        seeds=[0],
        n_cells=None,
        n_boot=20,
    )
    prepare.write(toy, store.prepared_path(results, "toy-cells"))
    for method in names:
        run = Run(results, "toy-cells", method, 0)
        embed(run, toy, method, device="cpu")
        score(run, toy, n_boot=grid.n_boot, device="cpu")
    store.write_json(results / "grid.json", asdict(grid))
    return results


@pytest.fixture
def ran(small_grid, monkeypatch):
    """Runs the code cells of a chapter; gives what they leave behind and what they displayed."""
    whole = Figure.savefig
    monkeypatch.setattr(Figure, "savefig", lambda self, *a, **k: whole(self, *a, **{**k, "dpi": 30}))
    shown = []

    def run(chapter):
        page, names = read(chapter), {}
        for cell in page.cells:
            if cell.cell_type == "code":
                exec(compile(cell.source, chapter, "exec"), names)
            if "parameters" in cell.metadata.get("tags", []):
                names |= {"grid": str(small_grid / "grid.json")}
        return names, shown

    monkeypatch.setattr("IPython.display.display", lambda *objects, **more: shown.append(more))
    return run


@pytest.mark.parametrize("chapter", LEARNING + UNDERSTANDING)
def test_chapter_runs_and_its_solutions_hold(chapter, ran):
    _, shown = ran(chapter)
    assert all(len(more["metadata"]["alt"]) > 40 for more in shown if more)


def test_the_reference_has_the_card_of_every_metric(ran, monkeypatch):
    shown = []
    monkeypatch.setattr("zslib.tables.metric_card", shown.append)
    ran("chapters/metrics")
    assert sorted(shown) == sorted(metrics.CARDS)


def test_the_verbs_of_the_libraries_and_ours_give_the_same_embedding(ran):
    apart = ran("chapters/baselines")[0]["apart"]
    assert set(apart) == {"hvg", "hvg-pca", "harmony", "scvi"}
    assert max(apart.values()) < 1e-4


@pytest.mark.parametrize(
    "chapter", [chapter for chapter in CHAPTERS if chapter != "chapters/metrics"]
)  # a reference
def test_every_exercise_has_a_solution_that_checks_itself(chapter):
    page = read(chapter)
    text = (store.ROOT / "book" / f"{chapter}.md").read_text()
    (exercises,) = re.findall(r"^## Exercises\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    _, *asked = re.split(r"^\d+\. ", exercises, flags=re.MULTILINE)
    assert asked
    for exercise in asked:
        assert (
            len(re.findall(r":tags: \[solution\]|\{admonition\} Answer\n:class: dropdown", exercise)) == 1
        ), exercise
    for cell in tagged(page, "solution"):
        assert cell.cell_type == "markdown" or any(
            isinstance(node, ast.Assert) for node in ast.walk(ast.parse(cell.source))
        ), cell.source


def test_what_the_book_says_of_moved_results_the_changelog_says_too():
    text = (store.ROOT / "book" / "changes.md").read_text()
    said = re.findall(r"\d[\d.,]*\d|\d+ (?:%|times)", text[text.index("## What results") :])
    changelog = (store.ROOT / "CHANGELOG.md").read_text()
    assert len(said) > 15
    assert not [number for number in said if number not in changelog]


def test_the_command_for_a_handout_takes_solutions_and_written_answers_away():
    text = (store.ROOT / "book" / "teaching.md").read_text()
    (command,) = re.findall(r"```bash\n(.*?)```", text, re.DOTALL)
    said = 'set -e; jupyter() { printf "%s\\n" "$@"; }; ' + command
    words = subprocess.run(["bash", "-c", said], check=True, capture_output=True, text=True).stdout.split()
    assert "--TagRemovePreprocessor.remove_cell_tags=solution" in words
    assert words[-1].endswith(".ipynb")


@pytest.mark.parametrize(("title", "tag"), pages.WRITTEN.items())
def test_a_tag_takes_away_what_is_written_and_waits(title, tag):
    for chapter in CHAPTERS:
        left = "\n".join(c.source for c in read(chapter).cells if tag not in c.metadata.get("tags", []))
        assert f"{{admonition}} {title}" not in left, chapter


@pytest.mark.parametrize("chapter", LEARNING)
def test_chapter_asks_before_it_shows(chapter):
    page = read(chapter)
    text = "\n".join(c.source for c in page.cells if c.cell_type == "markdown")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert [h for h in headings if h in RHYTHM] == RHYTHM
    asked = text.count("{admonition} Write down your answer first")
    assert asked >= 1
    first = next(i for i, c in enumerate(page.cells) if "Write down your answer first" in c.source)
    assert first < page.cells.index(tagged(page, "result")[0])
    quiz = text[text.index("## Quiz") :]
    questions = re.findall(r"^\d\. ", quiz, re.MULTILINE)
    assert 2 <= len(questions) == quiz.count("{admonition} Answer\n:class: dropdown")


NO_FINDING = {f"chapters/{name}" for name in ("metrics", "performance", "how-to-read-these-scores")}
"""References, and ten lines that are a finding themselves."""


@pytest.mark.parametrize("chapter", sorted(set(CHAPTERS) - set(LEARNING) - NO_FINDING))
def test_a_chapter_that_asks_for_no_prediction_opens_with_what_it_found(chapter):
    cells = iter(read(chapter).cells)
    opening = itertools.takewhile(lambda cell: "\n## " not in f"\n{cell.source}", cells)
    silent = {"parameters", "remove-cell", "remove-output"}
    assert [c for c in opening if c.cell_type == "code" and not silent & set(c.metadata.get("tags", []))]


@pytest.mark.parametrize("chapter", LEARNING)
def test_a_chapter_shows_a_picture_before_it_asks(chapter):
    cells = read(chapter).cells
    first = next(i for i, c in enumerate(cells) if {"result", "solution"} & set(c.metadata.get("tags", [])))
    assert any(
        re.search(r"\b(figures|plots)\.\w+\(", c.source) for c in cells[:first] if c.cell_type == "code"
    )


def test_every_chapter_stands_once_in_the_book():
    listed = [chapter.get("file") for part in PARTS for chapter in part["chapters"]]
    for chapter in CHAPTERS:
        assert listed.count(chapter) == 1, chapter
