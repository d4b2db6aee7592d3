"""From executed notebooks to the rendered book."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from zslib import __version__
from zslib.core import store
from zslib.core.errors import DataError
from zslib.core.store import BOOK
from zslib.plots.view import NAME as CELLS
from zslib.workflow import webpages


def assemble(runs: dict[str, str]) -> None:
    """Put executed notebooks where the book looks for them, in place of those of an earlier build.

    Parameters
    ----------
    runs
        Page in the book (relative to ``book/``) → executed notebook (relative to the project).
    """
    made = [BOOK / "runs", BOOK / "expression", BOOK / "index.ipynb"]
    for stale in (*made, *(BOOK / "chapters").glob("*.ipynb"), *(BOOK / "chapters").glob("*.csv")):
        shutil.rmtree(stale) if stale.is_dir() else stale.unlink(missing_ok=True)
    for page, notebook in runs.items():
        target = BOOK / page
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(store.ROOT / notebook, target)
        # A page may offer a table of its own name for download.
        if (table := (store.ROOT / notebook).with_suffix(".csv")).exists():
            shutil.copyfile(table, target.with_suffix(".csv"))
        bring_cells(store.ROOT / notebook, target)


def bring_cells(notebook: Path, page: Path) -> None:
    """Put the interactive view of a dataset, where there is one beside its notebook, into the folder of its runs' pages."""
    if (cells := notebook.with_name(CELLS)).exists():
        page.with_suffix("").mkdir(exist_ok=True)
        shutil.copyfile(cells, page.with_suffix("") / CELLS)


def front_matter(path: str | Path) -> dict:
    """What stands at the top of a MyST Markdown page, between its first two lines of dashes."""
    _, head, _ = Path(path).read_text().split("---\n", 2)
    return yaml.safe_load(head)


def contents() -> dict:
    """The table of contents: ``_toc.yml``, and what it does not list.

    A chapter stands at the end of the part that it names by ``part:`` in its front matter; pages in a folder that is
    named as a page stand below that page.

    Raises
    ------
    DataError
        If an unlisted chapter names no part of the book.
    """
    toc = yaml.safe_load((store.ROOT / "_toc.yml").read_text())
    for part in toc["parts"]:
        part["chapters"] = [page for chapter in part["chapters"] for page in _with_pages_below(chapter)]
    parts = {part["caption"]: part["chapters"] for part in toc["parts"]}
    listed = {chapter.get("file") for chapters in parts.values() for chapter in chapters}
    for path in sorted((BOOK / "chapters").glob("*.md")):
        if f"chapters/{path.stem}" not in listed:
            part = front_matter(path).get("part")
            if part not in parts:
                raise DataError(
                    f"{path.name} stands in no part of the book: write `part: NAME` at its top, one of {', '.join(parts)}"
                )
            parts[part].append({"file": f"chapters/{path.stem}"})
    return toc


def part_of(chapter: str) -> str:
    """Which part of the book a chapter stands in."""
    entry = {"file": f"chapters/{chapter}"}
    return next((part["caption"] for part in contents()["parts"] if entry in part["chapters"]), "")


def _with_pages_below(chapter: dict) -> list[dict]:
    """A line of the table of contents, or the pages that its ``glob`` finds, with what lies in a page's own folder."""
    if "glob" not in chapter:
        return [chapter]
    found = [path.relative_to(BOOK).with_suffix("") for path in sorted(BOOK.glob(chapter["glob"] + ".ipynb"))]
    below = {page: {"sections": [{"glob": f"{page}/*"}]} for page in found if (BOOK / page).is_dir()}
    return [{"file": str(page), **below.get(page, {})} for page in found]


def build(
    folder: Path = BOOK,
    toc: dict | None = None,
    out: Path = store.ROOT,
    builder: str = "html",
    **settings: str,
) -> None:
    """Render pages into ``_build/html``, or by another builder of Sphinx into a folder of its name.

    Parameters
    ----------
    folder
        Where the pages lie.
    toc
        Their table of contents; by default :func:`contents`.
    out
        Where ``_build`` goes.
    builder
        ``"html"`` or ``"epub"``.
    settings
        What stands in place of those of ``_config.yml``.

    Raises
    ------
    DataError
        If the build fails or gives any warning, with the warnings.
    """
    made = out / "_build" / builder
    table, config = out / "_build" / "toc.yml", out / "_build" / "config.yml"
    shutil.rmtree(made, ignore_errors=True)
    settings = yaml.safe_load((store.ROOT / "_config.yml").read_text()) | settings
    settings["sphinx"]["config"]["version"] = __version__
    for path, content in {table: toc or contents(), config: settings}.items():
        with store.atomic(path) as temporary:
            temporary.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", str(folder)]
    command += ["--config", str(config), "--toc", str(table)]
    # Without --all unchanged pages are not read again, and their warnings pass unseen.
    command += ["--path-output", str(out), "--nitpick", "--warningiserror", "--keep-going", "--all"]
    if builder != "html":
        command += ["--builder", "custom", "--custom-builder", builder]
    built = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"NO_COLOR": "1"}
    )
    if built.returncode or not any(made.glob("index.*html")):
        lines = (built.stdout + built.stderr).splitlines()
        telling = [line for line in lines if "WARNING" in line or "ERROR" in line]
        raise DataError("the book does not build:\n" + "\n".join(telling or lines[-30:]))
    if builder == "html":
        webpages.finish(made, cite=folder == BOOK)
        for cells in folder.rglob(CELLS):  # which Sphinx does not know
            shutil.copyfile(cells, made / cells.relative_to(folder))
