"""What networks and baselines say of hidden genes."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from zslib import methods, metrics
from zslib.frozen.ledger import mark
from zslib.plots.theme import THEME, show
from zslib.studies.expression.cards import CARDS, CEILING

BASELINES = {
    "mean": ("#999999", "x"),
    "gene mean": ("#000000", "D"),
    "nearest cells": ("#E69F00", "v"),
    "PCA": ("#56B4E9", "s"),
    "ridge": ("#0072B2", "o"),
    "scVI": ("#D55E00", "P"),
    CEILING: ("#009E73", "^"),
}
"""Color and marker of each baseline, the same in every figure."""
LOWEST = -0.6
"""Where an axis of R² ends: what lies below is marked at its edge."""


def expression_levels(curves: Sequence[pd.DataFrame], scale: str) -> None:
    """Draw what is predicted of hidden expressed genes by what is true, one panel a network and dataset.

    Parameters
    ----------
    curves
        Tables of :class:`zslib.studies.expression.protocol.Found`, one a dataset.
    scale
        ``bins`` or ``ranks``; scales whose names begin so.
    """
    tables = [t[t["scale"].str.startswith(scale)] for t in curves]
    tables = [t for t in tables if len(t)]
    networks = list(dict.fromkeys(n for t in tables for n in t["network"] if n))
    if not networks:
        print("No network was asked on this scale, so there is nothing to draw.")
        return
    top, said = (50.0 if scale == "bins" else 1.0), []
    columns, lines = min(3, len(networks)), -(-len(networks) // 3) * len(tables)
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(1.2 + 2.7 * columns, 0.9 + 2.3 * lines))
        axes = figure.subplots(lines, columns, squeeze=False)
        panels = iter(axes.flat)
        for table in tables:
            for start in range(0, len(networks), columns):
                for axis, network in zip(
                    (next(panels) for _ in range(columns)), networks[start : start + columns], strict=False
                ):
                    rows = table[table["predictor"] == network]
                    if len(rows):
                        _level_panel(axis, table, rows, network, top)
                        said.append(_ends(rows, network))
        for axis in axes.flat:
            axis.set_visible(axis.has_data())
        axes[0, 0].legend(loc="upper left", fontsize=7)
        figure.supxlabel("true value of a hidden, expressed gene", fontsize=9)
        figure.supylabel("predicted value", fontsize=9)
        figure.tight_layout()
    show(figure, "Predicted against true value of hidden genes, with the identity line. " + " ".join(said))


def hidden_genes(scores: pd.DataFrame, scale: str, names: Sequence[str]) -> None:
    """Draw scores by the share of genes that is hidden: one panel a score, one line a predictor."""
    table = scores[(scores["scale"] == scale) & scores["value"].notna()]
    names = [name for name in names if (table["score"] == name).any()]
    if not names:
        print(f"No network was asked for {scale}, so there is nothing to draw.")
        return
    order = [p for p in table["predictor"].unique() if p.count(",") == 0]
    said = []
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(9, 3.1))
        axes = figure.subplots(1, len(names), squeeze=False)[0]
        for axis, name in zip(axes, names, strict=True):
            for place, predictor in enumerate(order):
                rows = table[(table["predictor"] == predictor) & (table["score"] == name)]
                if len(rows):
                    _share_line(axis, rows, predictor, (place - len(order) / 2) * 0.006, name == "r2")
            shown = table[(table["score"] == name) & table["predictor"].isin(order)]
            if name == "r2":
                axis.set_ylim(max(LOWEST, shown["ci_low"].min()) - 0.08, 1.02)
                axis.axhline(0, color="#444444", linewidth=0.8)
            axis.set(title=CARDS[name].title, xlabel="share of genes hidden", xlim=(0, 1))
            axis.grid(axis="y", color="#e5e5e5", linewidth=0.7)
            said.append(_best(shown, name))
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(
            handles, labels, loc="lower center", ncols=min(5, len(labels)), bbox_to_anchor=(0.5, -0.16)
        )
        figure.tight_layout()
    show(figure, "Scores of hidden genes by the share that is hidden, 95 % intervals. " + " ".join(said))


def style(predictor: str) -> tuple[str, str]:
    """Color and marker of a baseline, or of a network by the card of its method."""
    if predictor in BASELINES:
        return BASELINES[predictor]
    card = methods.card(predictor)
    return card.color, card.marker


def _level_panel(axis, table: pd.DataFrame, rows: pd.DataFrame, network: str, top: float) -> None:
    axis.plot([0, top], [0, top], ":", color="#444444", linewidth=1, label="identity")
    scale = rows["scale"].iloc[0]
    for name, line in (("mean", "--"), ("gene mean", "-"), ("ridge", "-")):
        some = table[(table["predictor"] == name) & (table["scale"] == scale)]
        axis.plot(some["true"], some["predicted"], line, color=style(name)[0], linewidth=1.2, label=name)
    color = "#D55E00"  # each network has its own panel
    axis.fill_between(rows["true"], rows["low"], rows["high"], color=color, alpha=0.2, linewidth=0)
    axis.plot(rows["true"], rows["predicted"], "o-", color=color, markersize=3.5, label="network")
    axis.set(xlim=(0, top), ylim=(-0.04 * top, 1.04 * top))
    dataset = rows["dataset"].iloc[0]
    axis.set_title(f"{network}\non {dataset}{mark(network, dataset)}", fontsize=8.5)


def _share_line(axis, rows: pd.DataFrame, predictor: str, offset: float, cut: bool) -> None:
    color, marker = style(predictor)
    x = rows["fraction"] + offset
    below = (rows["value"] < LOWEST).to_numpy() & cut
    value = rows["value"].where(~below)
    errors = np.abs(np.stack([value - rows["ci_low"], rows["ci_high"] - value]))
    axis.errorbar(
        x,
        value,
        errors,
        color=color,
        marker=marker,
        markersize=4.5,
        linewidth=1.1,
        elinewidth=0.8,
        label=predictor,
    )
    if below.any():
        axis.plot(
            x[below], np.full(below.sum(), LOWEST - 0.05), "v", color=color, markersize=5, clip_on=False
        )


def _ends(rows: pd.DataFrame, network: str) -> str:
    low, high = rows.iloc[0], rows.iloc[-1]
    return (
        f"{network} on {rows['dataset'].iloc[0]}: from {low.predicted:.2f} where the truth is {low.true:.2f} "
        f"to {high.predicted:.2f} where it is {high.true:.2f}."
    )


def _best(rows: pd.DataFrame, name: str) -> str:
    means = rows.groupby("predictor", sort=False)["value"].mean()
    return (
        f"{CARDS[name].title}, mean over shares: " + ", ".join(f"{p} {v:.2f}" for p, v in means.items()) + "."
    )


def objective_and_embedding(found: Sequence, runs: Sequence, metric: str) -> None:
    """Draw how well networks predict hidden genes against how well they embed the same cells.

    Parameters
    ----------
    found
        A :class:`zslib.studies.expression.protocol.Found` a dataset.
    runs
        The :class:`zslib.results.comparison.Comparison` of each dataset.
    metric
        Which score of the embedding.
    """
    by_name = {run.dataset: run for run in runs}
    points = []
    for table in found:
        for network, dataset, x in _predicted(table.scores):
            run = by_name.get(dataset)
            if run is not None and network in run.ran and run.value(network, metric) is not None:
                points.append((network, dataset, x, run.value(network, metric)))
    if not points:
        print("No network was both asked for expression and embedded here, so there is nothing to draw.")
        return
    datasets = list(dict.fromkeys(dataset for _, dataset, _, _ in points))
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(1.2 + 2.7 * len(datasets), 3.2))
        axes = figure.subplots(1, len(datasets), sharex=True, sharey=True, squeeze=False)[0]
        for axis, name in zip(axes, datasets, strict=True):
            for network, dataset, x, y in points:
                if dataset == name:
                    color, marker = style(network)
                    bars = [
                        [[x.value - x.ci_low], [x.ci_high - x.value]],
                        [[y.value - y.ci_low], [y.ci_high - y.value]],
                    ]
                    axis.errorbar(
                        x.value, y.value, xerr=bars[0], yerr=bars[1], color=color, marker=marker, linestyle=""
                    )
                    axis.annotate(network, (x.value, y.value), (4, 5), textcoords="offset points", fontsize=7)
            axis.axvline(0, color="#444444", linewidth=0.8)
            axis.set(title=name, xlabel=f"{CARDS['gene_correlation'].title}\n(hidden genes)")
        axes[0].set_ylabel(metrics.CARDS[metric].title)
        figure.tight_layout()
    said = [f"{n} on {d}: {x.value:.2f} and {y.value:.2f}" for n, d, x, y in points]
    show(
        figure,
        f"{CARDS['gene_correlation'].title} of hidden genes against {metrics.CARDS[metric].title} of the embedding, "
        f"95 % intervals. {'; '.join(said)}.",
    )


def _predicted(scores: pd.DataFrame) -> list[tuple]:
    """Network, dataset, and its score of ranking cells by hidden genes at the first share that was asked."""
    rows = scores[(scores["score"] == "gene_correlation") & (scores["predictor"] == scores["network"])]
    rows = rows[(rows["network"] != "") & rows["value"].notna()].groupby("network", sort=False).first()
    return [(row.Index, row.dataset, row) for row in rows.itertuples()]
