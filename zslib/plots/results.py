"""Scores and their differences, with intervals."""

from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.figure import Figure

from zslib import methods
from zslib.methods.card import FAMILIES
from zslib.metrics import CARDS
from zslib.plots.theme import THEME, interval, method_axis, reading, show, title
from zslib.results.comparison import Comparison


def scores(comparison: Comparison, names: Sequence[str], *, only: Sequence[str] | None = None) -> None:
    """Draw scores with their intervals: one panel a metric, one row a method, native and pca50 spaces.

    Parameters
    ----------
    names
        Metrics.
    only
        Methods to draw, where they ran; those that are compared everywhere if None.
    """
    order = comparison.compared if only is None else [m for m in only if m in comparison.ran]
    if not order:
        print("No method ran here, so there is nothing to draw.")
        return
    with mpl.rc_context(THEME):
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
    show(
        figure,
        f"Scores with 95 % intervals on {comparison.dataset}. " + reading(comparison, names, only=order),
    )


def differences(
    comparison: Comparison, baseline: str, names: Sequence[str], *, space: str = "native"
) -> None:
    """Draw paired differences of every method from a baseline, one panel a metric."""
    order = [m for m in comparison.compared if m != baseline]
    if baseline not in comparison.ran or not order:
        print(f"{title(baseline)} or all others did not run here, so there is nothing to compare.")
        return
    with mpl.rc_context(THEME):
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


def twins(comparison: Comparison, metric: str = "avg_bio", *, family: str = "small") -> None:
    """Draw trained models of a family beside their untrained twins: scores on the left, paired differences on the right.

    Parameters
    ----------
    metric
        What was scored.
    family
        Of the models, see :attr:`zslib.methods.MethodCard.family`.
    """
    pairs = comparison.twins(family)
    if not pairs:
        print(
            f"Of the {FAMILIES[family]}, none ran here with its untrained twin, so there is nothing to draw."
        )
        return
    gray, said = "#8C8C8C", []
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(9, 1.3 + 0.42 * len(pairs)))
        left, right = figure.subplots(1, 2, sharey=True)
        for row, (model, twin) in enumerate(pairs.items()):
            color = methods.card(model).color
            _point(left, comparison.value(model, metric), row - 0.14, color, color)
            _point(left, comparison.value(twin, metric), row + 0.14, gray, gray)
            for space, offset, face in (("native", -0.14, color), ("pca50", 0.14, "white")):
                found = comparison.differences(twin, metric, space).set_index("method")
                if model not in found.index:
                    continue
                entry = found.loc[model].rename({"difference": "value"})
                _point(right, entry, row + offset, color, face)
                if space == "native":
                    ends = f"{entry.value:+.2f} [{entry.ci_low:+.2f}, {entry.ci_high:+.2f}]"
                    said.append(f"{title(model)} against {title(twin)} {ends}")
        left.set_title(f"{CARDS[metric].title}: trained (color), untrained (gray)")
        left.set_xlim(-0.03, 1.03)
        right.set_title("difference: native (filled), pca50 (open)")
        right.axvline(0, color="#444444", linewidth=1)
        for axis in (left, right):
            axis.grid(axis="x", color="#e5e5e5", linewidth=0.7)
            axis.set_axisbelow(True)
        method_axis(left, list(pairs))
        figure.tight_layout()
    show(
        figure,
        f"{CARDS[metric].title} of {FAMILIES[family]} on {comparison.dataset}, and paired differences from the same "
        f"networks untrained with 95 % intervals: {'; '.join(said)}.",
    )


def _point(axis, entry, row: float, color: str, face: str) -> None:
    """Draw a number with its interval; the row says whose it is, so that all have one marker."""
    if entry is not None:
        axis.plot(
            [entry.ci_low, entry.ci_high], [row, row], color=color, linewidth=1.6, solid_capstyle="butt"
        )
        axis.plot(entry.value, row, "o", color=color, markerfacecolor=face, markersize=6)


def overview(
    comparisons: Sequence[Comparison],
    metric: str,
    *,
    only: Sequence[str] | None = None,
    space: str = "native",
) -> None:
    """Draw one metric for all datasets side by side, one row a method: all that are shown, or only some."""
    order = list(dict.fromkeys(m for c in comparisons for m in c.shown)) if only is None else list(only)
    with mpl.rc_context(THEME):
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
