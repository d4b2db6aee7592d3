"""The evidence on all claims in one figure."""

from collections.abc import Mapping
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle

from zslib.plots.draw import intervals, legend
from zslib.plots.theme import GRAY, Style, figure
from zslib.results.report.words import signed
from zslib.studies.record.claims.claim import AGAINST, FOR, NEITHER, Assessment

GREEN = "#009E73"
STYLES = {
    FOR: Style("#0072B2", "o", ""),
    AGAINST: Style("#D55E00", "s", ""),
    NEITHER: Style("#666666", "D", "", filled=False),
    "no interval": Style(GRAY, "x", ""),
}
WIDEST = 0.36
"""Differences farther from 0 than this are at the edge, with their number."""


@figure
def forest(assessed: Mapping[str, Assessment]):
    """Draw the comparisons that count with their intervals, a row a claim; the differences of which it is true are shaded."""
    rows = []
    for name, one in assessed.items():
        n = len(one.deciding)
        offsets = (np.arange(n) - (n - 1) / 2) * min(0.2, 0.8 / max(n, 1))  # from the middle of the row
        for e, offset in zip(one.deciding, offsets, strict=True):
            side = one.speaks(e)
            style = side if e.measured else "no interval"
            rows.append((name, style, e.difference, *e.interval, offset, side != NEITHER))
    table = pd.DataFrame(rows, columns=["row", "style", "value", "ci_low", "ci_high", "offset", "filled"])
    beyond = table["value"].abs() > WIDEST
    labels = {name: f"{fill(one.claim.title, 34)}:\n{one.word}" for name, one in assessed.items()}
    drawn = intervals(
        table[~beyond], STYLES, labels, line=0, height=0.46, size=4.5,
        xlabel="difference in the score\nthat each comparison is measured in",
    )  # fmt: skip
    axis, y_of = drawn.ax, {name: y for y, name in enumerate(assessed)}
    axis.set_xlim(-WIDEST, WIDEST)
    for row in table[beyond].itertuples():
        side = np.sign(row.value)
        text = f"{signed(row.value)} {'▸' if side > 0 else '◂'}"
        axis.text(side * 0.985 * WIDEST, y_of[row.row] + row.offset, text, color=STYLES[row.style].color, size="small",
                  va="center", ha="right" if side > 0 else "left")  # fmt: skip
    for name, one in assessed.items():
        first, last = np.clip(one.claim.where, -WIDEST, WIDEST)
        place = {"xy": (first, y_of[name] - 0.46), "width": last - first, "height": 0.92}
        axis.add_patch(Rectangle(**place, color=GREEN, alpha=0.10, linewidth=0, zorder=0))
    legend(drawn.figure, STYLES | {"where the claim is true": Style("#d9f0e8", "s", "")})
    numbers = "; ".join(
        f"{one.claim.title}, {one.word}: "
        + (", ".join(f"{e.label} {signed(e.difference)}" for e in one.deciding) or "nothing measured")
        for one in assessed.values()
    )
    words = [one.word for one in assessed.values()]
    said = "; ".join(f"{word}: {words.count(word)}" for word in dict.fromkeys(words))
    return (
        drawn,
        f"The comparisons that count, by claim, with 95 % intervals. {numbers}.",
        f"Verdicts on {len(words)} claims: {said}. A marker is a comparison that counts, a line its 95 % interval.",
    )
