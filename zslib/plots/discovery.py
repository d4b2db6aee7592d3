"""Whether a cell type that is hidden is found."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import seaborn as sns

from zslib.metrics.discovery.titration import TITRATED
from zslib.plots.captions import cells_of, in_one_figure
from zslib.plots.draw import curves
from zslib.plots.theme import NOTHING, figure, narrow, style, title, width, words
from zslib.results.comparison import Comparison
from zslib.results.report.discovery import headline

TITLES = {"found_by_distance": "far from the reference", "found_by_cluster": "a cluster of its own"}
CHANCE = "labels shuffled"


@figure
def hidden_types(comparison: Comparison, *, only: Sequence[str] | None = None):
    """Draw the novelty of every hidden type in every method as a table of shades with the numbers in it.

    Last stands what the methods reach on average if the labels are shuffled. On a phone types are rows, and methods columns.
    """
    rows = comparison.discovery.query("space == 'native' and label != ''")
    rows = rows[(rows["metric"] == headline(comparison)) & rows["method"].isin(comparison.listed)]
    if rows.empty:
        return NOTHING
    order, rest = in_one_figure(
        [m for m in comparison.listed if m in set(rows["method"])] if only is None else only
    )
    sizes = rows.drop_duplicates("label").set_index("label")["cells"].sort_values(ascending=False)
    table = rows.pivot(index="method", columns="label", values="value").loc[order, sizes.index]
    hardest = table.loc[[m for m in order if m in comparison.rivals]].max()
    table = table.rename(index=title)
    chance = rows.groupby("label")["chance"].mean().loc[sizes.index]
    if chance.notna().any():
        table.loc[CHANCE] = chance
    ends = table.agg(["min", "max"], axis=1).reset_index(names="title")
    table.columns = [f"{label} ({n:,.0f})" for label, n in sizes.items()]
    shown = table.T if narrow() or len(sizes) > 2 * len(order) else table
    drawn, axis = plt.subplots(figsize=(width(), 1.6 + 0.27 * len(shown)))
    many = shown.shape[1] > (5 if narrow() else 14)
    options = {"annot": True, "fmt": ".1f" if many else ".2f", "annot_kws": {"size": 8.5}, "cbar": False}
    sns.heatmap(shown, cmap="Blues", vmin=0, vmax=2.2, linewidths=0.5, ax=axis, **options)
    axis.set_xticks(axis.get_xticks(), shown.columns, rotation=45, ha="right", rotation_mode="anchor")
    axis.set_yticks(axis.get_yticks(), shown.index, rotation=0)
    axis.set(xlabel="", ylabel="")
    axis.tick_params(length=0)
    said = ""
    if len(hardest):
        least, label = hardest.min(), hardest.idxmin()
        said = f"The hardest type is {label}: no method that competes gets beyond {least:.2f}. "
    return (
        drawn,
        f"Each method and each hidden cell type of {comparison.dataset}: "
        f"{words(ends, '{title} from {min:.2f} to {max:.2f}')}.",
        f"{said}{cells_of(comparison)} In brackets how many of a type there are.",
        rest,
    )


@figure
def titration(comparison: Comparison, *, only: Sequence[str] | None = None):
    """Draw the share of types that are found against the number of their cells that are kept, by both rules."""
    table = comparison.discovery
    if table.empty:
        return NOTHING
    titrated = set(table.loc[table["metric"].isin(TITRATED), "method"])
    order, rest = in_one_figure([m for m in comparison.listed if m in titrated] if only is None else only)
    table = table[table["metric"].isin(TITRATED) & (table["label"] == "") & table["method"].isin(order)]
    table = table.assign(style=table["method"].map(title)).sort_values("cells", kind="stable")
    styles = {title(m): style(m) for m in order}
    ticks = {n: f"{n:.0f}" for n in sorted(table["cells"].unique())}
    drawn = curves(
        table, styles, bands=True, x="cells", xlabel="cells of the type that are kept",
        ylabel="share of types found", ticks=ticks, log=True, titles=TITLES, col="metric", col_order=list(TITRATED),
        columns=2, height=2.9, ylim=(-0.04, 1.04), named=True,
    )  # fmt: skip
    last = table[table["cells"] == table["cells"].max()]
    numbers = [
        f"{row.style} {TITLES[row.metric]} at {row.cells:.0f} cells: {row.value:.0%}"
        for row in last.itertuples()
    ]
    best = last[last["method"].isin(comparison.rivals)].groupby("metric")["value"].max()
    said = "; ".join(f"{TITLES[m]}, at most {best[m]:.0%}" for m in TITRATED if m in best.index)
    if said:
        said = f"Of the types with {last['cells'].max():.0f} cells left, methods that compete find: {said}. "
    alt = f"Share of the cell types of {comparison.dataset} that are found. {'; '.join(numbers)}."
    return drawn, alt, said + cells_of(comparison), rest
