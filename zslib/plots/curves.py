"""How a number changes with a setting or with time."""

from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from zslib.plots.theme import THEME, show


def sweep(table: pd.DataFrame, *, space: str = "native") -> None:
    """Draw how agreement with the labels depends on the clustering's resolution."""
    with mpl.rc_context(THEME):
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


def learning(table: pd.DataFrame) -> None:
    """Draw how a network's objective and its embeddings change while it is trained.

    Parameters
    ----------
    table
        From :func:`zslib.studies.expression.learning.read`.
    """
    if table.empty:
        print("No network was looked at while it was trained in this build.")
        return
    groups, said = list(table.groupby(["dataset", "what"], sort=False)), []
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(max(5.5, 2.9 * len(groups)), 2.7))
        axes = figure.subplots(1, len(groups), squeeze=False)[0]
        for axis, ((dataset, what), rows) in zip(axes, groups, strict=True):
            color, marker = ("#D55E00", "s") if what == "objective" else ("#0072B2", "o")
            place, errors = np.arange(len(rows)), rows[["ci_low", "ci_high"]].sub(rows["value"], axis=0).abs()
            axis.errorbar(place, rows["value"], errors.to_numpy().T, color=color, marker=marker, markersize=5)
            axis.set_xticks(place, [f"{step:,}" for step in rows["step"]])
            title = "loss on held-out cells (nats)" if what == "objective" else f"AvgBIO on {dataset}"
            axis.set(title=title, xlabel="steps of pre-training")
            axis.grid(axis="y", color="#e5e5e5", linewidth=0.7)
            said.append(f"{title} from {rows['value'].iloc[0]:.2f} to {rows['value'].iloc[-1]:.2f}")
        embedded = table[table["what"] != "objective"]
        if len(embedded):
            low, high = embedded["ci_low"].min(), embedded["ci_high"].max()
            for axis in axes[1:]:
                axis.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
        figure.tight_layout()
    steps = table["step"]
    show(
        figure,
        f"Over steps {steps.min():,} to {steps.max():,} of pre-training, 95 % intervals: {'; '.join(said)}.",
    )


def training(history: Mapping) -> None:
    """Draw a method's loss over its epochs, on cells it fits and on cells held out."""
    with mpl.rc_context(THEME):
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
