"""What the figures are made of: intervals by category, lines with intervals, and bars.

Tables are tidy, one number a row. Which color, marker and line a row has stands in its column ``style``, a key of
the mapping of styles that is given beside the table.
"""

from collections.abc import Mapping, Sequence
from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from zslib.plots.theme import DARK, Style, narrow, width


def intervals(
    table: pd.DataFrame,
    styles: Mapping[str, Style],
    rows: Mapping[str, str],
    panels: Mapping[str, str] | None = None,
    *,
    limits: tuple[float, float] | None = None,
    line: float | None = None,
    xlabel: str = "",
    height: float = 0.3,
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
    height
        Of a row, in inches.
    size
        Of the markers, in points.
    sharex
        Whether the panels have one horizontal axis.
    """
    panels = {"": ""} if panels is None else panels
    table = pd.DataFrame({"panel": "", "filled": True, "offset": 0.0, **table}, index=table.index)
    table["y"] = table["row"].map({row: y for y, row in enumerate(rows)}) + table["offset"]
    columns = len(panels) if len(panels) < 6 else -(-len(panels) // 2)
    if narrow():
        columns = 2 if len(panels) > 2 else 1
        chars = 26 if max(map(len, rows.values()), default=0) > 40 else 20
        rows = {row: fill(name, chars, break_long_words=False) for row, name in rows.items()}
        height = max(height, 0.05 + 0.15 * max((1 + name.count("\n") for name in rows.values()), default=1))
    grid = facets(
        table, styles, 0.75 + height * len(rows), columns, col="panel", col_order=list(panels), sharex=sharex
    )
    grid.map_dataframe(_intervals, size=size)
    for name, axis in grid.axes_dict.items():
        axis.set(title=fill(panels[name], int(9.5 * width() / columns)))
        axis.grid(axis="x")
        axis.tick_params(axis="y", length=0)
        axis.locator_params(axis="x", nbins=max(3, int(1.4 * width() / columns)))
        if limits:
            margin = 0.03 * (limits[1] - limits[0])
            axis.set_xlim(limits[0] - margin, limits[1] + margin)
        if line is not None:
            axis.axvline(line, color=DARK, linewidth=1)
    grid.set_xlabels(fill(xlabel, int(12 * width() / columns)))
    axis = grid.axes.flat[0]
    axis.set_yticks(range(len(rows)), rows.values())
    axis.set_ylim(len(rows) - 0.5, -0.5)
    return grid


def curves(
    table: pd.DataFrame,
    styles: Mapping[str, Style],
    *,
    x: str,
    xlabel: str = "",
    ylabel: str = "",
    height: float = 2.6,
    columns: int | None = None,
    titles: Mapping | None = None,
    ticks: Mapping[float, str] | None = None,
    log: bool = False,
    bands: bool = False,
    named: bool = False,
    **panels,
) -> sns.FacetGrid:
    """Draw how a number changes with another one.

    Parameters
    ----------
    table
        Columns style, value, that of x and, where there are intervals, ci_low and ci_high.
    styles
        Of the values of the column style.
    x
        Column of the horizontal axis.
    xlabel, ylabel
        What is on the axes, said below the lowest and beside the leftmost panels.
    height
        Of a panel, in inches.
    columns
        Panels beside each other, on a phone half as many; None if there are rows of panels.
    titles
        Of the panels, where there are several.
    ticks
        Of the horizontal axis: place → what is written there.
    log
        Whether the horizontal axis is logarithmic.
    bands
        Whether intervals are bands and not bars.
    named
        Whether each line's name stands at its end, in the last panel of a row.
    **panels
        Which panels there are, as for :class:`seaborn.FacetGrid`.
    """
    columns = -(-columns // 2) if columns and narrow() else columns
    grid = facets(table, styles, height, columns, **panels)
    grid.map_dataframe(_curve, across=x, bands=bands)
    for axis in grid.axes.flat:
        axis.grid(axis="y")
        if log:
            axis.set_xscale("log")
        if ticks is not None:
            axis.set_xticks(list(ticks), ticks.values())
            axis.minorticks_off()
    for panel, title in (titles or {}).items():
        grid.axes_dict[panel].set_title(title, fontsize="medium" if "\n" in title else None)
    if named:
        for i, axis in enumerate(grid.axes.flat):
            if (i + 1) % (columns or 1) == 0:
                name_lines(axis, styles)
    return grid.set_axis_labels(xlabel, ylabel)


def facets(
    table: pd.DataFrame, styles: Mapping[str, Style], height: float, columns: int | None = None, **how
) -> sns.FacetGrid:
    """Empty panels, ``columns`` a line, in which each value of the column style will have its color, marker and line."""
    properties = {
        "marker": [s.marker for s in styles.values()],
        "linestyle": [s.line for s in styles.values()],
    }
    colors = {name: s.color for name, s in styles.items()}
    if "row" not in how and len(how.get("col_order", ())) > 1:
        how["col_wrap"] = columns
    grid = sns.FacetGrid(
        table, hue="style", hue_order=list(styles), palette=colors, hue_kws=properties, **how
    )
    lines = grid.axes.shape[0] if grid.axes.ndim == 2 else -(-len(grid.axes) // columns)
    grid.figure.set_size_inches(width(), height * lines)
    return grid.set_titles("", "", "")


def name_lines(axis, styles: Mapping[str, Style]) -> None:
    """Write the name of each line at its right end, moved apart where they would meet."""
    ends = {line.get_label(): line.get_xydata()[-1] for line in axis.lines if line.get_label() in styles}
    low, high = axis.get_ylim()
    names = sorted(ends, key=lambda name: ends[name][1])
    places = np.array([(ends[name][1] - low) / (high - low) for name in names])
    lines = {a.get_subplotspec().rowspan.start for a in axis.figure.axes}  # of panels
    step = 0.17 / (0.75 * axis.figure.get_figheight() / len(lines))
    for _ in range(100):  # two that are too near each other both give way
        close = np.maximum(step - np.diff(places), 0) / 2
        places[:-1] -= close
        places[1:] += close
    for name, place in zip(names, places + min(0, 1.02 - places.max(initial=0)), strict=True):
        leader = {"arrowstyle": "-", "color": styles[name].color, "shrinkA": 1, "shrinkB": 3}
        axis.annotate(
            name, ends[name], (1.05, place), textcoords="axes fraction", va="center", arrowprops=leader,
            annotation_clip=False,
        )  # fmt: skip


def legend(of: Figure, styles: Mapping[str, Style]) -> None:
    """Explain styles above the panels of a figure, which grows for it."""
    longest = max(map(len, styles)) + 5
    columns = max(1, min(len(styles), int(13 * width() / longest)))
    of.set_figheight(of.get_figheight() + 0.21 * -(-len(styles) // columns))
    handles = []
    for name, (color, marker, line, filled) in styles.items():
        face = color if filled else "white"
        handles.append(
            Line2D([], [], color=color, marker=marker, linestyle=line, markerfacecolor=face, label=name)
        )
    of.legend(handles=handles, loc="outside upper left", ncols=columns)


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
