"""How much faster something is than what it replaces."""

import numpy as np
import pandas as pd

from zslib.plots.draw import intervals, legend
from zslib.plots.theme import OKABE_ITO, Style, figure, words
from zslib.results.records import NOTHING

STYLES = {
    "by wall time": Style(OKABE_ITO[0], "o", ""),
    "by CPU time": Style(OKABE_ITO[4], "s", ""),
    "at most, by CPU time": Style(OKABE_ITO[7], "x", ""),
}


@figure
def speed(records: pd.DataFrame):
    """Draw how many times as fast things are as what they replace, of :func:`zslib.results.records.read`."""
    found = records.dropna(subset="times")
    if found.empty:
        return NOTHING
    wall, cpu, most = STYLES
    kind = found["unit"].str.startswith("CPU").map({True: cpu, False: wall})
    found = pd.concat(
        [found.assign(style=kind, value=found["times"]), found.assign(style=most, value=found["times_most"])]
    ).dropna(subset="value")
    found = found.assign(row=found["what"], ci_low=found["value"], ci_high=found["value"])
    rows = {name: name for name in found["row"].unique()}
    drawn = intervals(
        found, STYLES, rows, limits=(0, np.ceil(found["value"].max())), line=1, xlabel="times as fast"
    )
    legend(drawn.figure, {name: STYLES[name] for name in STYLES if name in set(found["style"])})
    said = words(found, "{row} {value:.1f} times {style}")
    least = found.loc[found[found["style"] == wall]["value"].idxmin()]
    caption = f"Right of the line is faster than what was there. Least is gained in {least['row']}: {least['value']:.1f} times."
    return drawn, f"How many times as fast as what it replaces: {said}.", caption
