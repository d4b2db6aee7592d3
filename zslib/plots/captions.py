"""Which methods a figure shows, what of them, and what its caption says."""

from collections.abc import Sequence

import pandas as pd

from zslib import methods
from zslib.metrics import CARDS
from zslib.plots.theme import style, title
from zslib.results import ladder
from zslib.results.comparison import SPACES, Comparison
from zslib.results.report.words import titles

MOST = 8
"""Methods in one figure."""
OFFSETS = dict(zip(SPACES, (-0.15, 0.15), strict=True))
"""Where a space stands in a row that shows both."""
KEY = "Lines are 95 % intervals; filled markers the embedding as it is, open ones its 50 leading components."


def in_one_figure(order: Sequence[str]) -> tuple[list[str], tuple | None]:
    """The methods that one figure shows, competing ones before controls, and what is left for a folded one."""
    cards = {m: methods.card(m) for m in order}
    # Baselines that are looked up are computed here too.
    again = {m for m, card in cards.items() if card.looked_up and card.family == "baseline"}
    ranked = sorted(order, key=lambda m: (not cards[m].competes, m in again))
    if len(ranked) > MOST:  # the ends of the scale say how to read all others
        ends = [m for m in ("random", ladder.CEILING) if m in order]
        ranked = [*[m for m in ranked if m not in ends][: MOST - len(ends)], *ends]
    more = [m for m in order if m not in ranked]
    return [m for m in order if m in ranked], (f"Show {len(more)} more", {"only": more}) if more else None


def best(runs: Comparison, metric: str) -> str:
    """Say which of the methods that compete is best by a metric, and which are not told from it."""
    if not runs.rivals:
        return highest(runs, runs.ran, metric)
    if why := ladder.unfit(runs, metric):
        return f"No method is called best by {CARDS[metric].title} here, as it fails its controls ({why})."
    found = ladder.leaders(runs, metric)
    if not found:
        return _undefined(metric)
    tied = f", not told from {titles(found[1:])}" if found[1:] else ""
    return f"{title(found[0])} is best in {CARDS[metric].title} ({runs.value(found[0], metric).value:.2f}){tied}."


def highest(runs: Comparison, order: Sequence[str], metric: str) -> str:
    """Say which of some methods has the highest value of a metric, a control only if all are; then how far they reach."""
    found = {m: entry.value for m in order if (entry := runs.value(m, metric)) is not None}
    if not found:
        return _undefined(metric)
    last, first = min(found, key=found.get), max(found, key=found.get)
    others = [m for m in found if methods.card(m).family != "control"]
    name = CARDS[metric].title
    if not others:
        return f"{name} goes from {found[last]:.2f} ({title(last)}) to {found[first]:.2f} ({title(first)})."
    but = " but the controls" * (first not in others)
    first = max(others, key=found.get)
    return f"Of the methods drawn{but}, {title(first)} has the highest {name} ({found[first]:.2f})."


def _undefined(metric: str) -> str:
    return f"{CARDS[metric].title} is not defined here."


def cells_of(runs: Comparison) -> str:
    """Say how many cells were scored."""
    return f"{runs.n_cells:,} cells."


def scored(comparison: Comparison, names, order, spaces=("native",)) -> pd.DataFrame:
    """Scores of methods as a figure takes them, metric by metric, methods in their order."""
    table = comparison.scores
    table = table[table["metric"].isin(list(names)) & table["space"].isin(spaces)]
    return _in_order(table, order).assign(panel=lambda t: t["metric"])


def gained(comparison: Comparison, baseline: str, metric: str, space: str, order) -> pd.DataFrame:
    """Paired differences of methods from a baseline as a figure takes them."""
    table = comparison.differences(baseline, metric, space).rename(columns={"difference": "value"})
    return _in_order(table, order)


def _in_order(table: pd.DataFrame, order) -> pd.DataFrame:
    """The rows of some methods in their order, each with its row in the figure and its style."""
    order = pd.Index(list(order))
    table = table[table["method"].isin(order)].sort_values("method", key=order.get_indexer, kind="stable")
    return table.assign(row=table["method"], style=table["method"])


def named(order: Sequence[str]) -> tuple[dict, dict]:
    """Styles and names of methods."""
    return {m: style(m) for m in order}, {m: title(m) for m in order}
