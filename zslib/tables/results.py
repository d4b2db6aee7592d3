"""Scores of one method, of all methods, on all datasets."""

from collections.abc import Sequence
from html import escape

import pandas as pd

from zslib import methods
from zslib.methods.card import FAMILIES
from zslib.metrics import CARDS
from zslib.metrics.projection import N_COMPS
from zslib.results import ladder, uncertainty
from zslib.results.comparison import SPACES, Comparison
from zslib.results.report.words import join
from zslib.tables.html import NONE, bar, estimate, interval, place, table, title

STAR = (
    "★: best, or not told from the best when all pairs are tested at once, or behind it by less than counting noise. "
    "Pairs are compared on the same cells, so a method that lies nearer the best may be told from it and one farther "
    "off not."
)


def scores(frame: pd.DataFrame, skipped: dict[str, str], by_batch: pd.DataFrame, n_dims: int):
    """Render the scores of one embedding of so many dimensions: native and, where these are more, pca50 beside it.

    See :class:`zslib.metrics.Scores` for the others; intervals over batches get a column where there are any.
    """
    rows, native = [], by_batch[by_batch["space"] == "native"].set_index("metric")
    itself = n_dims <= N_COMPS
    spaces = SPACES[:1] if itself else SPACES
    # What the metrics of discovery say stands in a table of its own, by cell type.
    cards = {name: card for name, card in CARDS.items() if card.family != "discovery"}
    for name, card in cards.items():
        if name in skipped:
            continue
        found = frame[frame["metric"] == name].set_index("space")
        cells = [estimate(found.loc[s], card.range) if s in found.index else NONE for s in spaces]
        if len(native):
            ends = native.loc[name] if name in native.index else None
            cells.append(NONE if ends is None else interval(ends.ci_low, ends.ci_high) or NONE)
        rows.append((escape(card.title), card.family, *cells, card.direction))
    reasons: dict[str, list[str]] = {}
    for name in (name for name in skipped if name in cards):
        reasons.setdefault(skipped[name], []).append(cards[name].title)
    left_out = " ".join(f"Left out: {', '.join(titles)}, since {why}." for why, titles in reasons.items())
    over = (
        "Over batches: the 95 % interval, in the native space, if whole batches are weighted at random. "
        if len(native)
        else "An interval over whole batches takes five of them or more, and there are fewer. "
    )
    of = frame[["dataset", "n_cells"]].iloc[:1].itertuples() if "dataset" in frame else ()
    cells = "".join(f" on {escape(one.dataset)}, {one.n_cells:,} cells" for one in of)
    return table(
        rows,
        ["score", "measures", *spaces, *(["over batches"] if len(native) else []), "direction"],
        caption=f"Scores{cells}. "
        "Value, with its 95 % bootstrap interval over these cells, the embedding as it is; other cells, embedded anew, "
        "move it by more, and the page of all methods has wider intervals that hold that. "
        + escape(frame.attrs.get("strata", ""))
        + " "
        + over
        + f"Its {n_dims} dimensions are no more than {N_COMPS}, so pca50 is the embedding itself. " * itself
        + escape(left_out),
        text_columns=2,
    )


def comparison(runs: Comparison, names: Sequence[str], *, pages: str = "", star: bool = True):
    """Render all methods on a dataset as they are, a row each and a column a metric; those that are not defined are named below.

    Parameters
    ----------
    runs, names
        Runs on the dataset, and metrics.
    pages
        Where the methods' pages lie, as seen from this page; with it the names are links.
    star
        Whether the best of each column are bold and marked.
    """
    missing = [CARDS[n].title for n in names if n not in runs.defined(names)]
    if not (names := runs.defined(names)):
        return table([], [], caption=f"Not defined on {place(runs)}: {escape(', '.join(missing))}.")
    best = {name: ladder.leaders(runs, name) if star else [] for name in names}
    rows = []
    for method in runs.listed:
        cells = [_score(runs, method, name, best[name]) for name in names]
        if method not in runs.ran:
            cells[1:] = [""] * (len(names) - 1)
        rows.append((title(method, pages), *cells))
    return table(
        rows,
        ["method", *(escape(CARDS[n].title) for n in names)],
        caption=f"{escape(join([CARDS[n].title for n in names]))} on {place(runs)}. "
        f"95 % interval in brackets{_holding(runs, names)}. "
        f"{_families(runs.listed) if pages else ''}{STAR + _without_star([runs], names) if star else ''}"
        + f" Not defined on these cells: {escape(', '.join(missing))}."
        * bool(missing),
        text_columns=1,
    )


