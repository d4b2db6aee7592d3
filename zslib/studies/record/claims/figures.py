"""All evidence on all claims in one figure."""

from collections.abc import Mapping
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle

from zslib.plots.draw import intervals, legend
from zslib.plots.theme import DARK, Style, figure, width
from zslib.studies.record.claims.build import BUILD
from zslib.studies.record.claims.claim import Judged
from zslib.studies.record.sentences import signed

GREEN = "#009E73"
STYLES = {"the record": Style("#0072B2", "o", ""), "this build": Style("#D55E00", "s", "")}
WITHOUT = {f"{name}, no interval": style._replace(marker="x") for name, style in STYLES.items()}
KEY = STYLES | {
    "beside the claim": Style(DARK, "o", "", filled=False),
    "too few datasets for an interval": Style(DARK, "x", ""),
    "where the claim is true": Style("#d9f0e8", "s", ""),
}
WIDEST = 0.36
"""Differences farther from 0 than this are at the edge, with their number."""


@figure
def forest(judged: Mapping[str, Judged]):
    """Draw every comparison with its interval, grouped by claim; the differences of which a claim is true are shaded."""
    rows = [(one, e) for one in judged.values() for e in (None, *one.evidence)]
    table = pd.DataFrame(
        [
            (y, "this build" if BUILD in e.sources else "the record", e.difference, *e.interval, e.decides, e.measured)
            for y, (_, e) in enumerate(rows)
            if e
        ],
        columns=["row", "style", "value", "ci_low", "ci_high", "filled", "measured"],
    )  # fmt: skip
    beyond = table["value"].abs() > WIDEST
    marked = table.assign(style=table["style"].where(table["measured"], table["style"] + ", no interval"))
    labels = dict(enumerate(e.label if e else "" for _, e in rows))
    drawn = intervals(
        marked[~beyond], STYLES | WITHOUT, labels, line=0, height=0.22, size=5.5,
        xlabel="difference in the score\nthat each comparison is measured in",
    )  # fmt: skip
    axis = drawn.ax
    axis.set_xlim(-WIDEST, WIDEST)
    axis.tick_params(axis="y", length=0, labelsize="small")
    axis.spines["left"].set_visible(False)
    for row in table[beyond].itertuples():
        side, color = np.sign(row.value), STYLES[row.style].color
        text = f"{signed(row.value)} {'▸' if side > 0 else '◂'}"
        axis.text(side * 0.985 * WIDEST, row.row, text, color=color, size="small", va="center",
                  ha="right" if side > 0 else "left")  # fmt: skip
    for y, (one, e) in enumerate(rows):
        if e is None:
            _heading(axis, y, one)
    legend(drawn.figure, KEY)
    numbers = "; ".join(f"{one.claim.title}, {one.word}: {_deciding(one)}" for one in judged.values())
    words = [one.word for one in judged.values()]
    said = "; ".join(f"{word}: {words.count(word)}" for word in dict.fromkeys(words))
    return (
        drawn,
        f"Every comparison on every claim, with 95 % intervals. {numbers}.",
        f"Verdicts on {len(words)} claims: {said}.",
    )


def _heading(axis, y: int, one: Judged) -> None:
    """Write the claim and its verdict over its comparisons, and shade the differences of which it is true."""
    text = f"{one.claim.title}: {one.word}"
    axis.annotate(fill(text, int(14 * width())), (0.01, y), xycoords=("figure fraction", "data"), fontweight="bold",
                  va="center").set_in_layout(False)  # fmt: skip
    first, last = np.clip(one.claim.where, -WIDEST, WIDEST)
    place = {"xy": (first, y + 0.5), "width": last - first, "height": len(one.evidence)}
    axis.add_patch(Rectangle(**place, color=GREEN, alpha=0.10, linewidth=0, zorder=0))


def _deciding(one: Judged) -> str:
    return ", ".join(f"{e.label} {signed(e.difference)}" for e in one.deciding) or "nothing measured"
