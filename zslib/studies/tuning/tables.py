"""How much of a fine-tuned score owes nothing to pre-training, as a table."""

from collections.abc import Sequence
from html import escape

from zslib.studies.tuning.results import Tuned
from zslib.studies.tuning.sentences import effect
from zslib.tables.html import estimate, table


def reached(found: Sequence[Tuned]):
    """Render the share of the fine-tuned score that random weights reach: a row a network and dataset."""
    shares = sorted({share for one in found for share in one.scores["share"]})
    rows = []
    for one in found:
        for network in one.networks:
            entries = {entry.share: entry for entry in effect(one, network, "reached").itertuples()}
            cells = [estimate(entries[share]) if share in entries else "–" for share in shares]
            on = f"{one.dataset} ({one.seen(network)})"
            rows.append((f"<b>{escape(network)}</b>", escape(on), *cells))
    return table(
        rows,
        ["", "on", *(f"{share:.0%}" for share in shares)],
        caption="Macro-F1 of the fine-tuned random weights over that of the fine-tuned pre-trained ones, by the share of "
        "cells with a label; 1 is all of it. 95 % intervals over tested cells and draws.",
        text_columns=2,
    )
