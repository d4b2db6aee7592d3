"""The cells of a dataset to walk around in: one HTML file with every method's picture, opened on demand by its pages.

The renderer is our own plain WebGL (``draw.js``): the library at hand, regl-scatterplot, is 198 kB of minified code in
every file and still leaves legend, isolation, linked panels, tooltips, keys and themes (``view.js``) to write.
The file asks for nothing outside itself, so it opens from disk.
"""

import json
from html import escape
from pathlib import Path

from zslib.core import store
from zslib.plots.view import content
from zslib.results.comparison import Comparison

NAME = "cells.html"
UNFOLDED = (
    "const frame = this.querySelector('iframe'), root = document.documentElement;"
    "const tell = () => frame.contentWindow.postMessage(root.dataset.theme, '*');"
    "if (!frame.src) { frame.onload = tell; frame.src = frame.dataset.src;"
    " new MutationObserver(tell).observe(root, {attributeFilter: ['data-theme']}); }"
)
"""Loads the file when its line is unfolded first, and not before, as a lazy frame would be; tells it the page's theme."""
HERE = Path(__file__).parent


def write(path: str | Path, shown: dict) -> None:
    """Write one self-contained file.

    Parameters
    ----------
    path
        Where.
    shown
        What it holds, see :func:`zslib.plots.view.content.collect`.
    """
    # A name of a cell type must not be able to end the script it stands in.
    data = json.dumps(shown, ensure_ascii=False).replace("<", "\\u003c")
    page = (HERE / "view.html").read_text(encoding="utf-8")
    script = "".join((HERE / name).read_text(encoding="utf-8") for name in ("draw.js", "view.js"))
    parts = {"TITLE": escape(shown["title"]), "SCRIPT": script, "DATA": data}
    for name, text in parts.items():
        page = page.replace(f"[[{name}]]", text)
    with store.atomic(path) as temporary:
        temporary.write_text(page, encoding="utf-8")


def explore(runs: Comparison, adata):
    """Write the file of a dataset beside its page, and show where it opens.

    Parameters
    ----------
    runs
        All methods on the dataset.
    adata
        Its prepared cells.
    """
    shown = content.collect(runs, adata)
    write(Path(runs.results) / runs.dataset / NAME, shown)
    names = [m["name"] for m in shown["methods"]]
    first = [name for name in runs.compared if name in names][:2] or names[:1]
    pair = "&".join(f"{key}={name}" for key, name in zip(("method", "with"), first, strict=False))
    return _frame(f"{runs.dataset}/{NAME}#{pair}", f"Explore the cells of {runs.dataset}")


def explore_run(method: str):
    """Show where the file of the dataset opens at one method; for the page of a run, which lies beside it."""
    return _frame(f"{NAME}#method={method}", "Explore these cells")


def _frame(source: str, title: str):
    """A line of a page that opens the file."""
    from IPython.display import HTML

    said = "zoom, color by gene or score, and put two methods side by side"
    return HTML(
        f'<details class="zs-view" ontoggle="{UNFOLDED}"><summary>{escape(title)}: {said}</summary>'
        f'<iframe data-src="{escape(source)}" title="{escape(title)}"></iframe></details>'
    )
