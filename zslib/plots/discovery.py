"""Whether a cell type that is hidden is found."""

import matplotlib.pyplot as plt
import seaborn as sns

from zslib.metrics.discovery.titration import TITRATED
from zslib.plots.draw import curves, legend
from zslib.plots.theme import figure, style, title, words
from zslib.results.comparison import Comparison
from zslib.results.report.discovery import headline

TITLES = {"found_by_distance": "far from the reference", "found_by_cluster": "a cluster of its own"}
CHANCE = "labels shuffled"
NOTHING = "No method ran here, so there is nothing to draw."


@figure
def hidden_types(comparison: Comparison, metric: str | None = None, *, space: str = "native"):
    """Draw one metric for every method and every hidden type as a table of shades with the numbers in it.

    By default that is the novelty of :func:`zslib.results.report.discovery.headline`. Last stands what the methods reach on
    average if the labels are shuffled.
    """
    metric = metric or headline(comparison)
    rows = comparison.discovery.query("metric == @metric and space == @space and label != ''")
    rows = rows[rows["method"].isin(comparison.listed)]
    if rows.empty:
        return NOTHING
    order = [m for m in comparison.listed if m in set(rows["method"])]
    sizes = rows.drop_duplicates("label").set_index("label")["cells"].sort_values(ascending=False)
    table = rows.pivot(index="method", columns="label", values="value").loc[order, sizes.index]
    drawn, axis = plt.subplots(figsize=(9, 2 + 0.33 * len(order)), layout="constrained")
    names = [f"{label} ({n:,.0f})" for label, n in sizes.items()]
    chance, rows_of = rows.groupby("label")["chance"].mean().loc[sizes.index], [*map(title, order)]
    if chance.notna().any():
        table.loc[CHANCE], rows_of = chance, [*rows_of, CHANCE]
    options = {"annot": True, "fmt": ".2f", "annot_kws": {"size": "small"}, "cbar_kws": {"pad": 0.015}}
    sns.heatmap(table, cmap="cividis", vmin=0, vmax=1, yticklabels=rows_of, ax=axis, **options)
    axis.set_xticks(axis.get_xticks(), names, rotation=35, ha="right", rotation_mode="anchor")
    axis.set(xlabel="", ylabel="")
    axis.tick_params(length=0)
    ends = table.agg(["min", "max"], axis=1).reset_index(names="method").assign(title=rows_of)
    return drawn, (
        f"Each method (row) and each hidden cell type (column) of {comparison.dataset}: "
        f"{words(ends, '{title} from {min:.2f} to {max:.2f}')}."
    )


@figure
def titration(comparison: Comparison):
    """Draw the share of types that are found against the number of their cells that are kept, by both rules."""
    table = comparison.discovery
    if table.empty:
        return NOTHING
    titrated = set(table.loc[table["metric"].isin(TITRATED), "method"])
    order = [m for m in comparison.listed if m in titrated]
    table = table[table["metric"].isin(TITRATED) & (table["label"] == "") & table["method"].isin(order)]
    table = table.assign(style=table["method"].map(title)).sort_values("cells", kind="stable")
    styles = {title(m): style(m) for m in order}
    ticks = {n: f"{n:.0f}" for n in sorted(table["cells"].unique())}
    drawn = curves(
        table, styles, (9, 3.5), x="cells", xlabel="cells of the type that are kept", ylabel="share found", ticks=ticks,
        log=True, bands=True, titles=TITLES, col="metric", col_order=list(TITRATED), ylim=(-0.03, 1.03),
    )  # fmt: skip
    legend(drawn.figure, styles)
    numbers = [
        f"{name} {TITLES[metric]} at {last['cells']:.0f} cells: {last['value']:.0%}"
        for metric in TITRATED
        for name in styles
        for _, last in table[(table["metric"] == metric) & (table["style"] == name)].tail(1).iterrows()
    ]
    return (
        drawn,
        f"Share of the cell types of {comparison.dataset} that are found. " + "; ".join(numbers) + ".",
    )
