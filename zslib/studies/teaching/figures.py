"""Figures of the teaching chapters."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from zslib.plots.theme import BATCHES, CELL_TYPES, THEME, scatter, show

INK = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKERS = ("o", "s", "^", "D", "v", "P")
STYLES = ("-", "--", ":", "-.", "-", "--")


def dots(
    table: pd.DataFrame, *, limits: tuple[float, float] | None = (0, 1), mark: float | None = None
) -> None:
    """Draw a table of numbers: one panel a column, one row a row.

    Parameters
    ----------
    table
        Numbers; names of rows and columns are shown. NaN leaves a gap.
    limits
        Ends of every axis; None lets each panel find its own.
    mark
        A value to mark by a vertical line, such as the one that means nothing.

    Notes
    -----
    Of an empty table nothing is drawn.
    """
    if table.empty:
        return
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(9, 0.9 + 0.32 * len(table)))
        axes = figure.subplots(1, table.shape[1], sharey=True, squeeze=False)[0]
        for i, (axis, column) in enumerate(zip(axes, table, strict=True)):
            axis.plot(table[column], range(len(table)), MARKERS[i % 6], color=INK[i % 6], markersize=7)
            axis.set_title(column)
            axis.grid(axis="x", color="#e5e5e5", linewidth=0.7)
            axis.set_axisbelow(True)
            if limits:
                room = 0.03 * (limits[1] - limits[0])
                axis.set_xlim(limits[0] - room, limits[1] + room)
            if mark is not None:
                axis.axvline(mark, color="#888888", linewidth=1, linestyle="--")
        axes[0].set_yticks(range(len(table)), list(map(str, table.index)))
        axes[0].set_ylim(len(table) - 0.5, -0.5)
        figure.tight_layout()
    said = [
        f"{column}: "
        + ", ".join(f"{name} {value:.2f}" for name, value in table[column].items() if value == value)
        for column in table
    ]
    show(figure, "One marker a row and score. " + "; ".join(said) + ".")


def silhouette_anatomy(points: np.ndarray, label: Sequence[str], cell: int) -> None:
    """Draw what one cell's silhouette is made of: lines to all other cells, by their type.

    Parameters
    ----------
    points
        Shape (n_cells, 2).
    label
        Type of each cell, shape (n_cells,).
    cell
        Row of the cell that asks.
    """
    label = np.asarray(label)
    types = list(np.unique(label))
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(6.5, 3.4))
        axis = figure.subplots()
        said = []
        for i, name in enumerate(types):
            members = np.flatnonzero(label == name)
            others = members[members != cell]
            for other in others:
                axis.plot(*points[[cell, other]].T, STYLES[i % 6], color=INK[i % 6], linewidth=0.9, zorder=1)
            axis.scatter(
                *points[members].T, color=INK[i % 6], marker=MARKERS[i % 6], s=60, label=name, zorder=2
            )
            distance = np.linalg.norm(points[others] - points[cell], axis=1).mean()
            said.append(f"to {name} {distance:.2f}")
        axis.scatter(*points[cell], s=190, facecolors="none", edgecolors="black", linewidths=1.4, zorder=3)
        axis.set_aspect("equal")
        axis.set(xlabel="dimension 1", ylabel="dimension 2")
        axis.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    show(
        figure,
        f"{len(points)} cells of {len(types)} types in two dimensions. Lines lead from one {label[cell]}, circled, to all "
        f"others; their mean lengths: {', '.join(said)}.",
    )


def panels(spaces: Mapping[str, np.ndarray], values: Mapping[str, Sequence] | Sequence) -> None:
    """Draw the same cells in several spaces of two dimensions, colored by a name each cell has.

    Parameters
    ----------
    spaces
        Title → coordinates of shape (n_cells, 2).
    values
        A name for each cell, shape (n_cells,), for all panels; or title → names, a coloring each.
    """
    shared = not isinstance(values, Mapping)
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(9, 3.2 if len(spaces) > 1 else 3.8))
        axes = figure.subplots(1, len(spaces), squeeze=False)[0]
        for i, (axis, (title, layout)) in enumerate(zip(axes, spaces.items(), strict=True)):
            named = pd.Series(np.asarray(values if shared else values[title]).astype(str))
            # The first palette is safe for all eyes, but short.
            palette = BATCHES if named.nunique() <= len(BATCHES) else CELL_TYPES
            scatter(
                axis, np.asarray(layout), named, palette, title, legend=not shared or i == len(spaces) - 1
            )
        figure.subplots_adjust(wspace=0.12 if shared else 1.05)
    names = sorted(
        {str(v) for v in (values if shared else np.concatenate([np.asarray(v) for v in values.values()]))}
    )
    show(
        figure,
        f"The same {len(next(iter(spaces.values())))} cells in {len(spaces)} panels ({'; '.join(spaces)}), "
        f"colored by {', '.join(names)}.",
    )


def lines(
    x: Sequence[float],
    curves: Mapping[str, Sequence[float]],
    *,
    xlabel: str,
    ylabel: str,
    log: bool = False,
    mark: Mapping[str, float] | None = None,
) -> None:
    """Draw how several numbers change with one setting.

    Parameters
    ----------
    x
        Values of the setting, shape (n,).
    curves
        Name → numbers, shape (n,).
    xlabel, ylabel
        What the axes are.
    log
        Whether the setting grows by factors.
    mark
        Name → position of a vertical line.
    """
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(6.8, 3.0))
        axis = figure.subplots()
        for i, (name, y) in enumerate(curves.items()):
            axis.plot(
                x, y, STYLES[i % 6], marker=MARKERS[i % 6], markersize=4.5, color=INK[i % 6], label=name
            )
        for name, position in (mark or {}).items():
            axis.axvline(position, color="#666666", linewidth=1, linestyle=":")
            axis.annotate(
                f" {name}", (position, 0.03), xycoords=("data", "axes fraction"), fontsize=8, color="#444444"
            )
        if log:
            axis.set_xscale("log")
            axis.set_xticks(list(x), [f"{v:,g}" for v in x])
            axis.minorticks_off()
        axis.set(xlabel=xlabel, ylabel=ylabel)
        axis.grid(axis="y", color="#e5e5e5", linewidth=0.7)
        if len(curves) > 1:
            axis.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    said = [
        f"{name} goes from {np.asarray(y)[0]:.2f} to {np.asarray(y)[-1]:.2f}" for name, y in curves.items()
    ]
    show(figure, f"{ylabel} against {xlabel}, from {min(x):,g} to {max(x):,g}: {'; '.join(said)}.")


def distributions(draws: Mapping[str, np.ndarray], *, xlabel: str, mark: float | None = None) -> None:
    """Draw resamples as histograms, one row each, with the middle 95 % underlined.

    Parameters
    ----------
    draws
        Name → numbers, shape (n_boot,).
    xlabel
        What the numbers are.
    mark
        A value to mark by a vertical line, such as zero.
    """
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(6.8, 0.6 + 1.05 * len(draws)))
        axes = figure.subplots(len(draws), 1, sharex=True, squeeze=False)[:, 0]
        said = []
        for i, (axis, (name, values)) in enumerate(zip(axes, draws.items(), strict=True)):
            low, high = np.quantile(values, [0.025, 0.975])
            axis.hist(values, bins=40, color=INK[i % 6], alpha=0.75)
            axis.plot([low, high], [0, 0], color="black", linewidth=4, solid_capstyle="butt", clip_on=False)
            axis.set_title(name, fontsize=9)
            axis.set_yticks([])
            axis.spines["left"].set_visible(False)
            if mark is not None:
                axis.axvline(mark, color="#444444", linewidth=1, linestyle="--")
            said.append(f"{name} {low:.3f} to {high:.3f}")
        axes[-1].set_xlabel(xlabel)
        figure.tight_layout()
    show(figure, f"Histograms of bootstrap resamples of {xlabel}; 95 % intervals: {'; '.join(said)}.")


def funnel(counts: Mapping[str, int]) -> None:
    """Draw how many are left after each question, one bar a question."""
    names, numbers = list(counts), list(counts.values())
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(8, 0.5 + 0.38 * len(counts)))
        axis = figure.subplots()
        axis.barh(range(len(numbers)), numbers, color=INK[0], height=0.6)
        for row, number in enumerate(numbers):
            axis.annotate(f" {number}", (number, row), va="center", fontsize=9)
        axis.set_yticks(range(len(names)), names)
        axis.set_ylim(len(names) - 0.5, -0.5)
        axis.set_xticks([])
        axis.spines["bottom"].set_visible(False)
        figure.tight_layout()
    show(
        figure,
        "How many are left, question by question: " + "; ".join(f"{n} {c}" for n, c in counts.items()) + ".",
    )
