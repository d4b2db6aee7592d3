"""Tables as HTML: a title above, what to know below, numbers to the right, an interval drawn under its number.

``book/_static/tables.js`` lets them be sorted, filtered and saved; without it they are plain tables.
"""

import math
import re
from collections.abc import Iterable, Sequence
from html import escape
from textwrap import wrap

from zslib import methods
from zslib.results.comparison import Comparison
from zslib.results.report.words import minus

NONE = "–"
"""Stands where there is no number."""
NOT_ASKED = "not asked"
LONG = 12
"""Of tables with more rows a phone shows the first eight until it is asked for all."""


def table(
    rows: Iterable[Sequence],
    header: Sequence[str],
    *,
    caption: str = "",
    text_columns: int = 1,
    kind="",
):
    """Render rows as an HTML table; columns and rows without any number are named below it and not shown.

    Parameters
    ----------
    rows
        Cells as strings; HTML in them is kept, so escape what comes from data.
    header
        Column heads.
    caption
        What the table shows, of which dataset and how many cells: its first sentence stands above, the others, which
        say what to know when reading it, below.
    text_columns
        How many columns from the left hold text; the rest are aligned to the right.
    kind
        ``"facts"`` for names and values, ``"prose"`` for columns of sentences.
    """
    from IPython.display import HTML

    rows, header, empty = _with_numbers([list(row) for row in rows], list(header), text_columns)
    heads = [escape(_plain(head), quote=True) for head in header]

    def line(cells: Sequence, tag: str) -> str:
        parts = []
        for i, (cell, head) in enumerate(zip(cells, heads, strict=True)):
            name, scope = ("th", "col") if tag == "th" else ("td", "") if i else ("th", "row")
            about = f' scope="{scope}"' if scope else ""
            about += f' data-head="{head}"' if kind == "prose" and tag == "td" and i else ""
            parts.append(f'<{name}{about} class="{"text" if i < text_columns else "number"}">{cell}</{name}>')
        return "".join(parts)

    body = "".join(f"<tr>{line(row, 'td')}</tr>" for row in rows)
    head = f"<thead><tr>{line(header, 'th')}</tr></thead>" if any(header) else ""
    # What is said of a table stays outside what scrolls, or it would be as wide as the table on a phone.
    named, _, known = caption.partition(". ") if rows else ("", "", caption)
    notes = " ".join(filter(None, (known, empty)))
    above = f"<figcaption>{named.removesuffix('.')}</figcaption>" if named else ""
    tools = '<div class="zs-tools"></div>' if head and len(rows) > 1 else ""  # for the script to fill
    grid = f'{tools}<div tabindex="0"><table>{head}<tbody>{body}</tbody></table></div>' if rows else ""
    if long := kind != "facts" and len(rows) > LONG:
        grid += f'<button type="button" class="zs-all" aria-expanded="false">All {len(rows)} rows</button>'
    below = f'<p class="zs-note">{notes}</p>' if notes else ""
    classes = " ".join(filter(None, ("zs-table", kind, "long" if long else "")))
    return HTML(minus(f'<figure class="{classes}">{above}{grid}{below}</figure>'))


def _with_numbers(rows: list[list], header: list[str], first: int) -> tuple[list[list], list[str], str]:
    """Rows and columns that hold a number somewhere, and the names of the others."""
    numbers = range(first, len(header))
    empty = [i for i in numbers if rows and all(row[i] in (NONE, NOT_ASKED, "") for row in rows)]
    if len(empty) == len(numbers):
        return rows, header, ""
    bare = [row for row in rows if all(row[i] in (NONE, "") for i in numbers)]
    kept = [i for i in range(len(header)) if i not in empty]
    missing = [_plain(header[i]) for i in empty if header[i]] + [_plain(row[0]) for row in bare]
    said = f"Without any number here: {'; '.join(missing)}." if missing else ""
    return [[row[i] for i in kept] for row in rows if row not in bare], [header[i] for i in kept], said


def broken(text: str, width: int) -> str:
    """Text as HTML in lines of at most so many characters, where its column would be too wide."""
    return " <br/>".join(map(escape, wrap(text, width)))


def _plain(html: str) -> str:
    """The text of a cell, without its tags."""
    return re.sub("<[^>]*>", "", html)


def facts(pairs: Iterable[tuple[str, object]], *, caption: str = ""):
    """Render names and values, one a row; empty values are left out."""
    rows = [(escape(name), escape(str(value))) for name, value in pairs if value not in (None, "", ())]
    return table(rows, ["", ""], caption=caption, text_columns=2, kind="facts")


def estimate(entry, within: tuple[float, float] | None = None) -> str:
    """Write a value with its interval, if it has one, and draw both where a scale is given that has two ends."""
    said = f"{entry.value:z.2f} {interval(entry.ci_low, entry.ci_high)}".strip()
    return said + (bar(entry.value, entry.ci_low, entry.ci_high, within) if within else "")


def interval(low: float, high: float, digits: int = 2) -> str:
    """Write an interval, smaller than the value it belongs to; empty if its ends are NaN."""
    return "" if math.isnan(low) else f'<span class="zs-ci">[{low:z.{digits}f}, {high:z.{digits}f}]</span>'


def bar(value: float, low: float, high: float, within: tuple[float, float]) -> str:
    """Draw a value as a bar with its interval as a line over it; empty on a scale without ends.

    A scale that goes below zero is drawn from zero, which is where knowing nothing is on it.
    """
    if not all(map(math.isfinite, (value, *within))):
        return ""
    first, last = max(0.0, within[0]), within[1]
    return _drawn("zs-bar", "v", (value, low, high), first, last)


def difference(value: float, low: float, high: float) -> str:
    """Draw a difference between −0.5 and 0.5 as a dot with its interval, about a line at zero."""
    return _drawn("zs-bar zs-difference", "m", (value, low, high), -0.5, 0.5)


def _drawn(classes: str, mark: str, numbers: tuple[float, float, float], first: float, last: float) -> str:
    """An element for the style sheet to draw a number and its interval in, each as a share of the way between two ends."""
    shares = {k: (x - first) / (last - first) for k, x in zip((mark, "l", "h"), numbers, strict=True)}
    style = ";".join(f"--{k}:{min(max(x, 0), 1):.1%}" for k, x in shares.items() if not math.isnan(x))
    return f'<i class="{classes}" style="{style}"></i>'


def title(method: str, pages: str = "") -> str:
    """What a method is called, as HTML; a link to its page if ``pages`` says where these lie."""
    name = escape(methods.card(method).title)
    return f'<a href="{pages}{method}.html">{name}</a>' if pages else name


def place(runs: Comparison) -> str:
    """The dataset that runs are of, and how many cells of it, for a caption."""
    n_cells = f", {runs.n_cells:,} cells" if runs.ran else ""
    return f"{escape(runs.dataset)}{n_cells}"
