"""A dataset, a method, a metric and a chapter are each added as the one file that CONTRIBUTING.md shows."""

import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import yaml
from anndata import AnnData

from zslib.core import store

ROOT = store.ROOT
GUIDE = (ROOT / "CONTRIBUTING.md").read_text()
BLOCKS = re.findall(r"^(`{3,})(?:python|markdown|csv)\n(.*?)^\1$", GUIDE, re.DOTALL | re.MULTILINE)
PLACES = {
    "# my_cells.py": "zslib/datasets/my_cells.py",
    "# my_method.py": "zslib/methods/my_method.py",
    "# my_metric.py": "zslib/metrics/biology/my_metric.py",
    "# My chapter": "book/chapters/my-chapter.md",
}
WHOLE = ("zslib", "book", "notebooks", "tests")


def example(marker: str) -> str:
    """The code block of CONTRIBUTING.md in which a line stands."""
    (found,) = [text for _, text in BLOCKS if marker in text.splitlines()]
    return found


@pytest.fixture
def project(tmp_path, toy_path):
    """A copy of the project with the four files in place, and a dataset's data beside its file; nothing else."""
    from zslib import datasets

    for name in WHOLE:
        shutil.copytree(ROOT / name, tmp_path / name)  # with what is compiled
    for path in ROOT.iterdir():
        if path.is_file() and path.suffix in (".md", ".toml", ".txt", ".yml", ".cff"):
            shutil.copy(path, tmp_path)
    for marker, place in PLACES.items():
        assert not (tmp_path / place).exists()
        (tmp_path / place).write_text(example(marker))
    cells = datasets.get(toy_path).read(None)
    cells.obs = cells.obs.rename(columns={"type": "cell_type"})
    cells.write_h5ad(tmp_path / "zslib/datasets/my_cells.h5ad")
    return tmp_path


def run(project, *command) -> str:
    """Run Python in a copy of the project; what it says."""
    environment = os.environ | {"PYTHONPATH": str(project), "OMP_NUM_THREADS": "1"}
    for name in [name for name in environment if name.startswith("PYTEST_")]:
        del environment[name]
    done = subprocess.run(
        [sys.executable, *command], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def leave_out_other_chapters(project) -> None:
    """Only to be quick: the book keeps one chapter, and links to the others are forgiven."""
    for path in (project / "book" / "chapters").glob("*.md"):
        if path.stem != "my-chapter":
            path.unlink()
    toc = yaml.safe_load((project / "_toc.yml").read_text())
    for part in toc["parts"]:
        part["chapters"] = [c for c in part["chapters"] if not c.get("file", "").startswith("chapters/")]
    toc["parts"] = [part for part in toc["parts"] if part["chapters"] or part["caption"] == "Learning"]
    (project / "_toc.yml").write_text(yaml.safe_dump(toc))
    config = yaml.safe_load((project / "_config.yml").read_text())
    config["sphinx"]["config"]["suppress_warnings"] = ["myst.xref_missing"]
    (project / "_config.yml").write_text(yaml.safe_dump(config))


@pytest.mark.notebook
@pytest.mark.slow
def test_each_file_is_all_that_a_small_book_needs(project):
    leave_out_other_chapters(project)
    profile = {"datasets": ["my-cells"], "methods": ["random", "labels", "my-method"], "seeds": [0]}
    profile |= {"n_cells": 120, "n_boot": 10, "altered": {"draws": 1}}
    profile |= {
        "reconstruct": {"n_train": 60, "epochs": 1, "n_cells": 20, "n_large": 2, "n_genes": 100, "draws": 1}
    }
    (project / "tiny.yaml").write_text(yaml.safe_dump(profile))
    run(project, "-m", "zslib", "book", "--profile", "tiny.yaml", "--device", "cpu")

    scores = pd.read_parquet(project / "results-tiny" / "scores.parquet").query("space == 'native'")
    found = scores.query("metric == 'pure_neighborhoods'").set_index("method")["value"]
    assert set(found.index) == {"random", "labels", "my-method"}
    assert found["random"] < 0.1 < 0.9 < found["labels"]
    html = project / "_build" / "html"
    pages = {
        name: (html / f"{name}.html").read_text()
        for name in ("index", "runs/my-cells", "chapters/my-chapter")
    }
    contents = pages["index"][pages["index"].index(">Learning<") :]
    assert "My chapter" in contents[: contents.index(">Using<")]
    assert re.search(r"By 0\.\d\d\.", pages["chapters/my-chapter"])
    assert "Lung cells of four donors" in pages["runs/my-cells"]
    assert "My method" in pages["runs/my-cells"]
    of_method = (html / "runs/my-cells/my-method.html").read_text()
    assert "ten random groups of genes" in of_method
    assert "Pure neighborhoods" in of_method


@pytest.mark.notebook
@pytest.mark.slow
def test_each_file_passes_the_tests_that_all_others_of_its_kind_pass(project):
    quick = ("-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-k")
    asks = "my-chapter or every_chapter or sections or (cards_say and my-method) or marker or compete or twin or every_file"
    files = ("test_habits.py", "test_chapters.py", "methods/test_methods.py", "datasets/test_registry.py")
    asks += " or (test_metrics_registry and (card or order or function or family))"
    files += ("metrics/test_metrics_registry.py",)
    run(project, *quick, asks, *(f"tests/{name}" for name in files))


def test_an_embedding_that_exists_is_found_by_the_names_of_its_cells(tmp_path):
    names = [f"cell{i}" for i in range(8)]
    adata = AnnData(np.arange(24.0).reshape(8, 3))
    adata.obs_names = names
    adata.to_df().iloc[::-1].to_csv(tmp_path / "my_embedding.csv")  # in another order than the cells
    found = {"__file__": str(tmp_path / "my_embedding.py")}
    exec(example("# my_embedding.py"), found)
    np.testing.assert_array_equal(found["embed"](adata), adata.X)


def test_a_source_of_published_scores_is_read_and_gives_the_headline_score(tmp_path, monkeypatch):
    from zslib.studies import record
    from zslib.studies.record import evidence

    (tmp_path / "my-benchmark.csv").write_text(example("# title: My benchmark"))
    source = record.read(tmp_path / "my-benchmark.csv")
    monkeypatch.setattr(evidence, "sources", lambda: {source.name: source})
    found = evidence.headline.__wrapped__().set_index("name")  # and none of what is remembered
    assert found["value"].to_dict() == pytest.approx({"scGPT": 1.86 / 3, "PCA": 1.94 / 3})
    np.testing.assert_allclose(found["floor"], 0.49 / 3)
