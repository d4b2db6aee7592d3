"""Orders of methods over datasets."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from zslib import methods
from zslib.metrics import CARDS
from zslib.plots.theme import THEME, method_axis, show, title
from zslib.results import uncertainty
from zslib.results.comparison import Comparison


def critical_differences(comparisons: Sequence[Comparison], metric: str) -> None:
    """Draw mean ranks over datasets; the bar at each method reaches as far as others are not told from it."""
    names, found = uncertainty.over_datasets(comparisons, metric)
    if found is None:
        print("An order over datasets takes two datasets and two methods that ran on both.")
        return
    order = [names[i] for i in np.argsort(found.mean_ranks, kind="stable")]
    mean = dict(zip(names, found.mean_ranks, strict=True))
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(6.5, 0.9 + 0.3 * len(order)))
        axis = figure.subplots()
        for row, method in enumerate(order):
            card, half = methods.card(method), found.critical_difference / 2
            axis.plot([mean[method] - half, mean[method] + half], [row, row], color=card.color, linewidth=1.6)
            axis.plot(mean[method], row, marker=card.marker, color=card.color, markersize=6)
        method_axis(axis, order)
        axis.set_xlim(
            1 - found.critical_difference / 2 - 0.2, len(names) + found.critical_difference / 2 + 0.2
        )
        axis.set_xticks(range(1, len(names) + 1))
        axis.set_xlabel(f"mean rank in {CARDS[metric].title}, 1 the best")
        axis.grid(axis="x", color="#e5e5e5", linewidth=0.7)
        axis.set_axisbelow(True)
        figure.tight_layout()
    said = ", ".join(f"{title(m)} {mean[m]:.1f}" for m in order)
    show(
        figure,
        f"Mean ranks over {found.n_datasets} datasets: {said}. Bars that overlap belong to methods that are not told "
        f"apart; the critical difference is {found.critical_difference:.1f} ranks.",
    )
