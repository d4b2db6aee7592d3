"""Turn a template notebook into an executed page of the book."""

import platform
import re
from importlib import metadata
from pathlib import Path

import nbformat
import papermill
from papermill.engines import papermill_engines

from zslib.core import store
from zslib.results.report import words
from zslib.workflow.cells import InProcess

FOLDED = "hide-input"
PROMPTED = {"result": "hide-output", "solution": "hide-cell"}
"""Tags of cells that wait until the reader has an own answer, and what of them is folded."""
WRITTEN = {"Answer": "solution", "What it means": "result"}
"""Titles of folded text that waits as well, and the tags of code that it goes with."""


class CellFailed(Exception):  # noqa: N818 - a status of the grid
    """A notebook stopped with an error.

    Attributes
    ----------
    name, message, traceback
        The error's class, its text, and the traceback as plain text.
    """

    def __init__(self, name: str, message: str, traceback: str):
        super().__init__(f"{name}: {message}")
        self.name, self.message, self.traceback = name, message, traceback


def read(path: str | Path) -> nbformat.NotebookNode:
    """Read a template: a notebook, or a MyST Markdown page with code cells, with what waits in cells of its own."""
    path = Path(path)
    if path.suffix == ".md":
        import jupytext

        page = nbformat.v4.upgrade(jupytext.read(path))
        page.cells = [part for cell in page.cells for part in _answers_apart(cell)]
        return page
    return nbformat.read(path, as_version=4)


def _answers_apart(cell: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Split a cell of text at what waits, so that a tag takes it away as it does code."""
    boxes = rf"^(:::\{{admonition\}} (?:{'|'.join(WRITTEN)})\n.*?^:::)$"
    parts = [part.strip() for part in re.split(boxes, cell.source, flags=re.MULTILINE | re.DOTALL)]
    if cell.cell_type != "markdown" or len(parts) == 1:
        return [cell]
    split = [nbformat.v4.new_markdown_cell(part) for part in parts if part]
    for one in split:
        first = one.source.partition("\n")[0].removeprefix(":::{admonition} ")
        one.metadata["tags"] = [tag for title, tag in WRITTEN.items() if first == title]
    return split


def execute(
    template: str | Path,
    parameters: dict,
    output: str | Path,
    *,
    title: str | None = None,
    without: str = "",
    lesson: bool = False,
) -> None:
    """Fill a template in, run it, and write the page.

    Parameters
    ----------
    template
        A notebook with one cell tagged ``parameters``.
    parameters
        Values for that cell. ``results`` and ``grid`` are told as they lie from beside the folder of results, where the
        page runs: a copy of the page runs beside a copy of the folder.
    output
        Where the page goes; nothing is left there if the notebook fails.
    title
        What stands in place of the template's own title.
    without
        Tag of cells that are left out.
    lesson
        Whether the code is what the page is about, and stands open.

    Raises
    ------
    CellFailed
        If a cell of the notebook raises.
    """
    filled, (parameters, folder) = read(template), _beside_results(parameters)
    filled.cells = [cell for cell in filled.cells if without not in cell.metadata.get("tags", [])]
    if title is not None:
        filled.cells[0].source = re.sub("^# .*", lambda _: f"# {title}", filled.cells[0].source)
    papermill_engines.register("in-process", InProcess)
    how = {"engine_name": "in-process", "kernel_name": "python3", "language": "python", "progress_bar": False}
    try:
        page = papermill.execute_notebook(filled, None, parameters, cwd=folder, **how)
    except papermill.PapermillExecutionError as error:
        raise CellFailed(error.ename, error.evalue, "\n".join(error.traceback)) from None
    write(_finish(page, parameters, lesson), output)


def write(page: nbformat.NotebookNode, output: str | Path) -> None:
    """Write a notebook whole or not at all."""
    with store.atomic(output) as temporary:
        nbformat.write(page, temporary)


def status_page(
    title: str, outcome: dict, card=None, *, missing: str = "there is no embedding to score"
) -> nbformat.NotebookNode:
    """Make the page of what could not run: what its status is, what is missing for it, why, and of which method."""
    # Whatever a message holds is shown as it is: it must not be taken for Markdown.
    said = outcome["reason"] + ("\n\n" + outcome["traceback"] if outcome.get("traceback") else "")
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", said)), default=0))
    cells = [
        f"# {title}",
        f"**{outcome['status'].capitalize()}.** {missing.capitalize()}, for this reason:",
        f"{fence}text\n{said}\n{fence}",
    ]
    if card is not None:
        cells.append(f"## The method\n\n{card.summary}\n\n{card.recipe}\n\n{card.caveat}")
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(cell) for cell in cells])


def _beside_results(parameters: dict) -> tuple[dict, Path]:
    folder = store.ROOT
    for name, depth in {"results": 0, "grid": 1}.items():
        if name in parameters:
            path = store.ROOT / parameters[name]
            folder = path.parents[depth]
            parameters = parameters | {name: str(path.relative_to(folder))}
    return parameters, folder


def _finish(page, parameters: dict, lesson: bool):
    """Fold what is not shown at once, and say at the end what was run."""
    seconds = page.metadata.pop("papermill")["duration"]
    page.cells.append(
        nbformat.v4.new_markdown_cell(
            f"```{{div}} zs-ran\nThis page ran in {seconds:.1f} s with zslib {metadata.version('zslib')} on Python "
            f"{platform.python_version()}: {words.parameters(parameters)}.\n```"
        )
    )
    page.metadata.pop("widgets", None)
    for cell in page.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        tags = cell.metadata.setdefault("tags", [])
        if cell.cell_type != "code":
            continue
        if "injected-parameters" in tags:
            tags.append("remove-cell")  # the provenance table says the same in words
        for word in set(PROMPTED) & set(tags):
            tags.append(PROMPTED[word])
            cell.metadata["mystnb"] = {
                "code_prompt_show": f"Show the {word}",
                "code_prompt_hide": f"Hide the {word}",
            }
        if not lesson and not {"remove-cell", "remove-input", "show-input", *PROMPTED, FOLDED} & set(tags):
            tags.append(FOLDED)
    return page
