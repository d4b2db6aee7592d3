"""Methods beside their controls: the floor and ceiling of a metric, and the same network untrained."""

from collections.abc import Sequence

import pandas as pd

from zslib import methods
from zslib.methods.card import FAMILIES
from zslib.metrics import CARDS
from zslib.plots.captions import KEY, OFFSETS, cells_of, gained, in_one_figure, named, scored
from zslib.plots.draw import intervals
from zslib.plots.theme import DARK, GRAY, Style, figure, style, title, words
from zslib.results import ladder
from zslib.results.comparison import SPACES, Comparison
from zslib.results.report.words import join, titles

SMALL = FAMILIES["small"]


@figure
def twins(comparison: Comparison):
    """Draw small models beside their untrained twins: AvgBIO on the left, paired differences of it on the right."""
    pairs, metric = comparison.twins("small"), "avg_bio"
    if not pairs:
        return f"Of the {SMALL}, none ran here with its untrained twin, so there is nothing to draw."
    # The row says whose a number is, so that all have one marker.
    styles = {model: Style(style(model).color) for model in pairs} | {"untrained": Style(GRAY)}
    left = scored(comparison, [metric], pairs).assign(offset=-0.15, filled=True)
    twin = pd.concat(scored(comparison, [metric], [of]).assign(row=model) for model, of in pairs.items())
    twin = twin.assign(style="untrained", offset=0.15, filled=True)
    right = pd.concat(
        gained(comparison, of, metric, space, [model]).assign(space=space, twin=title(of))
        for model, of in pairs.items()
        for space in SPACES
    )
    right = right.assign(panel="gain", filled=right["space"] == "native", offset=right["space"].map(OFFSETS))
    panels = {metric: CARDS[metric].title, "gain": "gained by training"}
    table = pd.concat([left, twin, right], ignore_index=True)
    drawn = intervals(table, styles, {model: title(model) for model in pairs}, panels, height=0.4)
    drawn.axes_dict[metric].set_xlim(-0.03, 1.03)
    drawn.axes_dict["gain"].axvline(0, color=DARK, linewidth=1)
    right = right.assign(title=right["method"].map(title))
    numbers = words(
        right[right["filled"]], "{title} against {twin} {value:+.2f} [{ci_low:+.2f}, {ci_high:+.2f}]"
    )
    better = [m for m, of in pairs.items() if ladder.beats(comparison, m, of, metric)]
    return (
        drawn,
        f"{CARDS[metric].title} of {SMALL} on {comparison.dataset}, and paired differences from the same "
        f"networks untrained with 95 % intervals: {numbers}.",
        f"Training raises {CARDS[metric].title} beyond its interval in {len(better)} of {len(pairs)} networks"
        f"{f' ({titles(better)})' if better else ''}. Gray: the same network untrained. {cells_of(comparison)} {KEY}",
    )


@figure
def controls(comparison: Comparison, *, only: Sequence[str] | None = None):
    """Draw how far methods come from each metric's floor to its ceiling: one panel a method, one row a metric."""
    ranges = ladder.ranges(comparison)
    if ranges.empty:
        return "The controls at the two ends did not run here, so there is nothing to draw."
    ends = {ladder.CEILING, *ladder.FLOOR.values()}
    names = [m for m in comparison.compared if m not in ends]
    order = in_one_figure(names)[0] if only is None else only
    rest = None
    if only is None:  # what tests the metrics alone is folded
        tests = [m for m in comparison.ran if methods.card(m).tests_metrics and m not in ends]
        more = [m for m in names if m not in order] + tests
        rest = (f"Show {len(more)} more", {"only": more}) if more else None
    found = ladder.rescaled(comparison, order)
    if found.empty:
        return "No metric can judge these cells, so there is nothing to draw."
    low, high = -0.2, 1.2
    table = found.assign(
        row=found["metric"], panel=found["method"], style=found["method"], value=found["value"].clip(low, high),
        ci_low=found["ci_low"].clip(low, high), ci_high=found["ci_high"].clip(low, high), filled=found["value"].between(low, high),
    )  # fmt: skip
    styles, panels = named(order)
    rows = {m: CARDS[m].title for m in ranges.loc[ranges["discriminates"], "metric"]}
    drawn = intervals(table, styles, rows, panels, limits=(low, high), line=0, height=0.19, size=5)
    for axis in drawn.axes.flat:
        axis.axvline(1, color=DARK, linewidth=1, linestyle=":")
        axis.set_xticks([0, 1], ["floor", "ceiling"])
    numbers = "; ".join(
        f"{panels[method]}: {words(some.assign(title=some['metric'].map(rows)), '{title} {value:.2f}', ', ')}"
        for method, some in found.groupby("method", sort=False)
    )
    unable = list(ranges.loc[~ranges["discriminates"], "metric"].map(lambda m: CARDS[m].title))
    far = found[found["method"].isin(comparison.rivals)].groupby("method")["value"].median()
    caption = ""
    if len(far):
        caption = f"{title(far.idxmax())} comes farthest: in half of the scores {far.max():.0%} of the way. "
    return (
        drawn,
        f"Share of the way from floor to ceiling on {comparison.dataset}. {numbers}.",
        f"{caption}{cells_of(comparison)} Floor: an embedding that knows nothing; ceiling: the labels themselves; empty "
        f"markers lie beyond the panel; lines are 95 % intervals.{f' Left out, as they cannot judge these cells: {join(unable)}.' if unable else ''}",
        rest,
    )
