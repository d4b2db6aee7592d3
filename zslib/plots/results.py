"""Scores and their differences, with intervals."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from zslib import methods
from zslib.methods.card import FAMILIES
from zslib.metrics import CARDS
from zslib.plots.draw import intervals, legend
from zslib.plots.theme import DARK, GRAY, Style, figure, numbered, style, title, words
from zslib.results import ladder, uncertainty
from zslib.results.comparison import SPACES, Comparison
from zslib.results.robustness import AS_THEY_ARE, changes

NOTHING = "No method ran here, so there is nothing to draw."
UNDEFINED = "These scores are not defined on these cells, so there is nothing to draw."
OFFSETS = dict(zip(SPACES, (-0.15, 0.15), strict=True))
"""Where a space stands in a row that shows both."""


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
    order = comparison.compared if only is None else [m for m in only if m in comparison.ran]
    if not order:
        return NOTHING
    if not (names := comparison.defined(names)):
        return UNDEFINED
    table = _scores(comparison, names, order, SPACES)
    table = table.assign(filled=table["space"] == "native", offset=table["space"].map(OFFSETS))
    panels = {metric: CARDS[metric].title for metric in names}
    drawn = intervals(table, *_methods(order), panels, limits=(0, 1), height=0.4)
    return drawn, f"Scores with 95 % intervals on {comparison.dataset}. " + _in_words(table, names)


@figure
def differences(comparison: Comparison, baseline: str, names: Sequence[str], *, space: str = "native"):
    """Draw paired differences of every method from a baseline, one panel a metric."""
    order = [m for m in comparison.compared if m != baseline]
    if baseline not in comparison.ran or not order:
        return f"{title(baseline)} or all others did not run here, so there is nothing to compare."
    if not (names := comparison.defined(names)):
        return UNDEFINED
    table = pd.concat(
        _differences(comparison, baseline, metric, space, order).assign(panel=metric) for metric in names
    )
    panels = {metric: CARDS[metric].title for metric in names}
    drawn = intervals(table, *_methods(order), panels, line=0, xlabel=f"difference from {title(baseline)}")
    table = table.assign(title=table["method"].map(title), metric=table["panel"].map(panels))
    numbers = words(table, "{title} {value:+.2f} ({metric})")
    return drawn, f"Paired differences from {title(baseline)} with 95 % intervals: {numbers}."


@figure
def compared(table: pd.DataFrame):
    """Draw what :func:`zslib.compare` returns: the scores of keys of ``obsm``, and their differences from the baseline.

    Parameters
    ----------
    table
        As it was returned.

    Examples
    --------
    >>> import zslib
    >>> from zslib.datasets import load
    >>> adata = load("pbmc3k")[:300].copy()
    >>> for method in ("hvg", "hvg-pca"):
    ...     zslib.embed(adata, method)
    >>> table = zslib.compare(adata, ["X_hvg", "X_hvg_pca"], label="label", metric="asw_label")
    >>> zslib.plots.compared(table)
    <IPython.core.display.Image object>
    """
    keys = list(table["key"])
    panels = {
        "value": "score",
        "difference": f"difference from {table.loc[table['difference'].eq(0).idxmax(), 'key']}",
    }
    ends = {"value": ("ci_low", "ci_high"), "difference": ("difference_low", "difference_high")}
    rows = [
        pd.DataFrame(
            {
                "row": keys,
                "style": keys,
                "panel": name,
                "value": table[name],
                "ci_low": table[low],
                "ci_high": table[high],
            }
        )
        for name, (low, high) in ends.items()
    ]
    drawn = intervals(pd.concat(rows, ignore_index=True), numbered(keys), {key: key for key in keys}, panels)
    drawn.axes_dict["difference"].axvline(0, color=DARK, linewidth=1)
    numbers = words(
        table,
        "{key} {value:.2f}, difference {difference:+.2f} [{difference_low:+.2f}, {difference_high:+.2f}]",
    )
    return drawn, f"Scores with 95 % intervals, and paired differences that hold for all at once: {numbers}."


@figure
def twins(comparison: Comparison, metric: str = "avg_bio", *, family: str = "small"):
    """Draw trained models of a family beside their untrained twins: scores on the left, paired differences on the right.

    Parameters
    ----------
    metric
        What was scored.
    family
        Of the models, see :attr:`zslib.methods.MethodCard.family`.
    """
    pairs = comparison.twins(family)
    if not pairs:
        return (
            f"Of the {FAMILIES[family]}, none ran here with its untrained twin, so there is nothing to draw."
        )
    # The row says whose a number is, so that all have one marker.
    styles = {model: Style(style(model).color) for model in pairs} | {"untrained": Style(GRAY)}
    left = _scores(comparison, [metric], pairs).assign(offset=-0.15, filled=True)
    twin = pd.concat(_scores(comparison, [metric], [of]).assign(row=model) for model, of in pairs.items())
    twin = twin.assign(style="untrained", offset=0.15, filled=True)
    right = pd.concat(
        _differences(comparison, of, metric, space, [model]).assign(space=space, twin=title(of))
        for model, of in pairs.items()
        for space in SPACES
    )
    right = right.assign(panel="gain", filled=right["space"] == "native", offset=right["space"].map(OFFSETS))
    panels = {
        metric: f"{CARDS[metric].title}: trained (color), untrained (gray)",
        "gain": "difference: native (filled), pca50 (open)",
    }
    table = pd.concat([left, twin, right], ignore_index=True)
    drawn = intervals(table, styles, {model: title(model) for model in pairs}, panels, height=0.45)
    drawn.axes_dict[metric].set_xlim(-0.03, 1.03)
    drawn.axes_dict["gain"].axvline(0, color=DARK, linewidth=1)
    right = right.assign(title=right["method"].map(title))
    numbers = words(
        right[right["filled"]], "{title} against {twin} {value:+.2f} [{ci_low:+.2f}, {ci_high:+.2f}]"
    )
    return drawn, (
        f"{CARDS[metric].title} of {FAMILIES[family]} on {comparison.dataset}, and paired differences from the same "
        f"networks untrained with 95 % intervals: {numbers}."
    )


@figure
def overview(
    comparisons: Sequence[Comparison],
    metric: str,
    *,
    only: Sequence[str] | None = None,
    space: str = "native",
):
    """Draw one metric for all datasets side by side, one row a method: all that are shown, or only some."""
    order = list(dict.fromkeys(m for c in comparisons for m in c.listed)) if only is None else list(only)
    if not order:
        return NOTHING
    tables = {c.dataset: _scores(c, [metric], order, (space,)).assign(panel=c.dataset) for c in comparisons}
    panels = {dataset: dataset for dataset in tables}
    drawn = intervals(
        pd.concat(tables.values()),
        *_methods(order),
        panels,
        limits=(0, 1),
        xlabel=CARDS[metric].title,
        sharex=True,
    )
    for comparison in comparisons:
        for row, method in enumerate(order):
            if method not in comparison.ran:
                _note(drawn.axes_dict[comparison.dataset], row, comparison.status(method))
    numbers = [f"{dataset}: {_in_words(table, [metric], space)}" for dataset, table in tables.items()]
    start = f"{CARDS[metric].title} of every method on every dataset, 95 % intervals. "
    return drawn, start + " ".join(numbers)


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
    drawn = intervals(
        table, *_methods(list(table["row"])), limits=(1 - half, len(names) + half), xlabel=xlabel, width=6.5
    )
    drawn.ax.set_xticks(range(1, len(names) + 1))
    return drawn, (
        f"Mean ranks over {result.n_datasets} datasets: {words(table, '{title} {value:.1f}', ', ')}. Bars that overlap "
        f"belong to methods that are not told apart; the critical difference is {result.critical_difference:.1f} ranks."
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
    drawn = intervals(table, styles, rows, panels, height=0.42)
    legend(drawn.figure, styles)
    said = table.assign(title=table["style"], metric=table["metric"].map(panels))
    numbers = words(said, "{title} {value:.2f} ({alteration}, {metric})")
    return drawn, f"Scores on altered cells of {comparison.dataset}: {numbers}."


@figure
def controls(comparison: Comparison):
    """Draw all methods and controls between each metric's floor and ceiling, one row a metric."""
    ranges = ladder.ranges(comparison)
    if ranges.empty:
        return "The controls at the two ends did not run here, so there is nothing to draw."
    names = [m for m in comparison.ran if m in comparison.listed or methods.card(m).tests_metrics]
    table = ladder.rescaled(comparison, [m for m in names if m != ladder.CEILING])
    table = table.assign(row=table["metric"], style=table["method"].map(title))
    styles = {title(m): style(m) for m in dict.fromkeys(table["method"])}
    rows = {metric: CARDS[metric].title for metric in ranges["metric"]}
    drawn = intervals(table, styles, rows, xlabel="share of the way from floor to ceiling")
    low, high = (table["value"].min(), table["value"].max()) if len(table) else (0, 1)
    drawn.ax.set_xlim(max(-1.0, min(-0.1, low - 0.05)), min(2.0, max(1.1, high + 0.05)))
    for x, end in ((0, "floor"), (1, "ceiling")):
        drawn.ax.axvline(x, color=DARK, linewidth=1)
        drawn.ax.annotate(end, (x, -0.75), ha="center", annotation_clip=False)
    unable = ranges[~ranges["discriminates"]]
    for row, problem in unable["problem"].items():
        _note(drawn.ax, row, f"cannot judge: {problem}")
    legend(drawn.figure, {name: s._replace(line="") for name, s in styles.items()})
    numbers = "; ".join(
        f"{rows[metric]}: {words(some, '{style} {value:.2f}', ', ')}"
        for metric, some in table.groupby("metric", sort=False)
    )
    last = f" Unable to judge: {', '.join(unable['metric'].map(rows))}." if len(unable) else ""
    return drawn, f"Share of the way from floor to ceiling on {comparison.dataset}. {numbers}.{last}"


