"""What fine-tuning adds to networks with and without pre-training."""

from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.figure import Figure

from zslib import methods
from zslib.plots.theme import THEME, show
from zslib.studies.tuning.cards import EXPRESSION, FROZEN, RANDOM, TRAINED, TUNED, WAYS
from zslib.studies.tuning.results import UNKNOWN, Tuned
from zslib.studies.tuning.sentences import NOTHING, effect, way

STYLES = {
    ("", EXPRESSION, FROZEN): ("#E69F00", "o", "-", "logistic regression on expression"),
    (RANDOM, FROZEN): ("#8C8C8C", "s", "--", WAYS[RANDOM, FROZEN]),
    (TRAINED, FROZEN): ("#0072B2", "D", "--", WAYS[TRAINED, FROZEN]),
    (RANDOM, TUNED): ("#8C8C8C", "s", "-", WAYS[RANDOM, TUNED]),
    (TRAINED, TUNED): ("#0072B2", "D", "-", WAYS[TRAINED, TUNED]),
}
"""Color, marker, line and words of each way: a color for the weights, a line for what is done with them."""
SEEN_STYLES = {"seen": "-", "not seen": "--", UNKNOWN: ":"}
"""Line by whether a network has seen the cells."""


def tuning_curves(found: Sequence[Tuned]) -> None:
    """Draw macro-F1 by the share of labels: one row of panels a dataset, one panel a network."""
    if not found:
        print(NOTHING)
        return
    columns, said = max(len(one.networks) for one in found), []
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(max(4.5, 3 * columns), 0.7 + 2.6 * len(found)))
        axes = figure.subplots(len(found), columns, sharex=True, sharey=True, squeeze=False)
        for line, one in zip(axes, found, strict=True):
            for axis, network in zip(line, one.networks, strict=False):
                for key, style in STYLES.items():
                    rows = way(one, *(key if len(key) == 3 else (network, *key)))
                    _line(axis, rows, *style)
                    if key != ("", EXPRESSION, FROZEN) or axis is line[0]:
                        said.append(_ends(rows, f"{style[3]}, {network if key[0] else ''} on {one.dataset}"))
                axis.set_title(f"{network}\non {one.dataset} ({one.seen(network)})", fontsize=8.5)
            for axis in line[len(one.networks) :]:
                axis.set_visible(False)
            line[0].set_ylabel("macro-F1, tested cells")
        _shares(axes, found)
        handles, labels = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="upper center", ncols=2, bbox_to_anchor=(0.5, 0))
        figure.tight_layout()
    show(figure, "Macro-F1 by the share of labels, 95 % intervals. " + "; ".join(said) + ".")


def pretraining_gains(found: Sequence[Tuned]) -> None:
    """Draw what pre-training adds by the share of labels, frozen beside fine-tuned, one line a network and dataset."""
    if not found:
        print(NOTHING)
        return
    said = []
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(9, 0.9 + 2.4 * len(found)))
        axes = figure.subplots(len(found), 2, sharex=True, sharey=True, squeeze=False)
        for line, one in zip(axes, found, strict=True):
            for axis, name, words in zip(line, ("frozen gain", "gain"), (FROZEN, "fine-tuned"), strict=True):
                for network in one.networks:
                    card, rows = methods.card(network), effect(one, network, name)
                    seen = one.seen(network)
                    _line(axis, rows, card.color, card.marker, SEEN_STYLES[seen], network)
                    said.append(_ends(rows, f"{network} on {one.dataset} ({seen}), {words}"))
                axis.axhline(0, color="#444444", linewidth=1)
                axis.set_title(f"{one.dataset}, {words}")
            line[0].set_ylabel("macro-F1 gained\nby pre-training")
            handles, labels = line[1].get_legend_handles_labels()
            words = [f"{n} ({one.seen(n)})" for n in labels]
            line[1].legend(handles, words, loc="center left", bbox_to_anchor=(1, 0.5))
        _shares(axes, found)
        figure.tight_layout()
    show(figure, "Macro-F1 gained by pre-training, 95 % intervals. " + "; ".join(said) + ".")


def _line(axis, rows, color: str, marker: str, style: str, label: str) -> None:
    low, high = rows["value"] - rows["ci_low"], rows["ci_high"] - rows["value"]
    look = {"color": color, "marker": marker, "linestyle": style, "markersize": 4.5, "linewidth": 1.2}
    # A mean over draws may lie at the edge of what single draws give.
    errors = [low.clip(lower=0), high.clip(lower=0)]
    axis.errorbar(rows["share"], rows["value"], errors, elinewidth=0.8, label=label, **look)


def _shares(axes, found: Sequence[Tuned]) -> None:
    """Name the shares of labels below every column of panels."""
    shares = sorted({share for one in found for share in one.scores["share"]})
    for axis in axes.flat:
        axis.set_xscale("log")
        axis.set_xticks(shares, [f"{share:.0%}" for share in shares])
        axis.minorticks_off()
        axis.grid(axis="y", color="#e5e5e5", linewidth=0.7)
        axis.set_axisbelow(True)
    for axis in axes[-1]:
        axis.set_xlabel("share of cells with a label")


def _ends(rows, words: str) -> str:
    first, last = rows.iloc[0], rows.iloc[-1]
    return f"{words.strip()}: {first.value:.2f} with {first.share:.0%} and {last.value:.2f} with {last.share:.0%}"
