"""The theme of all figures, the color and marker of each method, and how a figure is shown with its words."""

import functools
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import NamedTuple

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from zslib import methods
from zslib.plots import svg
from zslib.results.report.words import minus

# scanpy's default_20, after https://doi.org/10.1186/s13059-017-1382-0
CELL_TYPES = (
    "#1f77b4", "#ff7f0e", "#279e68", "#d62728", "#aa40fc", "#8c564b", "#e377c2", "#b5bd61", "#17becf", "#aec7e8",
    "#ffbb78", "#98df8a", "#ff9896", "#c5b0d5", "#c49c94", "#f7b6d2", "#dbdb8d", "#9edae5", "#ad494a", "#8c6d31",
)  # fmt: skip
OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
BATCHES = tuple(OKABE_ITO[i] for i in (0, 4, 2, 3, 5, 1, 6, 7))
MARKERS = ("o", "s", "^", "D", "v", "P")
LINES = ("-", "--", ":", "-.", "-", "--")
GRAY, DARK = "#808080", "#444444"
NOTHING = "No method ran here, so there is nothing to draw."
WIDTHS = {"wide": 7.0, "narrow": 3.5}
"""Inches of a figure as wide as the text (672 CSS pixels), and as wide as a phone; it is drawn for both."""
PLAIN = "<style>:where(.zs-figure svg) {background: white} :where(.zs-figure .narrow) {display: none}</style>"
"""Outside of the book, no style sheet says which of two drawings is shown, and on what paper."""
THEME = (
    sns.axes_style("ticks")
    | sns.plotting_context("paper", font_scale=1.13)
    | {
        "axes.axisbelow": True,
        "axes.edgecolor": "#666666",
        "axes.linewidth": 0.8,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlelocation": "left",
        "axes.titlesize": 10.5,
        "axes.titleweight": "bold",
        "figure.labelsize": 10,
        # It comes with matplotlib: rooms are the same everywhere; the page has its own.
        "font.sans-serif": ["DejaVu Sans"],
        "grid.color": "#e3e3e3",
        "grid.linewidth": 0.8,
        "legend.borderpad": 0,
        "legend.frameon": False,
        "legend.handletextpad": 0.4,
        "xtick.color": "#666666",
        "xtick.labelcolor": "black",
        "ytick.color": "#666666",
        "ytick.labelcolor": "black",
    }
)


class Style(NamedTuple):
    """How a method, or anything else that has a name, is drawn in a figure."""

    color: str
    marker: str = "o"
    line: str = "-"
    filled: bool = True


class Panels(NamedTuple):
    """Small figures beside each other, as many as a line takes, and what their colors mean."""

    figures: list[Figure]
    colors: Mapping[str, str]
    unmarked: int = 0
    """Groups that have no mark in a picture, for want of room."""


def style(method: str) -> Style:
    """Color and marker of a method, the same in every figure, from its card."""
    card = methods.card(method)
    return Style(card.color, card.marker)


def title(method: str) -> str:
    """What a method is called in the book."""
    return methods.card(method).title


def numbered(names: Sequence[str]) -> dict[str, Style]:
    """Styles for names that have none of their own."""
    return {name: Style(OKABE_ITO[i % 6], MARKERS[i % 6], LINES[i % 6]) for i, name in enumerate(names)}


def width() -> float:
    """Inches that a figure has, in the drawing at hand."""
    return mpl.rcParams["figure.figsize"][0]


def narrow() -> bool:
    """Whether the drawing at hand is that for a phone."""
    return width() < WIDTHS["wide"]


def figure(draw: Callable) -> Callable:
    """Draw in the theme, once as wide as the text and once for a phone, and show what a function returns.

    That is a figure, its alternative text, its caption, and what is left for a second figure, which is folded: what the
    line says that opens it, and arguments for the same function. The last two may be missing. Where there is nothing to
    draw, the function returns a sentence that says so, and this is printed.
    """

    @functools.wraps(draw)
    def drawn(*args, folded: str = "", **kwargs) -> None:
        figures = {}
        for kind, inches in WIDTHS.items():
            with mpl.rc_context(THEME | {"figure.figsize": (inches, 3.0)}):
                result = draw(*args, **kwargs)
            if result is None or isinstance(result, str):
                return print(result) if result else None
            shown, alt, caption, rest = *result, *("", None)[len(result) - 2 :]
            if isinstance(shown, list):  # of panels, which fold by themselves
                figures = shown
                break
            figures[kind] = shown.figure
        show(figures, alt, caption, folded=folded)
        if rest:
            drawn(*args, folded=rest[0], **kwargs | rest[1])

    return drawn


def show(
    figures: Figure | Mapping[str, Figure] | Sequence[Panels],
    alt: str,
    caption: str = "",
    *,
    folded: str = "",
) -> None:
    """Show a figure in a notebook, as SVG that turns with the page's theme.

    Parameters
    ----------
    figures
        One drawing, one of each width of :data:`WIDTHS`, or panels that fold by themselves.
    alt
        What it shows, in words, for who does not see it.
    caption
        What it says, and of how many cells.
    folded
        What the line says that opens it; open from the start without.
    """
    from IPython.display import HTML, display

    if isinstance(figures, Sequence):
        inside = "".join(_group(group, f"{i} {alt}") for i, group in enumerate(figures))
    else:
        figures = {"whole": figures} if isinstance(figures, Figure) else figures
        inside = "".join(
            f'<div class="{kind}">{_svg(one, kind + alt)}</div>' for kind, one in figures.items()
        )
    alt, caption = minus(alt), minus(caption)
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    html = (
        f'<figure class="zs-figure"><div role="img" aria-label="{escape(alt)}">{inside}</div>{below}</figure>'
    )
    if folded:
        html = f'<details class="zs-more"><summary>{escape(folded)}</summary>{html}</details>'
    display(HTML(PLAIN + html), metadata={"alt": alt})


def _svg(one: Figure, name: str) -> str:
    with mpl.rc_context(THEME):
        one.set_layout_engine("constrained")  # makes room for legends and texts beside the panels
        drawn = svg.inline(one, name)
    plt.close(one)  # or the notebook shows it once more
    return drawn


def _group(group: Panels, name: str) -> str:
    """Panels in a grid, and below them whose color is whose."""
    drawn = "".join(_svg(one, f"{i} {name}") for i, one in enumerate(group.figures))
    key = "".join(
        f'<span><i style="background:{c}"></i>{escape(str(of))}</span>' for of, c in group.colors.items()
    )
    return f'<div class="group"><div class="panels">{drawn}</div><div class="key">{key}</div></div>'


def words(table: pd.DataFrame, template: str, between: str = "; ") -> str:
    """Say a table in words, row by row, for an alternative text: each row fills in a template."""
    return between.join(template.format(**row) for row in table.to_dict("records"))
