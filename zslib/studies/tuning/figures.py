"""What fine-tuning adds to networks with and without pre-training."""

from collections.abc import Sequence

import pandas as pd

from zslib.plots.draw import curves, legend
from zslib.plots.theme import DARK, GRAY, OKABE_ITO, Style, figure, style
from zslib.studies.tuning.cards import EXPRESSION, FROZEN, RANDOM, TRAINED, TUNED, WAYS
from zslib.studies.tuning.results import UNKNOWN, Tuned
from zslib.studies.tuning.sentences import NOTHING, effect, way

BASELINE = "logistic regression on expression"
STYLES = {
    BASELINE: Style("#E69F00", "o", "-"),
    WAYS[RANDOM, FROZEN]: Style(GRAY, "s", "--"),
    WAYS[TRAINED, FROZEN]: Style(OKABE_ITO[0], "D", "--"),
    WAYS[RANDOM, TUNED]: Style(GRAY, "s", "-"),
    WAYS[TRAINED, TUNED]: Style(OKABE_ITO[0], "D", "-"),
}
"""Of each way: a color for the weights, a line for what is done with them."""
SEEN_LINES = {"seen": "-", "not seen": "--", UNKNOWN: ":"}
"""Line by whether a network has seen the cells."""


@figure
def tuning_curves(found: Sequence[Tuned]):
    """Draw macro-F1 by the share of labels: one row of panels a dataset, one panel a network."""
    if not found:
        return NOTHING
    tables, numbers, titles = [], [], {}
    for one in found:
        for place, network in enumerate(one.networks):
            titles[one.dataset, place] = f"{network}\non {one.dataset}\n({one.seen(network)})"
            ways = {words: way(one, network, *key) for key, words in WAYS.items()}
            ways[BASELINE] = way(one, "", EXPRESSION, FROZEN)
            for name in STYLES:
                tables.append(ways[name].assign(style=name, dataset=one.dataset, place=place))
                if name != BASELINE or place == 0:
                    of = "" if name == BASELINE else network
                    numbers.append(_ends(ways[name], f"{name}, {of} on {one.dataset}"))
    columns = max(len(one.networks) for one in found)
    size = (min(9, max(4.5, 3 * columns)), 0.9 + 2.7 * len(found))
    drawn = _by_share(pd.concat(tables), STYLES, size, row="dataset", col="place")
    for key, axis in drawn.axes_dict.items():
        axis.set_visible(key in titles)
        axis.set_title(titles.get(key, ""), fontsize="small")
    for axis in drawn.axes[:, 0]:
        axis.set_ylabel("macro-F1, tested cells")
    legend(drawn.figure, STYLES, loc="outside lower center", ncols=2)
    return drawn, "Macro-F1 by the share of labels, 95 % intervals. " + "; ".join(numbers) + "."


@figure
def pretraining_gains(found: Sequence[Tuned]):
    """Draw what pre-training adds by the share of labels, frozen beside fine-tuned, one line a network and dataset."""
    if not found:
        return NOTHING
    tables, numbers, styles = [], [], {}
    for one in found:
        for use, name in ((FROZEN, "frozen gain"), ("fine-tuned", "gain")):
            for network in one.networks:
                seen, rows = one.seen(network), effect(one, network, name)
                styles[f"{network} ({seen})"] = style(network)._replace(line=SEEN_LINES[seen])
                tables.append(rows.assign(style=f"{network} ({seen})", dataset=one.dataset, use=use))
                numbers.append(_ends(rows, f"{network} on {one.dataset} ({seen}), {use}"))
    size = (9, 0.9 + 2.4 * len(found))
    drawn = _by_share(pd.concat(tables), styles, size, row="dataset", col="use")
    for (dataset, use), axis in drawn.axes_dict.items():
        axis.axhline(0, color=DARK, linewidth=1)
        axis.set_title(f"{dataset}, {use}")
    for axis in drawn.axes[:, 0]:
        axis.set_ylabel("macro-F1 gained\nby pre-training")
    legend(drawn.figure, styles, loc="outside lower center", ncols=2)
    return drawn, "Macro-F1 gained by pre-training, 95 % intervals. " + "; ".join(numbers) + "."


def _by_share(table: pd.DataFrame, styles, size: tuple[float, float], **panels):
    """Lines over the shares of labels, which are named below every column of panels."""
    drawn = curves(table, styles, size, x="share", **panels)
    shares = sorted(table["share"].unique())
    for axis in drawn.axes.flat:
        axis.set_xscale("log")
        axis.set_xticks(shares, [f"{share:.0%}" for share in shares])
        axis.minorticks_off()
    for axis in drawn.axes[-1]:
        axis.set_xlabel("share of cells\nwith a label")
    return drawn


def _ends(rows: pd.DataFrame, words: str) -> str:
    first, last = rows.iloc[0], rows.iloc[-1]
    return f"{words.strip()}: {first.value:.2f} with {first.share:.0%} and {last.value:.2f} with {last.share:.0%}"
