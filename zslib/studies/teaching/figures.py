"""Figures of the teaching chapters."""

from collections.abc import Mapping, Sequence
from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from zslib import metrics
from zslib.metrics.graph import K
from zslib.plots.draw import bars, curves, intervals, legend
from zslib.plots.embeddings import cells, unmarked
from zslib.plots.theme import BATCHES, CELL_TYPES, DARK, OKABE_ITO, figure, numbered, width
from zslib.results.report.words import join


@figure
def dots(
    table: pd.DataFrame,
    *,
    limits: tuple[float, float] | None = (0, 1),
    mark: float | None = None,
    n_cells: int | str = "",
):
    """Draw a table of numbers: one panel a column, one row a row.

    Parameters
    ----------
    table
        Numbers; names of rows and columns are shown. NaN leaves a gap.
    limits
        Ends of every axis; None lets each panel find its own.
    mark
        A value to mark by a vertical line, such as the one that means nothing.
    n_cells
        How many cells the numbers are of; in words where they are of several datasets.

    Notes
    -----
    Of an empty table nothing is drawn.
    """
    if table.empty:
        return None
    rows = dict(enumerate(map(str, table.index)))
    long = (
        table.set_axis(list(rows)).melt(var_name="panel", ignore_index=False).rename_axis("row").reset_index()
    )
    long = long.assign(style=long["panel"], ci_low=long["value"], ci_high=long["value"])
    panels = {column: column for column in table}
    drawn = intervals(long, numbered(panels), rows, panels, limits=limits, line=mark, size=7)
    numbers = [
        f"{column}: "
        + ", ".join(f"{name} {value:.2f}" for name, value in table[column].items() if value == value)
        for column in table
    ]
    return (drawn, f"One marker a row and score. {'; '.join(numbers)}.", f"{_found(table)}{_of(n_cells)}")


def _found(table: pd.DataFrame) -> str:
    """Say which row stands highest and which lowest, or where two columns that have no row there in common differ."""
    table = table.round(2).rename(index=str)
    told = table.loc[:, table.nunique() > 1]
    same = "".join(
        f"{name}: all {table[name].max():z.2f}. " for name in table.columns.difference(told.columns)
    )
    if told.shape[1] == 0:
        return same.strip()
    if told.shape[1] == 1:
        values = told.iloc[:, 0]
        low, high = (f"{at} ({values[at]:z.2f})" for at in (values.idxmin(), values.idxmax()))
        return f"{same}{told.columns[0]}: {high} is highest and {low} lowest."
    (top, *other), (low, *more) = (_held(told == end) for end in (told.max(), told.min()))
    if not other:
        return f"{same}{_is(top)} highest{f' and {join(low)} lowest' * (not more)} in every panel."
    (first, second), found = other
    return (
        f"{same}{_is(top)} highest under “{first}” and {join(found)} under “{second}”"
        f"{f'; {_is(low)} lowest in every panel' * (not more)}."
    )


def _held(best: pd.DataFrame) -> tuple:
    """Rows that are marked in every column; or in as many as there are from the left, with the next column and its rows."""
    held = list(best.index)
    for column in best:
        here = list(best.index[best[column]])
        if not (both := [name for name in held if name in here]):
            return held, (best.columns[0], column), here
        held = both
    return (held,)


def _is(names: Sequence[str]) -> str:
    return f"{join(names)} {'is' if len(names) == 1 else 'are'}"


def _of(n_cells: int | str) -> str:
    return f" {n_cells:,} cells." if isinstance(n_cells, int) else f" {n_cells} cells." * bool(n_cells)


@figure
def silhouette_anatomy(points: np.ndarray, label: Sequence[str], cell: int):
    """Draw what one cell's silhouette is made of: lines to all other cells, by their type.

    Parameters
    ----------
    points
        Shape (n_cells, 2).
    label
        Type of each cell, shape (n_cells,).
    cell
        Row of the cell whose silhouette it is.
    """
    label = np.asarray(label)
    styles, numbers = numbered(np.unique(label)), []
    drawn, axis = plt.subplots(figsize=(width(), 2.4))
    for name, (color, marker, line, _) in styles.items():
        members = np.flatnonzero(label == name)
        others = members[members != cell]
        for other in others:
            axis.plot(*points[[cell, other]].T, line, color=color, linewidth=0.9, zorder=1)
        axis.scatter(*points[members].T, color=color, marker=marker, s=60, zorder=2)
        distance = np.linalg.norm(points[others] - points[cell], axis=1).mean()
        numbers.append(f"to {name} {distance:.2f}")
    axis.scatter(*points[cell], s=190, facecolors="none", edgecolors="black", linewidths=1.4, zorder=3)
    axis.set_aspect("equal")
    axis.set(xlabel="dimension 1", ylabel="dimension 2")
    legend(drawn, styles)
    own = (label == label[cell]).sum() - 1
    return (
        drawn,
        f"{len(points)} cells of {len(styles)} types in two dimensions. Lines lead from one {label[cell]}, circled, to all "
        f"others; their mean lengths: {', '.join(numbers)}.",
        f"Of {len(points)} cells one {label[cell]} is circled: {own} lines lead to its own type, and {len(points) - 1 - own} to "
        "others.",
    )


