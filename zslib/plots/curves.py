"""How a number changes with a setting or with time."""

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from zslib.plots.captions import in_one_figure
from zslib.plots.draw import curves
from zslib.plots.theme import OKABE_ITO, Style, figure, style, title, words

BLUE, ORANGE = OKABE_ITO[:2]


@figure
def sweep(table: pd.DataFrame, n_cells: int):
    """Draw how agreement of so many cells with their labels depends on the clustering's resolution; a dot is the best."""
    table = table[(table["space"] == "native") & table["algorithm"].isin(["louvain", "leiden"])]
    table = table.assign(style=table["algorithm"].str.capitalize(), value=table["nmi"])
    table = table.sort_values(["style", "resolution"], ascending=[False, True])
    styles = {"Louvain": Style(BLUE, ""), "Leiden": Style(ORANGE, "", "--")}
    labels = {"xlabel": "resolution", "ylabel": "NMI with the labels"}
    drawn = curves(table, styles, x="resolution", named=True, **labels)
    best = table[table["chosen"]].drop_duplicates("style")
    for row in best.itertuples():
        drawn.ax.plot(row.resolution, row.value, "o", color=styles[row.style].color)
    numbers = words(best, "{style} best at {resolution:.1f} with {n_clusters} clusters")
    caption = f"Whoever knows the labels can choose the resolution (dots): {numbers}. {n_cells:,} cells."
    return drawn, f"NMI against clustering resolution: {numbers}.", caption


@figure
def stability(table: pd.DataFrame, *, only: Sequence[str] | None = None):
    """Draw whether clusters stay when cells are left out, by resolution, a line a method.

    Parameters
    ----------
    table
        Columns method, resolution, n_clusters and stability.
    only
        Methods to draw.
    """
    names, rest = in_one_figure(list(dict.fromkeys(table["method"])) if only is None else only)
    table = table[table["method"].isin(names)]
    table = table.assign(style=table["method"].map(title), value=table["stability"])
    styles = {title(name): style(name) for name in names}
    labels = {"xlabel": "resolution", "ylabel": "stability of clusters (ARI)"}
    drawn = curves(table, styles, x="resolution", ylim=(-0.03, 1.03), height=3, named=True, **labels)
    ends = table.groupby("style", sort=False)["value"].agg(["min", "max"]).reset_index()
    first = ends.loc[ends["max"].idxmax()]
    return (
        drawn,
        f"Stability of Leiden clusters by resolution: {words(ends, '{style} from {min:.2f} to {max:.2f}')}.",
        f"The most stable clusters are those of {first['style']}: an ARI of {first['max']:.2f} when cells are left out.",
        rest,
    )


@figure
def training(history: Mapping, n_cells: int):
    """Draw a method's loss over its epochs, on those of so many cells that it fits and on those held out."""
    styles = {"train": Style(BLUE, ""), "held out": Style(ORANGE, "", "--")}
    losses = {name: history[name.replace(" ", "_")] for name in styles}
    table = pd.concat(
        [pd.DataFrame({"style": n, "value": v, "epoch": np.arange(len(v)) + 1}) for n, v in losses.items()]
    )
    ylabel = textwrap.fill(history["unit"], 25)
    drawn = curves(table, styles, x="epoch", xlabel="epoch", ylabel=ylabel, height=2.4, named=True)
    held_out, n = losses["held out"], len(losses["train"])
    lowest = np.argmin(held_out) + 1
    said = f"the held-out loss is lowest at the last epoch, {n} ({min(held_out):.0f}){', and still falling' * (n > 1)}"
    if lowest < n:
        said = f"the held-out loss is lowest at epoch {lowest} of {n} ({min(held_out):.0f}) and ends at {held_out[-1]:.0f}"
    return (
        drawn,
        f"Training curve over {n} epochs; {said}.",
        f"{said[0].upper()}{said[1:]}. {n_cells:,} cells.",
    )
