"""Scores of one method, of all methods, on all datasets."""

from collections.abc import Sequence
from html import escape

import pandas as pd

from zslib import methods
from zslib.metrics import CARDS
from zslib.results.comparison import Comparison
from zslib.tables.html import estimate, table


def scores(frame: pd.DataFrame, skipped: dict[str, str], by_batch: pd.DataFrame):
    """Render the scores of one embedding with their intervals, native and pca50 side by side.

    Parameters
    ----------
    frame, skipped, by_batch
        See :class:`zslib.metrics.Scores`; intervals over batches get a column where there are any.
    """
    rows, native = [], by_batch[by_batch["space"] == "native"].set_index("metric")
    # What the metrics of discovery say stands in a table of its own, by cell type.
    cards = {name: card for name, card in CARDS.items() if card.family != "discovery"}
    for name, card in cards.items():
        found = frame[frame["metric"] == name].set_index("space")
        cells = [estimate(found.loc[s]) if s in found.index else "–" for s in ("native", "pca50")]
        if len(native):
            ends = native.loc[name] if name in native.index else None
            cells.append("–" if ends is None else f"[{ends.ci_low:.2f}, {ends.ci_high:.2f}]")
        rows.append((escape(card.title), card.family, *cells, card.direction))
    why = {
        reason: [cards[k].title for k in skipped if skipped[k] == reason]
        for reason in (skipped[k] for k in skipped if k in cards)
    }
    left_out = " ".join(f"{', '.join(titles)}: {reason}." for reason, titles in why.items())
    over = (
        "Over batches: the 95 % interval, in the native space, if whole batches are weighted at random. "
        if len(native)
        else "An interval over whole batches takes five of them or more, and there are fewer. "
    )
    return table(
        rows,
        ["score", "measures", "native", "pca50", *(["over batches"] if len(native) else []), ""],
        caption="Value, with its 95 % bootstrap interval over cells. "
        + escape(frame.attrs.get("strata", ""))
        + " "
        + over
        + escape(left_out),
        text_columns=2,
    )


def comparison(runs: Comparison, names: Sequence[str], *, space: str = "native", pages: str = ""):
    """Render all methods on a dataset, a row each; the best of each column is bold and marked.

    Parameters
    ----------
    names
        Metrics, a column each.
    pages
        Where the methods' pages lie, as seen from this page; with it the names are links.
    """
    best = {name: runs.leaders(name, among=runs.rivals) for name in names}
    rows = []
    for method in runs.shown:
        card = methods.card(method)
        label = escape(card.title)
        link = f'<a href="{pages}{method}.html">{label}</a>' if pages else label
        if method not in runs.ran:
            rows.append((link, card.family, runs.status(method), *[""] * (len(names) - 1)))
            continue
        cells = []
        for name in names:
            entry = runs.value(method, name, space)
            text = "–" if entry is None else estimate(entry)
            cells.append(f"<b>{text} ★</b>" if method in best[name] else text)
        rows.append((link, card.family, *cells))
    return table(
        rows,
        ["method", "family", *(escape(CARDS[n].title) for n in names)],
        caption="95 % bootstrap interval in brackets. ★: the best method that is not a control, and those "
        "that paired intervals, held for all methods at once and in both spaces, do not tell from it.",
        text_columns=2,
    )


def overview(all_runs: Sequence[Comparison], metric: str, order: Sequence[str], *, space: str = "native"):
    """Render one metric: a row each of these methods, a column a dataset."""
    best = [runs.leaders(metric, among=runs.rivals) for runs in all_runs]
    rows = []
    for method in order:
        cells = []
        for runs, leaders in zip(all_runs, best, strict=True):
            entry = runs.value(method, metric, space) if method in runs.ran else None
            missing = "–" if method in runs.ran else runs.status(method)
            text = missing if entry is None else estimate(entry)
            text = f"<b>{text} ★</b>" if method in leaders else text
            cells.append(f'<a href="runs/{runs.dataset}/{method}.html">{text}</a>')
        rows.append((escape(methods.card(method).title), methods.card(method).family, *cells))
    return table(
        rows,
        ["method", "family", *(f'<a href="runs/{r.dataset}.html">{r.dataset}</a>' for r in all_runs)],
        caption=f"{escape(CARDS[metric].title)} with 95 % intervals; each number leads to its run. ★: the best "
        "method that is not a control, and those that paired intervals, held for all methods at once and in both "
        "spaces, do not tell from it. –: not defined on this dataset.",
        text_columns=2,
    )


def statuses(runs: Comparison):
    """Render what did not run, and why; says so if all ran."""
    rows = [
        (escape(methods.card(r.method).title), r.status, escape(r.reason)) for r in runs.statuses.itertuples()
    ]
    return table(
        rows or [("all methods ran", "", "")], ["method", "status", "reason"], text_columns=3, kind="facts"
    )
