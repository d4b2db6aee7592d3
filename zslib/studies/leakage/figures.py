"""Whether a model does better on what it has seen."""

import numpy as np
import pandas as pd

from zslib.frozen.architectures import ARCHITECTURES
from zslib.methods.checkpoint_cards import WORDS
from zslib.plots.draw import intervals, legend
from zslib.plots.theme import DARK, GRAY, Style, figure, title, words

# One figure is about the corpora alone: there a shape is a corpus, beside or above its row.
CORPORA = {"kang": ("o", -0.1), "pbmc-baron": ("s", 0.1)}
TWINS = 2.8
"""How much farther from the middle of its row an untrained network stands."""
KEY = {
    "pre-trained on kang": Style(DARK, "o", ""),
    "pre-trained on pbmc3k, hao, baron": Style(DARK, "s", ""),
    "full: has seen these cells": Style(DARK, "D", ""),
    "empty: has not": Style(DARK, "D", "", filled=False),
    "gray: the same network untrained": Style(GRAY, "D", "", filled=False),
}


@figure
def crossover(table: pd.DataFrame):
    """Draw the AvgBIO of each small model on each part; a full marker where the model has seen these cells.

    Parameters
    ----------
    table
        From :func:`zslib.studies.leakage.crossover.table`.
    """
    if table.empty:
        return "The small models did not run here, so there is nothing to draw."
    twin = table["variant"] == "untrained"
    table = table.assign(
        row=table["part"],
        panel=table["architecture"],
        filled=table["seen"],
        offset=table["corpus"].map({c: offset for c, (_, offset) in CORPORA.items()})
        * np.where(twin, TWINS, 1),
        style=table["model"],
        words=np.select([twin, table["seen"]], ["untrained", "seen"], "not seen"),
    )
    panels = {kind: f"{ARCHITECTURES[kind].TITLE} mini" for kind in dict.fromkeys(table["architecture"])}
    styles = {
        row.model: Style(
            GRAY if row.variant == "untrained" else WORDS[row.architecture].color, CORPORA[row.corpus][0]
        )
        for row in table.itertuples()
    }
    rows = {part: part for part in dict.fromkeys(table["part"])}
    drawn = intervals(table, styles, rows, panels, xlabel="AvgBIO", height=0.6, sharex=True)
    legend(drawn.figure, KEY)
    numbers = words(table.assign(title=table["model"].map(title)), "{title} on {part} ({words}) {value:.2f}")
    seen = table[~twin].groupby("words")["value"].mean()
    said = ", ".join(
        f"{seen[word]:.2f} on cells they have {word}" for word in ("seen", "not seen") if word in seen
    )
    counted = words(table.drop_duplicates("part"), "{part} has {n_cells:,}", ", ")
    caption = f"Trained models reach {said} (means of AvgBIO). {counted} cells. Lines are 95 % intervals."
    return drawn, f"AvgBIO with 95 % intervals: {numbers}.", caption
