"""The pages about one file of a user's own, as a small book that opens from disk."""

import dataclasses
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import nbformat
import yaml

from zslib import datasets, methods
from zslib.core.errors import DataError
from zslib.datasets import own as own_files
from zslib.methods import own as own_embeddings
from zslib.metrics import CARDS
from zslib.metrics.anchors import EXACT_UP_TO
from zslib.results import comparison
from zslib.results.report.words import minus
from zslib.workflow import grid, rendering
from zslib.workflow.grid import Grid

READING = re.compile(r"\((\.\./)\.\./chapters/how-to-read-these-scores\.ipynb")
"""A link to the chapter about the metrics; a report has a page of them in its place."""
ELSEWHERE = re.compile(r"^.*\]\((?:\.\./)+chapters/.*\n?", re.MULTILINE)
"""A sentence about a page of the reference book, which a report does not hold."""


def plan(
    file: str | Path,
    *,
    label: str | None = None,
    batch: str | None = None,
    out: str | Path,
    chosen: Sequence[str] | None = None,
    added: Sequence[str] = (),
    embeddings: Sequence[str] = (),
    baseline: str | None = None,
    n_cells: int | None = None,
    cores: int = 1,
    device: str = "auto",
    **said,
) -> Grid:
    """What is run for a report; nothing that has to do with other cells.

    Parameters
    ----------
    file
        The cells, see :func:`zslib.datasets.reading.open_cells`.
    label, batch
        Columns of obs; None where there is none.
    out
        Folder of the report.
    chosen
        Methods in place of those of the profile ``report``.
    added
        Methods besides: names, and Python files of one's own.
    embeddings
        See :func:`zslib.methods.own.describe`.
    baseline
        The method, or one of the embeddings, from which paired differences are shown; None for HVG, or the first
        baseline that is run.
    n_cells
        Cells to draw in place of the profile's number; 0 for all.
    cores
        Cores of this machine. Of too many cells for exact scores one method is run after the other, with all cores and memory.
    device
        ``"auto"``, ``"cpu"`` or ``"cuda"``.
    said
        What else is known of the cells, see :func:`zslib.datasets.own.describe`.

    Raises
    ------
    DataError
        If the file, a column, a method or an embedding is not there, or the folder holds something else.
    """
    out = Path(out).absolute()
    if out.is_dir() and any(out.iterdir()) and not (out / "described").is_dir():
        raise DataError(f"{out} holds other files, and a report replaces some; give --out a new folder")
    for one in (*(chosen or ()), *added):
        methods.card(one)  # what is not there is said before anything is written
    about = own_files.describe(file, label=label, batch=batch, **said)
    taken = set(methods.names())
    found = [own_embeddings.describe(one, file) for one in embeddings]
    for one in found:
        if one["name"] in taken:
            one["name"] += "-own"
        taken.add(one["name"])
    described = [own_files.write(out / "described" / f"{one['name']}.yaml", one) for one in found]
    baseline = dict(zip(embeddings, [one["name"] for one in found], strict=True)).get(baseline, baseline)
    cells = out / "described" / f"{about['name']}.yaml"
    # Nothing old is shown for a changed file.
    if not cells.exists() or yaml.safe_load(cells.read_text()) != about:
        for stale in (out / "pages", out / "_build"):
            shutil.rmtree(stale, ignore_errors=True)
        (out / "scores.csv").unlink(missing_ok=True)
        own_files.write(cells, about)  # and only then, as what is older than it is made again
    drawn = 0 if n_cells is None else min(n_cells or about["n_cells"], about["n_cells"])
    made = grid.load(
        "report",
        results=str(out / "results"),
        datasets=[str(cells)],
        methods=chosen,
        added=[*added, *described],
        baseline=baseline,
        n_cells=n_cells,
        device=device,
        threads=cores if drawn > EXACT_UP_TO else 1,
    )
    if label is None and chosen is None:
        cards = {name: methods.card(spec) for name, spec in made.methods.items()}
        needless = {name for name, card in cards.items() if card.sees_labels or card.tests_metrics}
        kept = {name: spec for name, spec in made.methods.items() if name not in needless}
        made = dataclasses.replace(made, methods=kept)
    return dataclasses.replace(made, n_cells=None) if n_cells == 0 else made


def render(made: Grid, out: str | Path) -> Path:
    """Render the pages of a report, and write its scores as one table.

    Returns
    -------
    Its first page.

    Raises
    ------
    DataError
        If a page does not build, with the warnings; or the file is another than when this began.
    """
    out, (name, spec) = Path(out).absolute(), next(iter(made.datasets.items()))
    said = yaml.safe_load(Path(spec).read_text())
    if own_files.describe(said["file"])["identity"] != said["identity"]:
        raise DataError(f"{said['file']} was changed while this ran; give the same command again")
    pages, runs = out / "pages", f"{name}/"
    results = Path(made.results) / name
    shutil.rmtree(pages, ignore_errors=True)
    for folder in ("_static", "_templates"):
        shutil.copytree(rendering.BOOK / folder, pages / folder)
    shown = {f"{name}.ipynb": results / "page.ipynb"}
    for method in made.methods:
        shown[f"{runs}{method}.ipynb"] = results / method / str(made.seeds[0]) / "page.ipynb"
    for page, notebook in shown.items():
        (pages / page).parent.mkdir(exist_ok=True)
        nbformat.write(_alone(nbformat.read(notebook, as_version=4)), pages / page)
        rendering.bring_cells(notebook, pages / page)
    (pages / "scores.md").write_text(_metrics())
    comparison.load_grid(made, name).scores.to_csv(out / "scores.csv", index=False)
    chapters = [{"file": page} for page in (*(f"{runs}{method}" for method in made.methods), "scores")]
    contents = {"format": "jb-book", "root": name, "chapters": chapters}
    rendering.build(pages, contents, out, title=datasets.card(spec).title, author="")
    return out / "_build" / "html" / "index.html"


def _alone(page: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A page without what is about the reference book."""
    page.cells = [cell for cell in page.cells if "book-only" not in cell.metadata.get("tags", ())]
    for cell in page.cells:
        if cell.cell_type == "markdown":
            cell.source = ELSEWHERE.sub("", READING.sub(r"(\1scores.md", cell.source)).rstrip()
    return page


def _metrics() -> str:
    """A page about every metric, from their cards."""
    said = ["# How to read these scores"]
    for card in CARDS.values():
        low, high = card.range
        said += [
            f"## {card.title}",
            card.reading,
            f"It is from {low:.3g} to {high:.3g}, {card.direction}: {card.formula}.",
        ]
        said += [f"What fools it: {card.fooled_by}", card.reference]
    return "\n\n".join(minus(one) for one in said)
