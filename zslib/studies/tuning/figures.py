"""What fine-tuning adds to networks with and without pre-training."""

from collections.abc import Sequence
from textwrap import fill

import pandas as pd

from zslib.plots.draw import curves, legend
from zslib.plots.theme import GRAY, Style, figure, title, width
from zslib.studies.tuning.cards import EXPRESSION, FROZEN, RANDOM, TRAINED, TUNED, WAYS
from zslib.studies.tuning.results import Tuned
from zslib.studies.tuning.sentences import NOTHING, way

BASELINE = "logistic regression on expression"
STYLES = {
    BASELINE: Style("#D2602A", "o", "-"),
    WAYS[RANDOM, FROZEN]: Style(GRAY, "s", "--"),
    WAYS[TRAINED, FROZEN]: Style("#3A5FA8", "D", "--"),
    WAYS[RANDOM, TUNED]: Style(GRAY, "s", "-"),
    WAYS[TRAINED, TUNED]: Style("#3A5FA8", "D", "-"),
}
"""Of each way: a color for the weights, a line for what is done with them."""


@figure
def tuning_curves(tuned: Sequence[Tuned]):
    """Draw macro-F1 by the share of labels: one row of panels a dataset, one panel a network."""
    if not tuned:
        return NOTHING
    tables, numbers, titles = [], [], {}
    for one in tuned:
        for place, network in enumerate(one.networks):
            titles[one.dataset, place] = fill(
                f"{title(network)} on {one.dataset} ({one.seen(network)})", int(3 * width())
            )
            ways = {words: way(one, network, *key) for key, words in WAYS.items()}
            ways[BASELINE] = way(one, "", EXPRESSION, FROZEN)
            for name in STYLES:
                tables.append(ways[name].assign(style=name, dataset=one.dataset, place=place))
                if name != BASELINE or place == 0:
                    of = "" if name == BASELINE else network
                    numbers.append(_ends(ways[name], f"{name}, {title(of) if of else ''} on {one.dataset}"))
    table = pd.concat(tables)
    ticks = {share: f"{share:.0%}" for share in sorted(table["share"].unique())}
    labels = {"xlabel": "share of cells\nwith a label", "ylabel": "macro-F1, tested cells"}
    how = {"x": "share", "ticks": ticks, "log": True, "titles": titles, "row": "dataset", "col": "place"}
    drawn = curves(table, STYLES, height=2.5, **how, **labels)
    for panel, axis in drawn.axes_dict.items():
        axis.set_visible(panel in titles)
    legend(drawn.figure, STYLES)
    fewest = table.sort_values("share").drop_duplicates(["style", "dataset", "place"])
    least = fewest.groupby("style")["value"].mean()
    said = "; ".join(f"{name} {least[name]:.2f}" for name in STYLES)
    alt = "Macro-F1 by the share of labels, 95 % intervals. " + "; ".join(numbers) + "."
    tested = ", ".join(f"{one.about['n_test']:,} of {one.dataset}" for one in tuned)
    return (
        drawn,
        alt,
        f"With the fewest labels, on average: {said}. Tested cells: {tested}. Lines are 95 % intervals.",
    )


def _ends(rows: pd.DataFrame, words: str) -> str:
    first, last = rows.iloc[0], rows.iloc[-1]
    return f"{words.strip()}: {first.value:.2f} with {first.share:.0%} and {last.value:.2f} with {last.share:.0%}"
