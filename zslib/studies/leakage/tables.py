"""What models have seen, as tables."""

from html import escape

import pandas as pd

from zslib.frozen.pretrain import checkpoints
from zslib.results.report.words import join, title_of
from zslib.tables.html import interval, table


def ledger(rows: pd.DataFrame):
    """Render the leakage ledger, from :func:`zslib.frozen.ledger.ledger`; datasets of which the same is known share a row."""
    datasets = list(rows["dataset"].unique())
    which = escape(join(datasets)) if len(datasets) < 6 else f"{len(datasets)} datasets"
    alike = rows.groupby(["model", "seen", "what", "source"], sort=False)["dataset"].agg(list)
    lines = [
        (escape(title_of(model)), escape(join(names)), *map(escape, known))
        for (model, *known), names in alike.items()
    ]
    return table(
        lines,
        ["model", "dataset", "seen", "what is known", "by whom"],
        caption=f"Whether models have seen {which}",
        text_columns=5,
        kind="prose",
    )


def minis_held_out():
    """Render how the shipped small models do on held-out cells, beside what knows no context."""
    lines = []
    for name in checkpoints.names():
        for row in checkpoints.held_out(name).query("measure == 'loss'").itertuples():
            gain = (
                f'{row.gain:+.3f} <span class="zs-ci">[{row.gain_low:+.3f}, {row.gain_high:+.3f}]</span>'
                if row.who != "network"
                else "–"
            )
            value = f"{row.value:.3f} {interval(row.ci_low, row.ci_high, 3)}"
            lines.append((escape(title_of(name)), escape(row.who), value, gain))
    return table(
        lines,
        ["model", "who predicts", "loss on held-out cells", "network is better by"],
        caption="Small models of this book on cells held out of their corpus. "
        "Loss by each architecture's own objective: cross-entropy of the hidden gene in nats, and squared error of "
        "the bins, from the token and from the cell together. 95 % intervals over cells, paired.",
        text_columns=2,
    )


def minis_cards():
    """Render the cards of the shipped small models, a row each."""
    lines = []
    for name in checkpoints.names():
        card = checkpoints.card(name)
        studies = ", ".join(f"{s['name']} ({s['how']} held out)" for s in card["corpus"])
        size = sum(file["bytes"] for file in card["files"].values()) / 1e6
        lines.append(
            (
                escape(title_of(name)),
                escape(studies),
                f"{card['cells_trained_on']:,}",
                f"{card['genes']:,}",
                f"{card['parameters']:,}",
                f"{card['best_step']:,} of {card['settings']['schedule']['steps']:,}",
                f"{card['seed']}",
                f"{size:.1f} MB",
            )
        )
    head = ["model", "corpus", "cells", "genes", "weights", "steps", "seed", "size"]
    return table(lines, head, text_columns=2, caption="The small models that are shipped with this book")
