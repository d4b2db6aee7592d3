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
def tuning_curves(tuned: Sequence[Tuned]):
    """Draw macro-F1 by the share of labels: one row of panels a dataset, one panel a network."""
    if not tuned:
        return NOTHING
    tables, numbers, titles = [], [], {}
    for one in tuned:
        for place, network in enumerate(one.networks):
            titles[one.dataset, place] = f"{network}\non {one.dataset}\n({one.seen(network)})"
            ways = {words: way(one, network, *key) for key, words in WAYS.items()}
            ways[BASELINE] = way(one, "", EXPRESSION, FROZEN)
            for name in STYLES:
                tables.append(ways[name].assign(style=name, dataset=one.dataset, place=place))
                if name != BASELINE or place == 0:
                    of = "" if name == BASELINE else network
                    numbers.append(_ends(ways[name], f"{name}, {of} on {one.dataset}"))
    size = (min(9, max(4.5, 3 * max(len(one.networks) for one in tuned))), 0.6 + 2.6 * len(tuned))
    drawn = _by_share(tables, STYLES, size, titles, "macro-F1, tested cells", row="dataset", col="place")
    for panel, axis in drawn.axes_dict.items():
        axis.set_visible(panel in titles)
    legend(drawn.figure, STYLES, loc="outside lower center", ncols=2)
    return drawn, "Macro-F1 by the share of labels, 95 % intervals. " + "; ".join(numbers) + "."


@figure
def pretraining_gains(tuned: Sequence[Tuned]):
    """Draw what pre-training adds by the share of labels, frozen beside fine-tuned, one line a network and dataset."""
    if not tuned:
        return NOTHING
    tables, numbers, styles, titles = [], [], {}, {}
    for one in tuned:
        for use, name in ((FROZEN, "frozen gain"), ("fine-tuned", "gain")):
            for network in one.networks:
                seen, rows = one.seen(network), effect(one, network, name)
                styles[f"{network} ({seen})"] = style(network)._replace(line=SEEN_LINES[seen])
                tables.append(rows.assign(style=f"{network} ({seen})", dataset=one.dataset, use=use))
                titles[one.dataset, use] = f"{one.dataset}, {use}"
                numbers.append(_ends(rows, f"{network} on {one.dataset} ({seen}), {use}"))
    size, ylabel = (9, 0.9 + 2.2 * len(tuned)), "macro-F1 gained\nby pre-training"
    drawn = _by_share(tables, styles, size, titles, ylabel, row="dataset", col="use")
    for axis in drawn.axes.flat:
        axis.axhline(0, color=DARK, linewidth=1)
    legend(drawn.figure, styles, loc="outside lower center", ncols=2)
    return drawn, "Macro-F1 gained by pre-training, 95 % intervals. " + "; ".join(numbers) + "."


def _by_share(tables: Sequence[pd.DataFrame], styles, size, titles, ylabel: str, **panels):
    """Lines over the shares of labels, which are named below every column of panels."""
    table = pd.concat(tables)
    ticks = {share: f"{share:.0%}" for share in sorted(table["share"].unique())}
    labels = {"xlabel": "share of cells\nwith a label", "ylabel": ylabel}
    return curves(table, styles, size, x="share", ticks=ticks, log=True, titles=titles, **labels, **panels)


def _ends(rows: pd.DataFrame, words: str) -> str:
    first, last = rows.iloc[0], rows.iloc[-1]
    return f"{words.strip()}: {first.value:.2f} with {first.share:.0%} and {last.value:.2f} with {last.share:.0%}"
