"""What all figures share: palettes, style, the way they are shown, and how a method is drawn."""

import io
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from zslib import methods
from zslib.metrics import CARDS
from zslib.results.comparison import Comparison

# scanpy's default_20, after https://doi.org/10.1186/s13059-017-1382-0
CELL_TYPES = (
    "#1f77b4", "#ff7f0e", "#279e68", "#d62728", "#aa40fc", "#8c564b", "#e377c2", "#b5bd61", "#17becf", "#aec7e8",
    "#ffbb78", "#98df8a", "#ff9896", "#c5b0d5", "#c49c94", "#f7b6d2", "#dbdb8d", "#9edae5", "#ad494a", "#8c6d31",
)  # fmt: skip
BATCHES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000")
THEME = {
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.labelsize": 9,
    "figure.facecolor": "white",
    "font.size": 9,
    "legend.frameon": False,
    "savefig.facecolor": "white",
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
}


def show(figure: Figure, alt: str) -> None:
    """Show a figure in a notebook as a PNG at twice the screen's resolution, with an alternative text."""
    from IPython.display import Image, display

    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=200, bbox_inches="tight")
    image = Image(buffer.getvalue(), format="png", alt=alt)
    # An inch is 82 CSS pixels: a figure 9 inches wide just fills the page.
    display(image, metadata={"alt": alt, "width": f"{82 * figure.get_figwidth():.0f}px"})


def scatter(
    axis, layout, values: pd.Series, palette: Sequence[str], title: str, *, legend: bool = True
) -> None:
    """Draw cells in two dimensions, colored by a category; shape of the layout (n_cells, 2)."""
    categories = list(values.astype("category").cat.categories)
    codes = values.astype("category").cat.codes.to_numpy()
    colors = np.array([palette[i % len(palette)] for i in range(len(categories))])
    # In order of the data, whichever type comes last hides the others.
    order = np.random.default_rng(0).permutation(len(codes))
    size = float(np.clip(9000 / len(codes), 0.3, 9))
    axis.scatter(*layout[order].T, c=colors[codes[order]], s=size, linewidths=0, rasterized=True)
    axis.set_title(title)
    axis.set_axis_on()
    axis.set(xticks=[], yticks=[])
    for spine in axis.spines.values():
        spine.set_visible(False)
    if legend:
        handles = [mpl.lines.Line2D([], [], marker="o", linestyle="", markersize=5, color=c) for c in colors]
        columns = 1 + (len(categories) > 14)
        axis.legend(
            handles, categories, loc="center left", bbox_to_anchor=(1, 0.5), ncols=columns, handletextpad=0.1
        )


def interval(axis, entry, row: float, method: str, *, filled: bool = True) -> None:
    """Draw one score of a method with its interval; nothing where there is none."""
    if entry is None:
        return
    card = methods.card(method)
    axis.plot(
        [entry.ci_low, entry.ci_high], [row, row], color=card.color, linewidth=1.6, solid_capstyle="butt"
    )
    face = card.color if filled or card.marker == "x" else "white"
    axis.plot(entry.value, row, marker=card.marker, color=card.color, markerfacecolor=face, markersize=6)


def method_axis(axis, order: Sequence[str]) -> None:
    """Put the names of methods on the vertical axis, the first on top."""
    axis.set_yticks(range(len(order)), [title(m) for m in order])
    axis.set_ylim(len(order) - 0.5, -0.5)


def title(method: str) -> str:
    """What a method is called in the book."""
    return methods.card(method).title


def reading(
    comparison: Comparison, names: Sequence[str], space: str = "native", *, only: Sequence[str] | None = None
) -> str:
    """Say in words what a figure of scores shows, for its alternative text."""
    said = []
    for metric in names:
        order = [m for m in (comparison.compared if only is None else only) if m in comparison.ran]
        values = {m: comparison.value(m, metric, space) for m in order}
        known = ", ".join(f"{title(m)} {v.value:.2f}" for m, v in values.items() if v is not None)
        said.append(f"{CARDS[metric].title}: {known or 'not defined here'}.")
    return " ".join(said)
