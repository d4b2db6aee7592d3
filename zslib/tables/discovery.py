"""Whether a cell type that is hidden is found."""

from html import escape

import numpy as np
import pandas as pd

from zslib import methods
from zslib.metrics import CARDS
from zslib.metrics.discovery.titration import TITRATED, fewest
from zslib.results.comparison import Comparison
from zslib.results.report.cautions import met
from zslib.tables.html import NONE, NOT_ASKED, broken, interval, place, table

FOUND = {"found_by_distance": "fewest by distance", "found_by_cluster": "fewest by cluster"}
RULES = " ".join(f"{FOUND[rule].capitalize()}: {said}" for rule, said in TITRATED.items())

ANEW = f" {NOT_ASKED.capitalize()} is what would have to be trained anew for each draw."


def hidden_types(found: pd.DataFrame):
    """Render what one embedding reveals of each hidden type, rarest last, in the native space."""
    native = found[(found["space"] == "native") & (found["label"] != "")]
    cards = {name: card for name, card in CARDS.items() if card.family == "discovery"}
    scored = native[native["metric"].isin(cards)].set_index(["label", "metric"])
    sizes = scored["cells"].groupby("label").first().sort_values(ascending=False)
    rows = []
    for label, n in sizes.items():
        numbers = [_beside_chance(scored.loc[label], name) for name in cards]
        least = [_fewest(native[native["label"] == label], rule) for rule in TITRATED]
        fewest_by = [NONE if m is None else m if m is NOT_ASKED else f"{m:,}" for m in least]
        rows.append((escape(str(label)), f"{n:,}", *numbers, *fewest_by))
    heads = [*(card.title for card in cards.values()), *FOUND.values()]
    return table(
        rows,
        ["hidden type", "cells", *(broken(head, 10) for head in heads)],
        caption=f"Each type of {escape(', '.join(native['dataset'].unique()))} hidden in turn, {sizes.sum():,} cells. "
        "95 % bootstrap interval in brackets, in parentheses what chance reaches: for AUROC that of labels shuffled within "
        "batches, for AUPRC that of an empty score. Fewest: the smallest "
        "number of cells from which on the type is found in half of the draws or more. "
        + f"{NONE}: not with any number tried. "
        * any({NONE} < set(column) for column in list(zip(*rows, strict=True))[-len(FOUND) :])
        + RULES
        + ANEW * (NOT_ASKED in str(rows)),
    )


def fewest_cells(runs: Comparison):
    """Render for each method with how few cells of a type it finds it, and whether it had met them before."""
    native = runs.discovery[(runs.discovery["space"] == "native") & (runs.discovery["label"] != "")]
    rows = []
    for method in runs.compared:
        card, own = methods.card(method), native[native["method"] == method]
        cells = []
        for rule in TITRATED:
            least = [_fewest(group, rule) for _, group in own.groupby("label")]
            hits = [m for m in least if m not in (None, NOT_ASKED)]
            ends = f", with {' to '.join(dict.fromkeys(map(str, (min(hits), max(hits)))))}" if hits else ""
            cells.append(NOT_ASKED if NOT_ASKED in least else f"{len(hits)} of {len(least)}{ends}")
        rows.append((escape(card.title), met(method, runs.dataset), *cells))
    return table(
        rows,
        ["method", "has met the hidden cells", *(f"types found, {FOUND[rule]}" for rule in TITRATED)],
        caption=f"How few cells of a type are found on {place(runs)}. "
        "How many types are found at all, and the fewest cells with which one is, from the easiest type to "
        f"the hardest of those found. {RULES}" + ANEW * (NOT_ASKED in str(rows)),
        text_columns=2,
    )


def _beside_chance(scored: pd.DataFrame, metric: str) -> str:
    """A number of one type, with what chance reaches where that is known, above its interval; – where it has none."""
    if metric not in scored.index:
        return NONE
    found = scored.loc[metric]
    chance = "" if np.isnan(found["chance"]) else f" ({found['chance']:.2f})"
    ends = interval(found["ci_low"], found["ci_high"])
    return f"{found['value']:z.2f}{chance}" + f" <br/>{ends}" * bool(ends)


def _fewest(own: pd.DataFrame, rule: str) -> int | str | None:
    curve = own[own["metric"] == rule].sort_values("cells")
    if curve.empty:
        return NOT_ASKED
    return fewest(curve["cells"].to_numpy(), curve["value"].to_numpy())