def _scores(comparison: Comparison, names, order, spaces=("native",)) -> pd.DataFrame:
    """Scores of methods as a figure takes them, metric by metric, methods in their order."""
    table = comparison.scores
    table = table[table["metric"].isin(list(names)) & table["space"].isin(spaces)]
    return _in_order(table, order).assign(panel=lambda t: t["metric"])


def _differences(comparison: Comparison, baseline: str, metric: str, space: str, order) -> pd.DataFrame:
    table = comparison.differences(baseline, metric, space).rename(columns={"difference": "value"})
    return _in_order(table, order)


def _in_order(table: pd.DataFrame, order) -> pd.DataFrame:
    """The rows of some methods in their order, each with its row in the figure and its style."""
    order = pd.Index(list(order))
    table = table[table["method"].isin(order)].sort_values("method", key=order.get_indexer, kind="stable")
    return table.assign(row=table["method"], style=table["method"])


def _methods(order: Sequence[str]) -> tuple[dict, dict]:
    """Styles and names of methods."""
    return {m: style(m) for m in order}, {m: title(m) for m in order}


def _note(axis, row: int, text: str) -> None:
    axis.annotate(text, (0.02, row), va="center", size="small", color="#666666")


def _in_words(table: pd.DataFrame, names: Sequence[str], space: str = "native") -> str:
    """Scores in words, metric by metric."""
    table = table[table["space"] == space].assign(title=table["method"].map(title))
    numbers = {m: words(table[table["metric"] == m], "{title} {value:.2f}", ", ") for m in names}
    return " ".join(f"{CARDS[m].title}: {numbers[m] or 'not defined here'}." for m in names)
