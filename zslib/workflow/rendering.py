"""From executed notebooks to the rendered book."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from zslib.core import store
from zslib.core.errors import DataError
from zslib.core.store import BOOK
from zslib.plots.view import NAME as CELLS


def assemble(runs: dict[str, str]) -> None:
    """Put executed notebooks where the book looks for them, in place of those of an earlier build.

    Parameters
    ----------
    runs
        Page in the book (relative to ``book/``) → executed notebook (relative to the project).
    """
    for stale in (
        BOOK / "runs",
        BOOK / "expression",
        BOOK / "index.ipynb",
        *(BOOK / "chapters").glob("*.ipynb"),
        *(BOOK / "chapters").glob("*.csv"),
    ):
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
    """The table of contents: ``_toc.yml``, and every chapter that it does not list at the end of the part it names.

    A chapter names its part by ``part:`` in its front matter.

    Raises
    ------
    DataError
        If an unlisted chapter names no part of the book.
    """
    toc = yaml.safe_load((store.ROOT / "_toc.yml").read_text())
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


def build(
    folder: Path = BOOK,
    toc: dict | None = None,
    config: Path = store.ROOT / "_config.yml",
    out: Path = store.ROOT,
) -> None:
    """Render pages into ``_build/html``.

    Parameters
    ----------
    folder
        Where the pages lie.
    toc
        Their table of contents; by default :func:`contents`.
    config
        Settings of Jupyter Book.
    out
        Where ``_build`` goes.

    Raises
    ------
    DataError
        If the build fails or gives any warning, with the warnings.
    """
    html, table = out / "_build" / "html", out / "_build" / "toc.yml"
    shutil.rmtree(html, ignore_errors=True)
    with store.atomic(table) as temporary:
        temporary.write_text(yaml.safe_dump(toc or contents(), sort_keys=False, allow_unicode=True))
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", str(folder)]
    command += ["--config", str(config), "--toc", str(table)]
    # Without --all unchanged pages are not read again, and their warnings pass unseen.
    command += ["--path-output", str(out), "--nitpick", "--warningiserror", "--keep-going", "--all"]
    built = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"NO_COLOR": "1"}
    )
    if built.returncode or not (html / "index.html").exists():
        lines = (built.stdout + built.stderr).splitlines()
        telling = [line for line in lines if "WARNING" in line or "ERROR" in line]
        raise DataError("the book does not build:\n" + "\n".join(telling or lines[-30:]))
    for cells in folder.rglob(CELLS):  # which Sphinx does not know
        shutil.copyfile(cells, html / cells.relative_to(folder))
