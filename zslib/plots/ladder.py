"""Scores between floor and ceiling."""

import matplotlib as mpl
from matplotlib.figure import Figure

from zslib import methods
from zslib.metrics import CARDS
from zslib.plots.theme import THEME, show, title
from zslib.results import ladder
from zslib.results.comparison import Comparison


def controls(comparison: Comparison) -> None:
    """Draw all methods and controls between each metric's floor and ceiling, one row a metric."""
    room = ladder.ranges(comparison)
    if room.empty:
        print("The controls at the two ends did not run here, so there is nothing to draw.")
        return
    names = [m for m in comparison.ran if m in comparison.shown or methods.card(m).tests_metrics]
    names = [m for m in names if m != ladder.CEILING]
    table = ladder.rescaled(comparison, names)
    ends = [table["value"].min(), table["value"].max()] if len(table) else [0, 1]
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(9, 1.2 + 0.36 * len(room)))
        axis = figure.subplots()
        for row, entry in enumerate(room.itertuples()):
            own = table[table["metric"] == entry.metric]
            for method in own.itertuples():
                card = methods.card(method.method)
                axis.plot(
                    [method.ci_low, method.ci_high], [row, row], color=card.color, linewidth=1.4, alpha=0.7
                )
                axis.plot(method.value, row, marker=card.marker, color=card.color, markersize=6)
            if not entry.discriminates:
                said = f"cannot judge: {entry.problem}"
                axis.annotate(said, (0.02, row), va="center", fontsize=7.5, color="#666666")
        for x, where in ((0, "floor"), (1, "ceiling")):
            axis.axvline(x, color="#444444", linewidth=1)
            axis.annotate(where, (x, -0.75), ha="center", fontsize=8, annotation_clip=False)
        axis.set_yticks(range(len(room)), [CARDS[m].title for m in room["metric"]])
        axis.set_ylim(len(room) - 0.5, -0.5)
        axis.set_xlim(max(-1.0, min(-0.1, ends[0] - 0.05)), min(2.0, max(1.1, ends[1] + 0.05)))
        axis.set_xlabel("share of the way from floor to ceiling", labelpad=2)
        axis.grid(axis="x", color="#e5e5e5", linewidth=0.7)
        axis.set_axisbelow(True)
        handles = [
            mpl.lines.Line2D(
                [],
                [],
                linestyle="",
                marker=methods.card(m).marker,
                color=methods.card(m).color,
                label=title(m),
            )
            for m in dict.fromkeys(table["method"])
        ]
        axis.legend(handles=handles, loc="center left", bbox_to_anchor=(1, 0.5))
        figure.tight_layout()
    said = [
        f"{CARDS[m].title}: " + ", ".join(f"{title(r.method)} {r.value:.2f}" for r in rows.itertuples())
        for m, rows in table.groupby("metric", sort=False)
    ]
    blunt = [CARDS[m].title for m in room.loc[~room["discriminates"], "metric"]]
    rest = f" Unable to judge: {', '.join(blunt)}." if blunt else ""
    show(
        figure,
        f"Share of the way from floor to ceiling on {comparison.dataset}. " + "; ".join(said) + "." + rest,
    )