@figure
def panels(spaces: Mapping[str, np.ndarray], values: Mapping[str, Sequence] | Sequence):
    """Draw the same cells in several spaces of two dimensions, colored by a name each cell has.

    Parameters
    ----------
    spaces
        Title → coordinates of shape (n_cells, 2).
    values
        A name for each cell, shape (n_cells,), for all panels; or title → names, a coloring each.
    """
    shared = not isinstance(values, Mapping)
    colorings = {title: np.asarray(values if shared else values[title]).astype(str) for title in spaces}
    groups = [dict(spaces)] if shared else [{title: layout} for title, layout in spaces.items()]
    names = sorted({name for coloring in colorings.values() for name in coloring})
    drawn = []
    for group in groups:
        own = pd.Series(colorings[next(iter(group))])
        # The first palette is safe for all eyes, but short.
        palette = BATCHES if own.nunique() <= len(BATCHES) else CELL_TYPES
        drawn.append(cells(group, own, palette, inches=7 / max(2, min(4, len(spaces)))))
    n_cells = len(next(iter(colorings.values())))
    near = ", ".join(
        f"{title} {metrics.knn_purity(spaces[title], names):.0%}"
        for title, names in colorings.items()
        if len(set(names)) > 1
    )
    alt = f"The same {n_cells} cells in {len(spaces)} panels ({'; '.join(spaces)}), colored by {', '.join(names)}."
    said = f"Share of a cell's {K} nearest points that have its color: {near}.{_of(n_cells)}"
    return drawn, alt, said + unmarked(drawn)


@figure
def lines(
    x: Sequence[float],
    values: Mapping[str, Sequence[float]],
    *,
    xlabel: str,
    ylabel: str,
    log: bool = False,
    mark: Mapping[str, float] | None = None,
    n_cells: int | str = "",
):
    """Draw how several numbers change with one setting.

    Parameters
    ----------
    x
        Values of the setting, shape (n,).
    values
        Name → numbers, shape (n,).
    xlabel, ylabel
        What the axes are.
    log
        Whether the setting grows by factors.
    mark
        Name → position of a vertical line.
    n_cells
        How many cells the numbers are of.
    """
    table = pd.concat(
        [pd.DataFrame({"x": list(x), "value": list(y), "style": name}) for name, y in values.items()]
    )
    styles = numbered(values)
    ticks = {v: f"{v:,g}" for v in x} if log else None
    how = {"ticks": ticks, "log": log, "height": 2.9, "named": len(styles) > 1}
    drawn = curves(table, styles, x="x", xlabel=xlabel, ylabel=ylabel, **how)
    for name, position in (mark or {}).items():
        drawn.ax.axvline(position, color=DARK, linewidth=1, linestyle=":")
        drawn.ax.annotate(f" {name}", (position, 0.03), xycoords=("data", "axes fraction"), color=DARK)
    ends = [f"{n} goes from {np.asarray(y)[0]:.2f} to {np.asarray(y)[-1]:.2f}" for n, y in values.items()]
    tops = [f"{n} {np.max(y):.2f} at {x[int(np.argmax(y))]:,g}" for n, y in values.items()]
    return (
        drawn,
        f"{ylabel} against {xlabel}, from {min(x):,g} to {max(x):,g}: {'; '.join(ends)}.",
        f"Highest {ylabel}, and at which {xlabel}: {'; '.join(tops)}.{_of(n_cells)}",
    )


@figure
def distributions(
    draws: Mapping[str, np.ndarray], *, xlabel: str, mark: float | None = None, n_cells: int | str = ""
):
    """Draw resamples as histograms, one row each, with the middle 95 % underlined.

    Parameters
    ----------
    draws
        Name → numbers, shape (n_boot,).
    xlabel
        What the numbers are.
    mark
        A value to mark by a vertical line, such as zero.
    n_cells
        How many cells are drawn from.
    """
    drawn, axes = plt.subplots(
        len(draws), 1, figsize=(width(), 0.7 + 1.1 * len(draws)), sharex=True, squeeze=False
    )
    numbers = []
    for axis, color, (name, values) in zip(axes[:, 0], OKABE_ITO, draws.items(), strict=False):
        low, high = np.quantile(values, [0.025, 0.975])
        sns.histplot(x=values, bins=40, color=color, linewidth=0, ax=axis)
        axis.plot([low, high], [0, 0], color="black", linewidth=4, solid_capstyle="butt", clip_on=False)
        axis.set(title=name, ylabel="", yticks=[])
        axis.spines["left"].set_visible(False)
        if mark is not None:
            axis.axvline(mark, color=DARK, linewidth=1, linestyle="--")
        numbers.append(f"{name} {low:.3f} to {high:.3f}")
    axes[-1, 0].set_xlabel(xlabel)
    axes[-1, 0].xaxis.set_major_formatter("{x:.3g}")
    alt = f"Histograms of bootstrap resamples of {xlabel}; 95 % intervals: {'; '.join(numbers)}."
    return drawn, alt, f"The black bar holds the middle 95 %: {'; '.join(numbers)}.{_of(n_cells)}"


@figure
def funnel(counts: Mapping[str, int]):
    """Draw how many are left after each question, one bar a question."""
    drawn, axis = plt.subplots(figsize=(width(), 0.5 + 0.36 * len(counts)))
    bars(axis, [fill(name, int(6 * width())) for name in counts], list(counts.values()), OKABE_ITO[0])
    axis.bar_label(axis.containers[0], padding=4)
    axis.set_xticks([])
    axis.spines["bottom"].set_visible(False)
    numbers = "; ".join(f"{name} {count}" for name, count in counts.items())
    first, *_, last = counts.values()
    return (
        drawn,
        f"How many are left, question by question: {numbers}.",
        f"After the last question {last} of {first} are left, {last / max(first, 1):.0%}.",
    )