def matrix(frame: pd.DataFrame, *, caption: str):
    """Render numbers of methods, a row each; columns that are methods too are called by their titles."""
    names = set(methods.names()) | set(frame.index)
    heads = [title(column) if column in names else escape(column) for column in frame.columns]
    rows = [
        (title(method), *(f"{value:.2f}" for value in row))
        for method, row in zip(frame.index, frame.to_numpy(), strict=True)
    ]
    return table(rows, ["method", *heads], caption=caption)


def overview(all_runs: Sequence[Comparison], metric: str, order: Sequence[str]):
    """Render one metric of embeddings as they are: a row each of these methods, a column a dataset."""
    best = {runs.dataset: ladder.leaders(runs, metric) for runs in all_runs}
    rows = []
    for method in order:
        cells = [
            f'<a href="runs/{runs.dataset}/{method}.html">{_score(runs, method, metric, best[runs.dataset])}</a>'
            for runs in all_runs
        ]
        rows.append((title(method), *cells))
    return table(
        rows,
        ["method", *(f'<a href="runs/{r.dataset}.html">{r.dataset}</a>' for r in all_runs)],
        caption=f"{escape(CARDS[metric].title)} on {'; '.join(map(place, all_runs))}. "
        f"95 % intervals in brackets; each number leads to its run. {_families(order)}{STAR}{_without_star(all_runs, [metric])} "
        f"{NONE}: not defined on this dataset.",
        text_columns=1,
    )


def _families(names: Sequence[str]) -> str:
    """Say which rows are baselines, which models, and which controls."""
    rows = {family: [title(m) for m in names if methods.card(m).family == family] for family in FAMILIES}
    said = [f"{FAMILIES[family]} ({', '.join(own)})" for family, own in rows.items() if own]
    return f"Rows: {join(said)}. "


def _holding(runs: Comparison, names: Sequence[str]) -> str:
    """What intervals hold, where it is not the same for all of these metrics, of which alone."""
    anew = [CARDS[m].title for m in names if f"native/{m}" in runs.redrawn.factor]
    if not anew:
        return ", over these cells with the embedding as it is"
    some = f" for {', '.join(anew)}, and over these cells with the embedding as it is for the others"
    return f", over other cells drawn and embedded anew{escape(some) if len(anew) < len(names) else ''}"


def _without_star(all_runs: Sequence[Comparison], names: Sequence[str]) -> str:
    """Say which metrics give no star on which dataset, since they fail their controls there."""
    failing = [
        f"{escape(CARDS[name].title)}{f' on {escape(runs.dataset)}' if len(all_runs) > 1 else ''} ({escape(why)})"
        for runs in all_runs
        for name in names
        if (why := ladder.unfit(runs, name))
    ]
    return f" No star where a metric fails its controls: {'; '.join(failing)}." if failing else ""


def _score(runs: Comparison, method: str, metric: str, best: Sequence[str]) -> str:
    """A score, with a star if it is among the best; the status of the method if it did not run."""
    if method not in runs.ran:
        return runs.status(method)
    entry = runs.value(method, metric)
    if entry is None:
        return NONE
    text, drawn = estimate(entry), bar(entry.value, entry.ci_low, entry.ci_high, CARDS[metric].range)
    return (f"<b>{text} ★</b>" if method in best else text) + drawn


def ranking(runs: Comparison, metric: str):
    """Render where each method that competes stands on a dataset, and how sure that is."""
    rows = [
        (
            title(row.method),
            f"{row.value:.2f}",
            f"{row.rank:g}",
            f"{row.rank_low:g} – {row.rank_high:g}",
            "first" if i == 0 else f"{row.behind:.3f} {interval(row.all_low, row.all_high, 3)}",
        )
        for i, row in enumerate(uncertainty.ranking(runs, metric, runs.rivals).itertuples())
    ]
    header = ["method", CARDS[metric].title, "rank", "95 % of ranks", "behind the first"]
    return table(
        rows or [("no method but the controls ran", *[""] * 4)],
        [escape(head) for head in header],
        caption=f"Methods by {escape(CARDS[metric].title)} on {place(runs)}. "
        "Behind the first: intervals that hold for all pairs of methods at once (max-T), whichever comes out first, each at 0 or below where "
        "the method is not told from the first.",
    )


def statuses(runs: Comparison, pages: str = ""):
    """Render what did not run, and why; says so if all ran."""
    rows = [(title(r.method, pages), r.status, escape(r.reason)) for r in runs.statuses.itertuples()]
    return table(
        rows or [("all methods ran", "", "")],
        ["method", "status", "reason"],
        caption=f"Not run on {escape(runs.dataset)}",
        text_columns=3,
        kind="facts",
    )
