"""From a template to a page, and what a page says when its notebook fails."""

import nbformat
import pytest

from zslib import methods
from zslib.workflow import pages

V4 = nbformat.v4


def _template(tmp_path, *code):
    cells = [V4.new_markdown_cell("# A title of its own\n\nCosts 5 $ and $unknown.")]
    cells.append(V4.new_code_cell("x: int = 1", metadata={"tags": ["parameters"]}))
    cells += [V4.new_code_cell(c) for c in code]
    path = tmp_path / "template.ipynb"
    nbformat.write(V4.new_notebook(cells=cells), path)
    return path


@pytest.mark.notebook
def test_the_title_is_filled_in_and_a_figures_alternative_text_reaches_the_page(tmp_path):
    draw = (
        "from matplotlib.figure import Figure\nfrom zslib import plots\n"
        "figure = Figure(figsize=(5, 2)); figure.subplots().plot([1, 2])\nplots.show(figure, f'A line up to {x}.')"
    )
    output = tmp_path / "page.ipynb"
    pages.execute(_template(tmp_path, draw), {"x": 7}, output, title=r"Seven \1 $x")
    page = nbformat.read(output, as_version=4)
    assert page.cells[0].source == "# Seven \\1 $x\n\nCosts 5 $ and $unknown."
    picture, ran = page.cells[-2:]
    assert "with zslib" in ran.source
    assert "x = 7" in ran.source
    assert picture.metadata.mystnb.image == {"alt": "A line up to 7.", "width": "410px"}
    assert "hide-input" in picture.metadata.tags
    assert "papermill" not in page.metadata
    injected = [c for c in page.cells if "injected-parameters" in c.metadata.get("tags", [])]
    assert "remove-cell" in injected[0].metadata.tags


@pytest.mark.notebook
def test_a_notebook_that_raises_leaves_no_page_and_says_why(tmp_path):
    output = tmp_path / "page.ipynb"
    with pytest.raises(pages.CellFailed) as failed:
        pages.execute(_template(tmp_path, "raise KeyError('gone')"), {}, output)
    assert failed.value.name == "KeyError"
    assert "gone" in failed.value.message
    assert "\x1b" not in failed.value.traceback
    assert not output.exists()


@pytest.mark.notebook
def test_a_notebook_whose_process_dies_says_so(tmp_path):
    with pytest.raises(pages.CellFailed, match="process died"):
        pages.execute(_template(tmp_path, "import os; os._exit(9)"), {}, tmp_path / "page.ipynb")


def test_a_status_page_shows_reason_and_error_as_they_are():
    run = {"status": "failed", "reason": "RuntimeError: see [docs](gone.md) ```x```", "traceback": "# line 1"}
    cells = [c.source for c in pages.status_page("A on b", run, methods.card("hvg")).cells]
    assert cells[0] == "# A on b"
    assert cells[2].startswith("````text")
    assert "[docs](gone.md)" in cells[2]
    assert "# line 1" in cells[2]
    assert methods.card("hvg").recipe in cells[3]
