"""Whether a cell type that is hidden is found."""

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from zslib import methods
from zslib.metrics.discovery.titration import TITRATED
from zslib.plots.theme import THEME, method_axis, show, title
from zslib.results.comparison import Comparison

TITLES = {"found_by_distance": "far from the reference", "found_by_cluster": "a cluster of its own"}


def hidden_types(comparison: Comparison, metric: str = "novelty_auroc", *, space: str = "native") -> None:
    """Draw one metric for every method and every hidden type as a table of shades with the numbers in it."""
    rows = comparison.discovery.query("metric == @metric and space == @space and label != ''")
    rows = rows[rows["method"].isin(comparison.shown)]
    if rows.empty:
        print("No method ran here, so there is nothing to draw.")
        return
    order = [m for m in comparison.shown if m in set(rows["method"])]
    sizes = rows.drop_duplicates("label").set_index("label")["cells"].sort_values(ascending=False)
    grid = rows.pivot(index="method", columns="label", values="value").loc[order, sizes.index].to_numpy()
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(9, 1.5 + 0.3 * len(order)))
        axis = figure.subplots()
        picture = axis.imshow(grid, cmap="cividis", vmin=0, vmax=1, aspect="auto")
        for row, column in np.ndindex(*grid.shape):
            shade = "black" if grid[row, column] > 0.6 else "white"
            axis.annotate(
                f"{grid[row, column]:.2f}", (column, row), ha="center", va="center", color=shade, size=7.5
            )
        names = [f"{label} ({n:,.0f})" for label, n in sizes.items()]
        axis.set_xticks(range(len(names)), names, rotation=35, ha="right")
        method_axis(axis, order)
        for spine in axis.spines.values():
            spine.set_visible(False)
        axis.tick_params(length=0)
        figure.colorbar(picture, ax=axis, fraction=0.025, pad=0.015)
        figure.tight_layout()
    said = (
        f"{title(m)} from {values.min():.2f} to {values.max():.2f}"
        for m, values in zip(order, grid, strict=True)
    )
    show(
        figure,
        f"Each method (row) and each hidden cell type (column) of {comparison.dataset}: {'; '.join(said)}.",
    )


def titration(comparison: Comparison) -> None:
    """Draw the share of types that are found against the number of their cells that are kept, by both rules."""
    found = comparison.discovery
    if found.empty:
        print("No method ran here, so there is nothing to draw.")
        return
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(9, 3.4))
        axes = figure.subplots(1, len(TITRATED), sharey=True)
        said = []
        for axis, metric in zip(axes, TITRATED, strict=True):
            rows = found[(found["metric"] == metric) & (found["label"] == "")]
            for method in comparison.shown:
                curve = rows[rows["method"] == method].sort_values("cells")
                if curve.empty:
                    continue
                card = methods.card(method)
                axis.fill_between(
                    curve["cells"],
                    curve["ci_low"],
                    curve["ci_high"],
                    color=card.color,
                    alpha=0.13,
                    linewidth=0,
                )
                axis.plot(
                    curve["cells"],
                    curve["value"],
                    color=card.color,
                    marker=card.marker,
                    markersize=5,
                    label=card.title,
                )
                last = curve.iloc[-1]
                said.append(
                    f"{card.title} {TITLES[metric]} at {last['cells']:.0f} cells: {last['value']:.0%}"
                )
            axis.set_xscale("log")
            levels = sorted(rows["cells"].unique())
            axis.set_xticks(levels, [f"{m:.0f}" for m in levels])
            axis.minorticks_off()
            axis.set(xlabel="cells of the type that are kept", title=TITLES[metric], ylim=(-0.03, 1.03))
            axis.grid(axis="y", color="#e5e5e5", linewidth=0.7)
        axes[0].set_ylabel("share found")
        axes[-1].legend(loc="center left", bbox_to_anchor=(1, 0.5))
        figure.tight_layout()
    show(figure, f"Share of the cell types of {comparison.dataset} that are found. " + "; ".join(said) + ".")
