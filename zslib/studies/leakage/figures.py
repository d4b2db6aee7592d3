"""Whether a model does better on what it has seen."""

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from zslib.methods.checkpoint_cards import WORDS
from zslib.metrics import CARDS
from zslib.plots.theme import THEME, show

# One figure is about the corpora alone: there a shape is a corpus, beside or above its row.
CORPORA = {"kang": ("o", -0.13), "pbmc-baron": ("s", 0.13)}


def crossover(table: pd.DataFrame, metric: str = "avg_bio") -> None:
    """Draw the score of each small model on each part; a full marker where the model has seen these cells.

    Parameters
    ----------
    table
        From :func:`zslib.studies.leakage.crossover.table`.
    metric
        What was scored.
    """
    if table.empty:
        print("The small models did not run here, so there is nothing to draw.")
        return
    kinds, parts = list(dict.fromkeys(table["architecture"])), list(dict.fromkeys(table["part"]))
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(9, 1.3 + 0.5 * len(parts)))
        axes = figure.subplots(1, len(kinds), sharey=True, sharex=True, squeeze=False)[0]
        for axis, kind in zip(axes, kinds, strict=True):
            color = WORDS[kind].color
            for row in table.query("architecture == @kind").itertuples():
                marker, aside = CORPORA[row.corpus]
                place = parts.index(row.part) + aside
                axis.plot([row.ci_low, row.ci_high], [place, place], color=color, linewidth=1.6)
                face = color if row.seen else "white"
                axis.plot(row.value, place, marker, color=color, markerfacecolor=face, markersize=7)
            axis.set_title(f"{kind}-mini")
            axis.set_xlabel(CARDS[metric].title)
            axis.grid(axis="x", color="#e5e5e5", linewidth=0.7)
            axis.set_axisbelow(True)
        axes[0].set_yticks(range(len(parts)), parts)
        axes[0].set_ylim(len(parts) - 0.5, -0.5)
        _legend(axes[-1])
        figure.tight_layout()
    said = "; ".join(
        f"{r.architecture}-mini-{r.corpus} on {r.part} ({'seen' if r.seen else 'not seen'}) {r.value:.2f}"
        for r in table.itertuples()
    )
    show(figure, f"{CARDS[metric].title} with 95 % intervals: {said}.")


def advantages(found: pd.DataFrame, metric: str = "avg_bio") -> None:
    """Draw how much having seen the data is worth, from :func:`zslib.studies.leakage.crossover.advantages`."""
    if found.empty:
        print("The small models did not run here, so there is nothing to draw.")
        return
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(9, 1.1 + 0.34 * len(found)))
        axis = figure.subplots()
        for place, row in enumerate(found.itertuples()):
            color = WORDS[row.architecture].color
            axis.plot([row.ci_low, row.ci_high], [place, place], color=color, linewidth=1.6)
            axis.plot(row.value, place, "D", color=color, markersize=6)
        axis.axvline(0, color="#444444", linewidth=1)
        names = [f"{r.architecture}-mini: {r.first} | {r.second}" for r in found.itertuples()]
        axis.set_yticks(range(len(found)), names)
        axis.set_ylim(len(found) - 0.5, -0.5)
        axis.set_xlabel(f"{CARDS[metric].title} gained by having seen the data")
        axis.grid(axis="x", color="#e5e5e5", linewidth=0.7)
        axis.set_axisbelow(True)
        figure.tight_layout()
    said = "; ".join(
        f"{n} {r.value:+.2f}, {r.ci_low:+.2f} to {r.ci_high:+.2f}"
        for n, r in zip(names, found.itertuples(), strict=True)
    )
    show(figure, f"Advantage of having seen the data with 95 % intervals: {said}.")


def _legend(axis) -> None:
    gray = {"linestyle": "", "color": "#444444", "markersize": 6}
    handles = [
        mpl.lines.Line2D([], [], marker="o", label="pre-trained on kang", **gray),
        mpl.lines.Line2D([], [], marker="s", label="pre-trained on pbmc3k, hao, baron", **gray),
        mpl.lines.Line2D([], [], marker="D", label="full: has seen these cells", **gray),
        mpl.lines.Line2D([], [], marker="D", label="empty: has not", markerfacecolor="white", **gray),
    ]
    axis.legend(handles=handles, loc="center left", bbox_to_anchor=(1, 0.5), handletextpad=0.1)
