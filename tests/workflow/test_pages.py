"""From a template to a page, and what a page says when its notebook fails."""

import sys

import matplotlib.pyplot as plt
import nbformat
import pytest

from zslib import methods
from zslib.workflow import pages

V4 = nbformat.v4


def _template(tmp_path, *code):
    cells = [V4.new_markdown_cell("# A title of its own\n\nCosts 5 $ and $unknown.")]
    cells.append(V4.new_code_cell("x: int = 1\nparameters: dict = {}", metadata={"tags": ["parameters"]}))
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
    pages.execute(
        _template(tmp_path, draw),
        {"x": 7, "parameters": {"n": [2, 3], "m": {}}},
        output,
        title=r"Seven \1 $x",
    )
    page = nbformat.read(output, as_version=4)
    assert page.cells[0].source == "# Seven \\1 $x\n\nCosts 5 $ and $unknown."
    picture, ran = page.cells[-2:]
    assert "with zslib" in ran.source
    assert ": x = 7, n = 2 and 3.\n" in ran.source
    assert 'role="img" aria-label="A line up to 7."' in picture.outputs[0].data["text/html"]
    assert "hide-input" in picture.metadata.tags
    assert "papermill" not in page.metadata
    injected = [c for c in page.cells if "injected-parameters" in c.metadata.get("tags", [])]
    assert "remove-cell" in injected[0].metadata.tags


@pytest.mark.notebook
def test_what_cells_print_show_and_return_is_kept_in_order(tmp_path):
    sources = (
        "import sys; print('a'); print('e', file=sys.stderr); print('b')\n1 + 1",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nprint('drawn');",
        "shown = display('x', display_id=True)\nshown.update('y')\nx",
    )
    output = tmp_path / "page.ipynb"
    plt.figure()  # of before, and no part of the page
    for x in (7, 8):
        pages.execute(_template(tmp_path, *sources), {"x": x}, output)
    one, two, three = (c.outputs for c in nbformat.read(output, as_version=4).cells[-4:-1])
    assert [(o.name, o.text) for o in one[:2]] == [("stdout", "a\nb\n"), ("stderr", "e\n")]
    assert one[2].data == {"text/plain": "2"}
    assert two[0].text == "drawn\n"
    assert two[1].output_type == "display_data"
    assert "image/png" in two[1].data
    assert [o.data["text/plain"] for o in three] == ["'y'", "8"]


@pytest.mark.notebook
def test_a_page_leaves_its_process_as_it_was(tmp_path):
    before = (sys.stdout, sys.stderr, sys.modules["__main__"])
    pages.execute(_template(tmp_path, "left = 1"), {}, tmp_path / "page.ipynb")
    assert (sys.stdout, sys.stderr, sys.modules["__main__"]) == before
    with pytest.raises(pages.CellFailed, match="NameError"):
        pages.execute(_template(tmp_path, "left"), {}, tmp_path / "other.ipynb")


@pytest.mark.notebook
def test_a_notebook_that_is_interrupted_is_no_failure(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        pages.execute(_template(tmp_path, "raise KeyboardInterrupt"), {}, tmp_path / "page.ipynb")


@pytest.mark.notebook
def test_a_solution_that_comes_out_otherwise_is_shown_and_said(tmp_path):
    path, output = _template(tmp_path, "for i in [1, 2]:\n    assert i < 2\ni + 40"), tmp_path / "page.ipynb"
    with pytest.raises(pages.CellFailed):
        pages.execute(path, {}, output)
    template = nbformat.read(path, as_version=4)
    template.cells[-1].metadata["tags"] = ["solution"]
    nbformat.write(template, path)
    pages.execute(path, {}, output)
    found, said = nbformat.read(output, as_version=4).cells[-2].outputs
    assert found.data["text/plain"] == "42"
    assert "it comes out the other way" in said.data["text/markdown"]


@pytest.mark.notebook
def test_a_notebook_that_raises_leaves_no_page_and_says_why(tmp_path):
    output = tmp_path / "page.ipynb"
    with pytest.raises(pages.CellFailed) as failed:
        pages.execute(_template(tmp_path, "raise KeyError('gone')"), {}, output)
    assert failed.value.name == "KeyError"
    assert "gone" in failed.value.message
    assert "\x1b" not in failed.value.traceback
    assert not output.exists()


def test_a_status_page_shows_reason_and_error_as_they_are():
    run = {"status": "failed", "reason": "RuntimeError: see [docs](gone.md) ```x```", "traceback": "# line 1"}
    cells = [c.source for c in pages.status_page("A on b", run, methods.card("hvg")).cells]
    assert cells[0] == "# A on b"
    assert cells[2].startswith("````text")
    assert "[docs](gone.md)" in cells[2]
    assert "# line 1" in cells[2]
    assert methods.card("hvg").recipe in cells[3]
