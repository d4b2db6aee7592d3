"""Pages of the grid as a reader downloads them: they run beside a copy of their results, and show the code that ran."""

import shutil
from dataclasses import asdict

import pytest

from zslib import tables
from zslib.core import store
from zslib.datasets import prepare
from zslib.results.report import words
from zslib.workflow import pages, steps
from zslib.workflow.grid import Grid

METHODS = ["random", "labels"]


@pytest.fixture(scope="module")
def downloaded(toy, toy_path, tmp_path_factory):
    """A folder with results and, beside them, the pages of a run, of its dataset and of the grid; the first results are gone."""
    first, folder = tmp_path_factory.mktemp("made") / "results", tmp_path_factory.mktemp("downloads")
    grid = Grid(
        profile="tiny",
        results=str(first),
        datasets={"toy-cells": toy_path},
        methods={name: name for name in METHODS},
        seeds=[0],
        n_cells=None,
        n_boot=20,
    )
    prepare.write(toy, store.prepared_path(first, "toy-cells"))
    store.write_json(first / "grid.json", asdict(grid))
    for name in METHODS:
        said = steps.run(str(first), "toy-cells", name, name, 0, "cpu", {}, 20)
        assert said == "embedded, scored, drawn"
    steps.compare(str(first), "toy-cells", toy_path, f"{first}/grid.json")
    steps.summary(str(first), f"{first}/grid.json")
    for page, name in {"toy-cells/labels/0": "labels", "toy-cells": "toy-cells", ".": "front"}.items():
        shutil.copy(first / page / "page.ipynb", folder / f"{name}.ipynb")
    shutil.move(first, folder / "results")
    return folder


@pytest.mark.notebook
@pytest.mark.parametrize("name", ["labels", "toy-cells", "front"])
def test_a_page_runs_from_top_to_bottom_beside_its_results(name, downloaded, monkeypatch):
    monkeypatch.chdir(downloaded)
    page, names = pages.read(f"{name}.ipynb"), {"display": lambda *objects, **more: None}
    # The front page writes the table of all scores, and none of what these are from.
    tables_of = set(downloaded.rglob("scores.parquet")) - (
        {downloaded / "results/scores.parquet"} if name == "front" else set()
    )
    before = {path: path.stat().st_mtime_ns for path in tables_of}
    for cell in page.cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, name, "exec"), names)
    assert before == {path: path.stat().st_mtime_ns for path in tables_of}
    if name != "front":
        assert names["adata"].n_obs == 240
    # It holds no path but the name of the folder, and the title of what it is about.
    (injected,) = [c.source for c in page.cells if "injected-parameters" in c.metadata.get("tags", [])]
    assert 'results = "results"' in injected or 'grid = "results/grid.json"' in injected
    front = "# Zero-shot evaluation in single-cell biology"
    titles = {"labels": "# labels (cheating) on toy-cells", "toy-cells": "# Toy cells", "front": front}
    assert page.cells[0].source == titles[name]


def test_a_relative_path_leads_to_what_is_here_or_else_into_the_checkout(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert store.find("README.md") == store.ROOT / "README.md"
    (tmp_path / "README.md").touch()
    assert store.find("README.md").resolve() == tmp_path / "README.md"
    assert store.find(tmp_path / "README.md") == tmp_path / "README.md"


@pytest.mark.parametrize(
    ("method", "verbs"),
    [
        ("hvg", ["sc.pp.highly_variable_genes(", "def embed("]),
        ("hvg-pca", ["sc.pp.pca("]),
        ("harmony", ["harmonypy.run_harmony("]),
        ("scvi", ["scvi.model.SCVI(", "model.train(", "get_latent_representation("]),
        (
            "scgpt-human",
            ["def embed(", "tokenizers.paper(", "self.encoder(genes) + self.value_encoder(values)"],
        ),
        ("geneformer-mini-kang", ["encoder.encode(counts, ids", "x.sum(dim=1) / keep.sum(dim=1"]),
    ],
)
def test_the_page_of_a_method_shows_the_verbs_that_embed(method, verbs):
    shown = tables.method_code(method).data
    assert shown.startswith("```python\n# zslib/methods/")
    assert not [verb for verb in verbs if verb not in shown]
    assert '"""' not in shown


def test_the_code_of_a_file_of_ones_own_is_shown_without_its_path(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(
        "import numpy as np\nfrom zslib.methods import MethodCard\n"
        'CARD = MethodCard(name="mine", title="M", family="baseline", summary="s", recipe="r", caveat="c", citation="b")\n'
        "def unused():\n    return 1\n\ndef zeros(n):\n    return np.zeros((n, 2))\n\n"
        'def embed(adata, *, batch_key, seed, device):\n    """Nothing."""\n    return zeros(adata.n_obs)\n'
    )
    assert tables.method_code(str(file)).data == (
        "```python\n# mine.py\n\ndef zeros(n):\n    return np.zeros((n, 2))\n\n\n"
        "def embed(adata, *, batch_key, seed, device):\n    return zeros(adata.n_obs)\n```"
    )


def test_a_negative_number_has_a_true_minus_and_a_name_its_hyphen():
    text = "-0.02 [-1, +0.5] (-3) on pbmc-3k, 10.1038/s41592-026-1, run/-1 and `--n -1`"
    assert words.minus(text) == "−0.02 [−1, +0.5] (−3) on pbmc-3k, 10.1038/s41592-026-1, run/-1 and `--n -1`"
    assert ">−0.17<" in tables.table([("a", "-0.17")], ["", ""]).data
    assert words.markdown("it moves by -0.1").data == "it moves by −0.1"
