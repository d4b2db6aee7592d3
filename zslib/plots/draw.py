"""What the figures are made of: intervals by category, lines with intervals, cells in two dimensions, and bars.

Tables are tidy, one number a row. Which color, marker and line a row has stands in its column ``style``, a key of
the mapping of styles that is given beside the table.
"""

from collections.abc import Mapping, Sequence
from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.lines import Line2D

from zslib.plots.theme import DARK, Style


def intervals(
    table: pd.DataFrame,
    styles: Mapping[str, Style],
    rows: Mapping[str, str],
    panels: Mapping[str, str] | None = None,
    *,
    limits: tuple[float, float] | None = None,
    line: float | None = None,
    xlabel: str = "",
    width: float = 9,
    height: float = 0.36,
    size: float = 6.5,
    sharex: bool = False,
) -> sns.FacetGrid:
    """Draw numbers with their intervals, one category below the other.

    Parameters
    ----------
    table
        Columns row, style, value, ci_low, ci_high and, where they matter, panel, filled (else the marker is empty) and
        offset (down from the middle of the row).
    styles
        Of the values of the column style.
    rows, panels
        Categories and panels in their order, and what they are called.
    limits
        Ends of every horizontal axis; without, each panel finds its own.
    line
        Where to draw a vertical line.
    xlabel
        What the numbers are.
    width, height
        Of the figure, and of a row, in inches.
    size
        Of the markers, in points.
    sharex
        Whether the panels have one horizontal axis.
    """
    panels = {"": ""} if panels is None else panels
    table = pd.DataFrame({"panel": "", "filled": True, "offset": 0.0, **table}, index=table.index)
    table["y"] = table["row"].map({row: y for y, row in enumerate(rows)}) + table["offset"]
    grid = facets(
        table, styles, (width, 0.85 + height * len(rows)), col="panel", col_order=list(panels), sharex=sharex
    )
    grid.map_dataframe(_intervals, size=size)
    for name, axis in grid.axes_dict.items():
        axis.set(title=fill(panels[name], 84 // len(panels)), xlabel=xlabel)
        axis.grid(axis="x")
        axis.locator_params(axis="x", nbins=max(3, 12 // len(panels)))
        if limits:
            margin = 0.03 * (limits[1] - limits[0])
            axis.set_xlim(limits[0] - margin, limits[1] + margin)
        if line is not None:
            axis.axvline(line, color=DARK, linewidth=1)
    axis = grid.axes.flat[0]
    axis.set_yticks(range(len(rows)), rows.values())
    axis.set_ylim(len(rows) - 0.5, -0.5)
    return grid


def curves(
    table: pd.DataFrame,
    styles: Mapping[str, Style],
    size: tuple[float, float],
    *,
    x: str,
    xlabel: str = "",
    ylabel: str = "",
    titles: Mapping | None = None,
    ticks: Mapping[float, str] | None = None,
    log: bool = False,
    bands: bool = False,
    **panels,
) -> sns.FacetGrid:
    """Draw how a number changes with another one.

    Parameters
    ----------
    table
        Columns style, value, that of x and, where there are intervals, ci_low and ci_high.
    styles
        Of the values of the column style.
    size
        Of the figure, in inches.
    x
        Column of the horizontal axis.
    xlabel, ylabel
        What is on the axes, said below the lowest and beside the leftmost panels.
    titles
        Of the panels, where there are several.
    ticks
        Of the horizontal axis: place → what is written there.
    log
        Whether the horizontal axis is logarithmic.
    bands
        Whether intervals are bands and not bars.
    **panels
        Which panels there are, as for :class:`seaborn.FacetGrid`.
    """
    grid = facets(table, styles, size, **panels)
    grid.map_dataframe(_curve, across=x, bands=bands)
    for axis in grid.axes.flat:
        axis.grid(axis="y")
        if log:
            axis.set_xscale("log")
        if ticks is not None:
            axis.set_xticks(list(ticks), ticks.values())
            axis.minorticks_off()
    for panel, title in (titles or {}).items():
        grid.axes_dict[panel].set_title(title, fontsize="small" if "\n" in title else None)
    return grid.set_axis_labels(xlabel, ylabel)


def facets(
    table: pd.DataFrame, styles: Mapping[str, Style], size: tuple[float, float], **how
) -> sns.FacetGrid:
    """Empty panels, in which each value of the column style will have its color, marker and line."""
    properties = {
        "marker": [s.marker for s in styles.values()],
        "linestyle": [s.line for s in styles.values()],
    }
    colors = {name: s.color for name, s in styles.items()}
    grid = sns.FacetGrid(
        table, hue="style", hue_order=list(styles), palette=colors, hue_kws=properties, **how
    )
    grid.figure.set_size_inches(*size)
    return grid.set_titles("", "", "")


def legend(of, styles: Mapping[str, Style], *, loc: str = "outside right center", **how) -> None:
    """Explain styles beside the panels of a figure, which grows for what stands above or below them, or in one panel."""
    if loc.startswith(("outside upper", "outside lower")):
        of.set_figheight(of.get_figheight() + 0.25 * -(-len(styles) // how.get("ncols", 1)))
    handles = []
    for name, (color, marker, line, filled) in styles.items():
        face = color if filled else "white"
        handles.append(
            Line2D([], [], color=color, marker=marker, linestyle=line, markerfacecolor=face, label=name)
        )
    of.legend(handles=handles, loc=loc, **how)


def cells(
    axis, layout: np.ndarray, names: pd.Series, palette: Sequence[str], title: str = "", *, named: bool = True
) -> None:
    """Draw cells in two dimensions, colored by the name that each has, and say whose color is whose if ``named``."""
    names = names.astype("category").cat
    colors = {name: palette[i % len(palette)] for i, name in enumerate(names.categories)}
    # In order of the data, whichever type comes last would hide the others.
    order = np.random.default_rng(0).permutation(len(layout))
    size = float(np.clip(9000 / len(layout), 0.3, 9))
    sns.scatterplot(
        x=layout[order, 0], y=layout[order, 1], hue=names.categories[names.codes.to_numpy()[order]],
        palette=colors, s=size, linewidth=0, legend=False, rasterized=True, ax=axis,
    )  # fmt: skip
    axis.set(title=title, xticks=[], yticks=[])
    sns.despine(ax=axis, left=True, bottom=True)
    if named:
        styles = {name: Style(color, "o", "") for name, color in colors.items()}
        beside = {"loc": "center left", "bbox_to_anchor": (1, 0.5), "handletextpad": 0.1}
        legend(axis, styles, ncols=1 + (len(colors) > 14), **beside)


def bars(axis, names: Sequence[str], numbers: Sequence[float], color: str | Sequence[str]) -> None:
    """Draw numbers as horizontal bars, the first on top."""
    axis.barh(range(len(names)), numbers, color=color, height=0.7)
    axis.set_yticks(range(len(names)), names)
    axis.set_ylim(len(names) - 0.4, -0.6)


def _intervals(data: pd.DataFrame, *, color: str, marker: str, size: float, **_) -> None:
    """Draw the rows of one style in the present panel."""
    axis = plt.gca()
    axis.hlines(data["y"], data["ci_low"], data["ci_high"], color=color, linewidth=1.8)
    for filled, some in data.groupby("filled"):
        face = color if filled or marker == "x" else "white"
        properties = {"color": color, "marker": marker, "markerfacecolor": face, "markersize": size}
        axis.plot(some["value"], some["y"], linestyle="", zorder=3, **properties)


def _curve(data: pd.DataFrame, *, across: str, bands: bool, color: str, label: str, **properties) -> None:
    """Draw the line of one style in the present panel."""
    axis = plt.gca()
    if bands:
        axis.fill_between(data[across], data["ci_low"], data["ci_high"], color=color, alpha=0.15, linewidth=0)
    elif "ci_low" in data:
        axis.vlines(data[across], data["ci_low"], data["ci_high"], color=color, linewidth=1)
    axis.plot(data[across], data["value"], color=color, label=label, markersize=5, **properties)
