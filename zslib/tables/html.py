"""Tables as HTML: they scroll sideways on a phone, numbers to the right."""

import math
from collections.abc import Iterable, Sequence
from html import escape

from zslib import methods
from zslib.results.report.words import minus


def table(
    rows: Iterable[Sequence], header: Sequence[str], *, caption: str = "", text_columns: int = 1, kind=""
):
    """Render rows as an HTML table.

    Parameters
    ----------
    rows
        Cells as strings; HTML in them is kept, so escape what comes from data.
    header
        Column heads.
    caption
        What the table shows.
    text_columns
        How many columns from the left hold text; the rest are aligned to the right.
    kind
        ``"facts"`` for names and values, ``"prose"`` for columns of sentences.
    """
    from IPython.display import HTML

    def line(cells: Sequence, tag: str) -> str:
        kinds = ["text" if i < text_columns else "number" for i in range(len(cells))]
        scope = ' scope="col"' if tag == "th" else ""
        return "".join(f'<{tag}{scope} class="{k}">{c}</{tag}>' for c, k in zip(cells, kinds, strict=True))

    body = "".join(f"<tr>{line(row, 'td')}</tr>" for row in rows)
    head = f"<thead><tr>{line(header, 'th')}</tr></thead>" if any(header) else ""
    # The caption stays outside what scrolls, or it would be as wide as the table on a phone.
    below = f"<figcaption>{caption}</figcaption>" if caption else ""
    grid = f'<div tabindex="0"><table>{head}<tbody>{body}</tbody></table></div>'
    return HTML(minus(f'<figure class="zs-table {kind}">{grid}{below}</figure>'))


def facts(pairs: Iterable[tuple[str, object]], *, caption: str = ""):
    """Render names and values, one a row; empty values are left out."""
    rows = [
        (f"<b>{escape(name)}</b>", escape(str(value))) for name, value in pairs if value not in (None, "", ())
    ]
    return table(rows, ["", ""], caption=caption, text_columns=2, kind="facts")


def estimate(entry) -> str:
    """Write a value with its interval, if it has one."""
    return f"{entry.value:.2f} {interval(entry.ci_low, entry.ci_high)}".strip()


def interval(low: float, high: float, digits: int = 2) -> str:
    """Write an interval, smaller than the value it belongs to; empty if its ends are NaN."""
    return "" if math.isnan(low) else f'<span class="zs-ci">[{low:.{digits}f}, {high:.{digits}f}]</span>'


def title(method: str, pages: str = "") -> str:
    """What a method is called, as HTML; a link to its page if ``pages`` says where these lie."""
    name = escape(methods.card(method).title)
    return f'<a href="{pages}{method}.html">{name}</a>' if pages else name
