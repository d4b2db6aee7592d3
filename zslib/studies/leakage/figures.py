"""Whether a model does better on what it has seen."""

import pandas as pd

from zslib.methods.checkpoint_cards import WORDS
from zslib.metrics import CARDS
from zslib.plots.draw import intervals, legend
from zslib.plots.theme import DARK, Style, figure, words

# One figure is about the corpora alone: there a shape is a corpus, beside or above its row.
CORPORA = {"kang": ("o", -0.13), "pbmc-baron": ("s", 0.13)}
KEY = {
    "pre-trained on kang": Style(DARK, "o", ""),
    "pre-trained on pbmc3k, hao, baron": Style(DARK, "s", ""),
    "full: has seen these cells": Style(DARK, "D", ""),
    "empty: has not": Style(DARK, "D", "", filled=False),
}
NOTHING = "The small models did not run here, so there is nothing to draw."


@figure
def crossover(table: pd.DataFrame, metric: str = "avg_bio"):
    """Draw the score of each small model on each part; a full marker where the model has seen these cells.

    Parameters
    ----------
    table
        From :func:`zslib.studies.leakage.crossover.table`.
    metric
        What was scored.
    """
    if table.empty:
        return NOTHING
    table = table.assign(
        row=table["part"],
        panel=table["architecture"],
        filled=table["seen"],
        offset=[CORPORA[corpus][1] for corpus in table["corpus"]],
        style=table["architecture"] + "-mini-" + table["corpus"],
        words=table["seen"].map({True: "seen", False: "not seen"}),
    )
    panels = {kind: f"{kind}-mini" for kind in dict.fromkeys(table["architecture"])}
    styles = {
        f"{kind}-mini-{corpus}": Style(WORDS[kind].color, marker)
        for kind in panels
        for corpus, (marker, _) in CORPORA.items()
    }
    rows = {part: part for part in dict.fromkeys(table["part"])}
    drawn = intervals(table, styles, rows, panels, xlabel=CARDS[metric].title, height=0.55, sharex=True)
    legend(drawn.figure, KEY, loc="outside lower center", ncols=2)
    numbers = words(table, "{style} on {part} ({words}) {value:.2f}")
    return drawn, f"{CARDS[metric].title} with 95 % intervals: {numbers}."


@figure
def advantages(table: pd.DataFrame, metric: str = "avg_bio"):
    """Draw how much having seen the data is worth, from :func:`zslib.studies.leakage.crossover.advantages`."""
    if table.empty:
        return NOTHING
    names = table["architecture"] + "-mini: " + table["first"] + " | " + table["second"]
    table = table.assign(row=names, style=table["architecture"])
    styles = {kind: Style(WORDS[kind].color, "D") for kind in dict.fromkeys(table["architecture"])}
    xlabel = f"{CARDS[metric].title} gained by having seen the data"
    drawn = intervals(table, styles, dict(zip(names, names, strict=True)), line=0, xlabel=xlabel)
    numbers = words(table, "{row} {value:+.2f}, {ci_low:+.2f} to {ci_high:+.2f}")
    return drawn, f"Advantage of having seen the data with 95 % intervals: {numbers}."
