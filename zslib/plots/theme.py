"""The theme of all figures, the color and marker of each method, and how a figure is shown with its alternative text."""

import functools
import io
from collections.abc import Callable, Sequence
from typing import NamedTuple

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from zslib import methods

# scanpy's default_20, after https://doi.org/10.1186/s13059-017-1382-0
CELL_TYPES = (
    "#1f77b4", "#ff7f0e", "#279e68", "#d62728", "#aa40fc", "#8c564b", "#e377c2", "#b5bd61", "#17becf", "#aec7e8",
    "#ffbb78", "#98df8a", "#ff9896", "#c5b0d5", "#c49c94", "#f7b6d2", "#dbdb8d", "#9edae5", "#ad494a", "#8c6d31",
)  # fmt: skip
OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
BATCHES = tuple(OKABE_ITO[i] for i in (0, 4, 2, 3, 5, 1, 6, 7))
MARKERS = ("o", "s", "^", "D", "v", "P")
LINES = ("-", "--", ":", "-.", "-", "--")
GRAY, DARK = "#8C8C8C", "#444444"
PIXELS = 82
"""CSS pixels of an inch: a figure 9 inches wide just fills the page, and 11 points are 12.5 pixels there."""
THEME = (
    sns.axes_style("ticks")
    | sns.plotting_context("paper", font_scale=1.15)
    | {
        "axes.axisbelow": True,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlelocation": "left",
        "figure.facecolor": "white",
        "figure.labelsize": 11,
        "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib, so that figures are the same everywhere
        "grid.color": "#e5e5e5",
        "grid.linewidth": 0.7,
        "legend.frameon": False,
        "legend.handletextpad": 0.4,
        "savefig.facecolor": "white",
    }
)


class Style(NamedTuple):
    """How a method, or anything else that has a name, is drawn in a figure."""

    color: str
    marker: str = "o"
    line: str = "-"
    filled: bool = True


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


def figure(draw: Callable) -> Callable:
    """Draw in the theme and show what a function returns: a figure and its alternative text.

    Where there is nothing to draw, the function returns a sentence that says so, and this is printed.
    """

    @functools.wraps(draw)
    def drawn(*args, **kwargs) -> None:
        with mpl.rc_context(THEME):
            result = draw(*args, **kwargs)
            if isinstance(result, str):
                print(result)
            elif result is not None:
                show(result[0].figure, result[1])

    return drawn


def show(figure: Figure, alt: str) -> None:
    """Show a figure in a notebook as a PNG at twice the screen's resolution, with an alternative text."""
    from IPython.display import Image, display

    figure.set_layout_engine("constrained")  # makes room for legends and texts beside the panels
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=200)
    plt.close(figure)  # or the notebook shows it once more
    image = Image(buffer.getvalue(), format="png", alt=alt)
    display(image, metadata={"alt": alt, "width": f"{PIXELS * figure.get_figwidth():.0f}px"})


def words(table: pd.DataFrame, template: str, between: str = "; ") -> str:
    """Say a table in words, row by row, for an alternative text: each row fills in a template."""
    return between.join(template.format(**row) for row in table.to_dict("records"))
