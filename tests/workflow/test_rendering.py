"""Where a chapter stands in the book."""

import shutil

import pytest
import yaml

from zslib.core import store
from zslib.core.errors import DataError
from zslib.workflow import rendering


@pytest.fixture
def chapters(tmp_path, monkeypatch):
    """A copy of the chapters to which a test may add."""
    shutil.copytree(store.ROOT / "book" / "chapters", tmp_path / "book" / "chapters")
    shutil.copy(store.ROOT / "_toc.yml", tmp_path)
    monkeypatch.setattr(store, "ROOT", tmp_path)
    monkeypatch.setattr(rendering, "BOOK", tmp_path / "book")
    return tmp_path / "book" / "chapters"


def test_a_chapter_that_is_not_listed_stands_at_the_end_of_its_part(chapters):
    listed = yaml.safe_load((store.ROOT / "_toc.yml").read_text())
    for part in listed["parts"]:
        part["chapters"] = [one for one in part["chapters"] if "glob" not in one]  # no such pages here
    assert rendering.contents() == listed
    (chapters / "a-new-one.md").write_text("---\npart: Learning\n---\n\n# New\n")
    for before, part in zip(listed["parts"], rendering.contents()["parts"], strict=True):
        added = [{"file": "chapters/a-new-one"}] if part["caption"] == "Learning" else []
        assert part["chapters"] == before["chapters"] + added


def test_runs_stand_below_their_dataset(chapters):
    runs = chapters.parent / "runs"
    for page in ("kang.ipynb", "kang/hvg.ipynb", "baron.ipynb"):
        (runs / page).parent.mkdir(parents=True, exist_ok=True)
        (runs / page).touch()
    (results,) = (part for part in rendering.contents()["parts"] if part["caption"] == "Results")
    assert results["chapters"] == [
        {"file": "runs/baron"},
        {"file": "runs/kang", "sections": [{"glob": "runs/kang/*"}]},
        {"file": "chapters/explore"},
    ]


@pytest.mark.parametrize("head", ["jupytext: {}", "part: Elsewhere"])
def test_a_chapter_of_no_part_is_refused_with_the_parts_there_are(chapters, head):
    (chapters / "lost.md").write_text(f"---\n{head}\n---\n\n# Lost\n")
    with pytest.raises(DataError, match=r"lost\.md .* `part: NAME` .*Learning, Using"):
        rendering.contents()


def test_a_page_of_a_dataset_brings_the_view_of_its_cells_into_the_folder_of_its_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "ROOT", tmp_path)
    monkeypatch.setattr(rendering, "BOOK", tmp_path / "book")
    pages = {"runs/toy.ipynb": "results/toy/page.ipynb", "runs/toy/hvg.ipynb": "results/toy/hvg/0/page.ipynb"}
    for notebook in pages.values():
        (tmp_path / notebook).parent.mkdir(parents=True)
        (tmp_path / notebook).write_text("{}")
    (tmp_path / "results/toy/cells.html").write_text("the cells")
    rendering.assemble(pages)
    found = {str(p.relative_to(tmp_path / "book")) for p in (tmp_path / "book").rglob("*") if p.is_file()}
    assert found == {*pages, "runs/toy/cells.html"}
