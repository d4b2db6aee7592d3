"""Scores and their differences, with intervals."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from zslib.metrics import CARDS
from zslib.plots.captions import KEY, OFFSETS, best, cells_of, gained, highest, in_one_figure, named, scored
from zslib.plots.draw import intervals, legend
from zslib.plots.theme import DARK, NOTHING, figure, numbered, style, title, words
from zslib.results import ladder, uncertainty
from zslib.results.comparison import SPACES, Comparison
from zslib.results.report.words import titles
from zslib.results.robustness import AS_THEY_ARE, changes

UNDEFINED = "These scores are not defined on these cells, so there is nothing to draw."


@figure
def scores(comparison: Comparison, names: Sequence[str], *, only: Sequence[str] | None = None):
    """Draw scores with their intervals: one panel a metric, one row a method, native and pca50 spaces.

    Parameters
    ----------
    names
        Metrics.
    only
        Methods to draw, where they ran; those that are compared everywhere if None.
    """
    order, rest = in_one_figure(
        comparison.compared if only is None else [m for m in only if m in comparison.ran]
    )
    if not order:
        return NOTHING
    if not (names := comparison.defined(names)):
        return UNDEFINED
    table = scored(comparison, names, order, SPACES)
    table = table.assign(filled=table["space"] == "native", offset=table["space"].map(OFFSETS))
    panels = {metric: CARDS[metric].title for metric in names}
    drawn = intervals(table, *named(order), panels, limits=(0, 1), height=0.36)
    alt = f"Scores with 95 % intervals on {comparison.dataset}. " + _in_words(table, names)
    said = best(comparison, names[0]) if only is None else highest(comparison, order, names[0])
    return drawn, alt, f"{said} {cells_of(comparison)} {KEY}", rest


@figure
def differences(
    comparison: Comparison,
    baseline: str,
    names: Sequence[str],
    *,
    space: str = "native",
    only: Sequence[str] | None = None,
):
    """Draw paired differences of every method, or of some only, from a baseline, one panel a metric."""
    order, rest = in_one_figure([m for m in only or comparison.compared if m != baseline])
    if baseline not in comparison.ran or not order:
        return f"{title(baseline)} or all others did not run here, so there is nothing to compare."
    if not (names := comparison.defined(names)):
        return UNDEFINED
    table = pd.concat(
        gained(comparison, baseline, metric, space, order).assign(panel=metric) for metric in names
    )
    panels = {metric: CARDS[metric].title for metric in names}
    drawn = intervals(table, *named(order), panels, line=0, xlabel=f"difference from {title(baseline)}")
    table = table.assign(title=table["method"].map(title), metric=table["panel"].map(panels))
    numbers = words(table, "{title} {value:+.2f} ({metric})")
    of, rivals = names[0], [m for m in comparison.rivals if m != baseline]
    above = [m for m in rivals if ladder.beats(comparison, m, baseline, of, space)]
    below = [m for m in rivals if ladder.beats(comparison, baseline, m, of, space)]
    said = "; ".join(f"{titles(some)} {word}" for some, word in ((above, "above"), (below, "below")) if some)
    said = f"{said or 'no method that competes is told'} {'it' if said else 'from it'}"
    caption = f"Against {title(baseline)} in {CARDS[of].title}: {said}. {cells_of(comparison)} Lines are paired 95 % intervals, each for itself alone."
    return drawn, f"Paired differences from {title(baseline)} with 95 % intervals: {numbers}.", caption, rest


@figure
def compared(table: pd.DataFrame):
    """Draw what :func:`zslib.compare` returns: the scores of keys of ``obsm``, and their differences from the baseline.

    Examples
    --------
    >>> import zslib
    >>> from zslib.datasets import load
    >>> adata = load("pbmc3k")[:300].copy()
    >>> for method in ("hvg", "hvg-pca"):
    ...     zslib.embed(adata, method)
    >>> table = zslib.compare(adata, ["X_hvg", "X_hvg_pca"], label="label", metric="asw_label")
    >>> zslib.plots.compared(table)
    <IPython.core.display.HTML object>
    """
    keys = list(table["key"])
    baseline = table.loc[table["difference"].eq(0).idxmax(), "key"]
    panels = {"value": "score", "difference": f"difference from {baseline}"}
    ends = {"value": ("ci_low", "ci_high"), "difference": ("difference_low", "difference_high")}
    rows = [
        table[["key", name, *of]].set_axis(["row", "value", "ci_low", "ci_high"], axis=1).assign(panel=name)
        for name, of in ends.items()
    ]
    long = pd.concat(rows, ignore_index=True)
    drawn = intervals(long.assign(style=long["row"]), numbered(keys), {key: key for key in keys}, panels)
    drawn.axes_dict["difference"].axvline(0, color=DARK, linewidth=1)
    numbers = words(
        table,
        "{key} {value:.2f}, difference {difference:+.2f} [{difference_low:+.2f}, {difference_high:+.2f}]",
    )
    alt = f"Scores with 95 % intervals, and paired differences that hold for all at once: {numbers}."
    caption = "Lines are 95 % intervals; those of the differences are paired and hold for all at once."
    return drawn, alt, caption


@figure
def overview(comparisons: Sequence[Comparison], metric: str, *, only: Sequence[str] | None = None):
    """Draw one metric for all datasets side by side, one row a method: all that are shown, or only some."""
    order, rest = in_one_figure(
        list(dict.fromkeys(m for c in comparisons for m in c.listed)) if only is None else list(only)
    )
    if not order:
        return NOTHING
    tables = {c.dataset: scored(c, [metric], order).assign(panel=c.dataset) for c in comparisons}
    panels = {dataset: dataset for dataset in tables}
    how = {"limits": (0, 1), "xlabel": CARDS[metric].title, "sharex": True}
    drawn = intervals(pd.concat(tables.values()), *named(order), panels, **how)
    for comparison in comparisons:
        for row, method in enumerate(order):
            if method not in comparison.ran:
                said, axis = comparison.status(method), drawn.axes_dict[comparison.dataset]
                axis.annotate(said, (0.02, row), va="center", size="small", color="#666666")
    numbers = [f"{dataset}: {_in_words(table, [metric])}" for dataset, table in tables.items()]
    start = f"{CARDS[metric].title} of {len(order)} methods on every dataset, 95 % intervals. "
    caption = " ".join(f"{c.dataset}: {best(c, metric)} {cells_of(c)}" for c in comparisons)
    return drawn, start + " ".join(numbers), f"{caption} Lines are 95 % intervals.", rest


@figure
def critical_differences(comparisons: Sequence[Comparison], metric: str):
    """Draw mean ranks over datasets; the bar at each method reaches as far as others are not told from it."""
    names, result = uncertainty.over_datasets(comparisons, metric)
    if result is None:
        return "An order over datasets takes two datasets and two methods that ran on both."
    half = result.critical_difference / 2
    table = pd.DataFrame({"row": names, "style": names, "value": result.mean_ranks})
    table = table.assign(ci_low=table["value"] - half, ci_high=table["value"] + half)
    table = table.sort_values("value", kind="stable").assign(title=lambda t: t["row"].map(title))
    xlabel = f"mean rank in {CARDS[metric].title}, 1 the best"
    drawn = intervals(table, *named(list(table["row"])), limits=(1 - half, len(names) + half), xlabel=xlabel)
    drawn.ax.set_xticks(range(1, len(names) + 1))
    first, tied = table.iloc[0], table.iloc[1:].query("ci_low < @table.ci_high.iloc[0]")
    told = "is told from all others"
    if len(tied):
        told = f"is not told from {len(tied)} of the {len(names) - 1} others"
    return (
        drawn,
        f"Mean ranks over {result.n_datasets} datasets: {words(table, '{title} {value:.1f}', ', ')}. Bars that overlap "
        f"belong to methods that are not told apart; the critical difference is {result.critical_difference:.1f} ranks.",
        f"{first.title} comes first and {told}. Mean over {result.n_datasets} datasets; methods whose bars overlap are not "
        f"told apart.",
    )


@figure
def robustness(comparison: Comparison, names: Sequence[str] = ("avg_bio", "avg_batch")):
    """Draw scores on the cells as they are and on altered ones, one panel a metric; lines are what other draws would give."""
    table = changes(comparison.altered).query("space == 'native' and metric in @names")
    order = [m for m in comparison.rivals if m in set(table["method"])]
    table = table[table["method"].isin(order)]
    if table.empty:
        return "No method that competes was run on altered cells, so there is nothing to draw."
    reach = table["luck"].where(table["alteration"] == AS_THEY_ARE)
    place = dict(zip(order, np.linspace(-0.25, 0.25, len(order)), strict=True))
    table = table.assign(
        row=table["alteration"], panel=table["metric"], style=table["method"].map(title),
        offset=table["method"].map(place) if len(order) > 1 else 0.0, ci_low=table["value"] - reach, ci_high=table["value"] + reach,
    )  # fmt: skip
    styles = {title(m): style(m) for m in order}
    panels = {metric: CARDS[metric].title for metric in names if metric in set(table["metric"])}
    rows = {name: name for name in dict.fromkeys(table["alteration"])}
    drawn = intervals(table, styles, rows, panels, height=0.45)
    legend(drawn.figure, styles)
    said = table.assign(title=table["style"], metric=table["metric"].map(panels))
    numbers = words(said, "{title} {value:.2f} ({alteration}, {metric})")
    worst = said.loc[said["change"].abs().idxmax()]
    return (
        drawn,
        f"Scores on altered cells of {comparison.dataset}: {numbers}.",
        f"The largest change: {worst.title} by {worst.change:+.2f} in {worst.metric} ({worst.alteration}). "
        f"{cells_of(comparison)} Lines say how far drawing other cells moves a score.",
    )


def _in_words(table: pd.DataFrame, names: Sequence[str]) -> str:
    """Scores in words, metric by metric."""
    table = table[table["space"] == "native"].assign(title=table["method"].map(title))
    numbers = {m: words(table[table["metric"] == m], "{title} {value:.2f}", ", ") for m in names}
    return " ".join(f"{CARDS[m].title}: {numbers[m] or 'not defined here'}." for m in names)
