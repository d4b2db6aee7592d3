"""Scores and their differences, with intervals."""

from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.figure import Figure

from zslib.comparison import Comparison
from zslib.measures import CARDS
from zslib.plots.house import HOUSE, interval, method_axis, reading, show, title


def scores(comparison: Comparison, names: Sequence[str]) -> None:
    """Draw scores with their intervals: one panel a metric, one row a method, native and pca50 spaces."""
    order = [m for m in comparison.shown if m in comparison.ran]
    if not order:
        print("No method ran here, so there is nothing to draw.")
        return
    with mpl.rc_context(HOUSE):
        figure = Figure(figsize=(9, 0.9 + 0.33 * len(order)))
        axes = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
        for axis, metric in zip(axes, names, strict=True):
            for space, offset, filled in (("native", -0.14, True), ("pca50", 0.14, False)):
                for row, method in enumerate(order):
                    interval(
                        axis, comparison.value(method, metric, space), row + offset, method, filled=filled
                    )
            card = CARDS[metric]
            axis.set_title(card.title)
            axis.set_xlim(-0.03, 1.03)
            axis.grid(axis="x", color="#e5e5e5", linewidth=0.7)
            axis.set_axisbelow(True)
        method_axis(axes[0], order)
        figure.tight_layout()
    show(figure, f"Scores with 95 % intervals on {comparison.dataset}. " + reading(comparison, names))


def differences(
    comparison: Comparison, baseline: str, names: Sequence[str], *, space: str = "native"
) -> None:
    """Draw paired differences of every method from a baseline, one panel a metric."""
    order = [m for m in comparison.shown if m in comparison.ran and m != baseline]
    if baseline not in comparison.ran or not order:
        print(f"{title(baseline)} or all others did not run here, so there is nothing to compare.")
        return
    with mpl.rc_context(HOUSE):
        figure = Figure(figsize=(9, 0.9 + 0.3 * len(order)))
        axes = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
        said = []
        for axis, metric in zip(axes, names, strict=True):
            table = comparison.differences(baseline, metric, space).set_index("method")
            for row, method in enumerate(order):
                if method not in table.index:
                    continue
                entry = table.loc[method].rename({"difference": "value"})
                interval(axis, entry, row, method)
                said.append(f"{title(method)} {entry.value:+.2f} ({CARDS[metric].title})")
            axis.axvline(0, color="#444444", linewidth=1)
            axis.set_title(CARDS[metric].title)
            axis.set_xlabel(f"difference from {title(baseline)}")
            axis.grid(axis="x", color="#e5e5e5", linewidth=0.7)
        method_axis(axes[0], order)
        figure.tight_layout()
    show(figure, f"Paired differences from {title(baseline)} with 95 % intervals: " + "; ".join(said) + ".")


def overview(
    comparisons: Sequence[Comparison],
    metric: str,
    *,
    only: Sequence[str] | None = None,
    space: str = "native",
) -> None:
    """Draw one metric for all datasets side by side, one row a method: all that are shown, or only some."""
    order = list(dict.fromkeys(m for c in comparisons for m in c.shown)) if only is None else list(only)
    with mpl.rc_context(HOUSE):
        figure = Figure(figsize=(9, 1.0 + 0.33 * len(order)))
        axes = figure.subplots(1, len(comparisons), sharey=True, squeeze=False)[0]
        said = []
        for axis, comparison in zip(axes, comparisons, strict=True):
            for row, method in enumerate(order):
                if method in comparison.ran:
                    interval(axis, comparison.value(method, metric, space), row, method)
                else:
                    status = comparison.status(method)
                    axis.annotate(status, (0.02, row), va="center", fontsize=7.5, color="#666666")
            axis.set_title(comparison.dataset)
            axis.set_xlim(-0.03, 1.03)
            axis.set_xlabel(CARDS[metric].title)
            axis.grid(axis="x", color="#e5e5e5", linewidth=0.7)
            axis.set_axisbelow(True)
            said.append(f"{comparison.dataset}: {reading(comparison, [metric], space, only=order)}")
        method_axis(axes[0], order)
        figure.tight_layout()
    show(
        figure,
        f"{CARDS[metric].title} of every method on every dataset, 95 % intervals. " + " ".join(said),
    )
