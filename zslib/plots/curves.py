"""How a number changes with a setting or with time."""

from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from zslib.plots.house import HOUSE, show


def sweep(table: pd.DataFrame, *, space: str = "native") -> None:
    """Draw how agreement with the labels depends on the clustering's resolution."""
    with mpl.rc_context(HOUSE):
        figure = Figure(figsize=(6.5, 2.8))
        axis = figure.subplots()
        said = []
        for algorithm, style, color in (("louvain", "-", "#0072B2"), ("leiden", "--", "#D55E00")):
            rows = table.query("algorithm == @algorithm and space == @space")
            best = rows[rows["chosen"]].iloc[0]
            axis.plot(rows["resolution"], rows["nmi"], style, color=color, label=algorithm.capitalize())
            axis.plot(best["resolution"], best["nmi"], "o", color=color)
            said.append(
                f"{algorithm.capitalize()} best at {best['resolution']:.1f} with {best['n_clusters']} clusters"
            )
        axis.set(xlabel="resolution", ylabel="NMI with the labels")
        axis.legend()
    show(figure, f"NMI against clustering resolution: {'; '.join(said)}.")


def training(history: Mapping) -> None:
    """Draw a method's loss over its epochs, on cells it fits and on cells held out."""
    with mpl.rc_context(HOUSE):
        figure = Figure(figsize=(6.5, 2.6))
        axis = figure.subplots()
        for name, style, color in (("train", "-", "#0072B2"), ("held_out", "--", "#D55E00")):
            axis.plot(
                np.arange(1, len(history[name]) + 1),
                history[name],
                style,
                color=color,
                label=name.replace("_", " "),
            )
        axis.set(xlabel="epoch", ylabel=history["unit"].replace(" (", "\n("))
        axis.legend()
    end = history["held_out"][-1]
    show(figure, f"Training curve over {len(history['train'])} epochs; the held-out loss ends at {end:.0f}.")
