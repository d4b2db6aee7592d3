"""All evidence on all claims in one figure."""

from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from zslib.plots.theme import THEME, show
from zslib.studies.record.claims.build import BUILD
from zslib.studies.record.claims.claim import Evidence, Judged
from zslib.studies.record.sentences import signed

RECORD_STYLE, BUILD_STYLE = ("#0072B2", "o"), ("#D55E00", "s")
WIDEST = 0.36
"""Differences farther from 0 than this are at the edge, with their number."""
ROW = 0.185
"""Height of a row, in inches."""


def forest(judged: Mapping[str, Judged]) -> None:
    """Draw every comparison with its interval, grouped by claim; the differences of which a claim is true are shaded."""
    rows: list[tuple[Judged, Evidence | None]] = []
    for one in judged.values():
        rows += [(one, None), *((one, e) for e in one.evidence)]
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(9, 0.9 + ROW * len(rows)))
        axis = figure.subplots()
        for y, (one, e) in enumerate(rows):
            if e is None:
                _heading(axis, y, one)
            else:
                _comparison(axis, y, e)
        axis.axvline(0, color="#444444", linewidth=0.8, zorder=1)
        axis.set(xlim=(-WIDEST, WIDEST), ylim=(len(rows) - 0.4, -0.6))
        axis.set_yticks(
            [y for y, (_, e) in enumerate(rows) if e], [e.label for _, e in rows if e], fontsize=7
        )
        axis.tick_params(axis="y", length=0)
        axis.spines["left"].set_visible(False)
        axis.set_xlabel("difference in the score that each comparison is measured in")
        figure.subplots_adjust(
            left=0.48, right=0.99, top=1 - 0.45 / figure.get_figheight(), bottom=0.45 / figure.get_figheight()
        )
        axis.legend(
            handles=_legend(),
            loc="lower right",
            bbox_to_anchor=(1, 1),
            ncols=5,
            fontsize=7.5,
            handletextpad=0.2,
            columnspacing=1.0,
        )
    show(figure, _said(judged))


def _heading(axis, y: float, one: Judged) -> None:
    axis.text(
        -0.92,
        y,
        f"{one.claim.title}: {one.word}",
        transform=axis.get_yaxis_transform(),
        fontsize=8,
        fontweight="bold",
        va="center",
    )
    first, last = np.clip(one.claim.where, -WIDEST, WIDEST)
    height = len(one.evidence)
    axis.add_patch(
        Rectangle((first, y + 0.5), last - first, height, color="#009E73", alpha=0.10, linewidth=0, zorder=0)
    )


def _comparison(axis, y: float, e: Evidence) -> None:
    color, marker = BUILD_STYLE if BUILD in e.sources else RECORD_STYLE
    if abs(e.difference) > WIDEST:
        side = np.sign(e.difference)
        axis.text(
            side * 0.985 * WIDEST,
            y,
            f"{signed(e.difference)} {'▸' if side > 0 else '◂'}",
            color=color,
            fontsize=7,
            va="center",
            ha="right" if side > 0 else "left",
        )
        return
    if e.measured:
        axis.plot(e.interval, [y, y], color=color, linewidth=1.5, solid_capstyle="butt", zorder=2)
    face = color if e.decides else "white"
    axis.plot(
        e.difference,
        y,
        marker if e.measured else "x",
        color=color,
        markerfacecolor=face,
        markersize=5,
        zorder=3,
    )


def _legend() -> list:
    def mark(style, label, face=None):
        color, marker = style
        return Line2D(
            [],
            [],
            linestyle="",
            marker=marker,
            color=color,
            markerfacecolor=face or color,
            markersize=5,
            label=label,
        )

    return [
        mark(RECORD_STYLE, "the record"),
        mark(BUILD_STYLE, "this build"),
        mark(("#444444", "o"), "beside the claim", "white"),
        mark(("#444444", "x"), "too few datasets for an interval"),
        Patch(color="#009E73", alpha=0.15, label="where the claim is true"),
    ]


def _said(judged: Mapping[str, Judged]) -> str:
    lines = []
    for one in judged.values():
        items = ", ".join(f"{e.label} {signed(e.difference)}" for e in one.deciding) or "nothing measured"
        lines.append(f"{one.claim.title}, {one.word}: {items}")
    return "Every comparison on every claim, with 95 % intervals. " + "; ".join(lines) + "."
