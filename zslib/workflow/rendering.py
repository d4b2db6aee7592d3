"""From executed notebooks to the rendered book."""

import os
import shutil
import subprocess
import sys

from zslib.core import store
from zslib.core.errors import DataError

BOOK, NOTEBOOKS = store.ROOT / "book", store.ROOT / "notebooks"
HTML = store.ROOT / "_build" / "html"


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


def build() -> None:
    """Render the book into ``_build/html``.

    Raises
    ------
    DataError
        If the build fails or gives any warning, with the warnings.
    """
    shutil.rmtree(HTML, ignore_errors=True)
    settings = {"config": "_config.yml", "toc": "_toc.yml", "path-output": "."}
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", str(BOOK)]
    for name, value in settings.items():
        command += [f"--{name}", str(store.ROOT / value)]
    # Without --all unchanged pages are not read again, and their warnings pass unseen.
    command += ["--nitpick", "--warningiserror", "--keep-going", "--all"]
    built = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"NO_COLOR": "1"}
    )
    if built.returncode or not (HTML / "index.html").exists():
        lines = (built.stdout + built.stderr).splitlines()
        telling = [line for line in lines if "WARNING" in line or "ERROR" in line]
        raise DataError("the book does not build:\n" + "\n".join(telling or lines[-30:]))
