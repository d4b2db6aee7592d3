"""What networks and baselines say of hidden genes."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import pandas as pd

from zslib import metrics
from zslib.frozen.ledger import mark
from zslib.plots import theme
from zslib.plots.draw import curves, legend
from zslib.plots.theme import DARK, Style, figure, words
from zslib.studies.expression.cards import CARDS, CEILING

BASELINES = {
    "mean": Style("#999999", "x"),
    "gene mean": Style("#000000", "D"),
    "nearest cells": Style("#E69F00", "v"),
    "PCA": Style("#56B4E9", "s"),
    "ridge": Style("#0072B2", "o"),
    "scVI": Style("#D55E00", "P"),
    CEILING: Style("#009E73", "^"),
}
"""Color and marker of each baseline, the same in every figure."""
LEVELS = {
    "identity": Style(DARK, "", ":"),
    "mean": BASELINES["mean"]._replace(marker="", line="--"),
    "gene mean": BASELINES["gene mean"]._replace(marker=""),
    "ridge": BASELINES["ridge"]._replace(marker=""),
    "network": Style("#D55E00"),  # each network has its own panel
}
LOWEST = -0.6
"""Where an axis of R² ends: what lies below is marked at its edge."""


def style(predictor: str) -> Style:
    """Color and marker of a baseline, or of a network by the card of its method."""
    return BASELINES.get(predictor) or theme.style(predictor)


@figure
def expression_levels(curves_of: Sequence[pd.DataFrame], scale: str):
    """Draw what is predicted of hidden expressed genes by what is true, one panel a network and dataset.

    Parameters
    ----------
    curves_of
        Tables of :class:`zslib.studies.expression.protocol.Found`, one a dataset.
    scale
        ``bins`` or ``ranks``; scales whose names begin so.
    """
    tables = [t[t["scale"].str.startswith(scale)] for t in curves_of]
    tables = [t for t in tables if len(t)]
    networks = list(dict.fromkeys(n for t in tables for n in t["network"] if n))
    if not networks:
        return "No network was asked on this scale, so there is nothing to draw."
    top, columns = (50.0 if scale == "bins" else 1.0), min(3, len(networks))
    lines, titles, numbers = [], {}, []
    for table in tables:
        for network in networks:
            rows = table[table["predictor"] == network]
            panel = len(titles)
            titles[panel] = ""
            if len(rows):
                dataset = rows["dataset"].iloc[0]
                titles[panel] = f"{network}\non {dataset}{mark(network, dataset)}"
                same_scale = table[table["scale"] == rows["scale"].iloc[0]]
                lines += [_levels(same_scale, network, top).assign(panel=panel)]
                numbers.append(_ends(rows, network, dataset))
        titles |= {len(titles) + i: "" for i in range(-len(titles) % columns)}  # a new line for each dataset
    size = (min(9, 1.2 + 2.7 * columns), 0.9 + 2.3 * len(titles) / columns)
    how = {"col": "panel", "col_order": list(titles), "col_wrap": columns, "bands": True, "titles": titles}
    drawn = curves(pd.concat(lines), LEVELS, size, x="true", **how)
    for panel, axis in drawn.axes_dict.items():
        axis.set_visible(bool(titles[panel]))
        axis.set(xlim=(0, top), ylim=(-0.04 * top, 1.04 * top))
    drawn.figure.supxlabel("true value of a hidden, expressed gene")
    drawn.figure.supylabel("predicted value")
    legend(drawn.figure, LEVELS, loc="outside upper center", ncols=len(LEVELS))
    start = "Predicted against true value of hidden genes, with the identity line. "
    return drawn, start + " ".join(numbers)


@figure
def hidden_genes(scores: pd.DataFrame, scale: str, names: Sequence[str]):
    """Draw scores by the share of genes that is hidden: one panel a score, one line a predictor."""
    table = scores[(scores["scale"] == scale) & scores["value"].notna()]
    names = [name for name in names if (table["score"] == name).any()]
    if not names:
        return f"No network was asked for {scale}, so there is nothing to draw."
    order = [p for p in table["predictor"].unique() if "," not in p]
    table = table[table["predictor"].isin(order) & table["score"].isin(names)]
    # Side by side, or the intervals of one share would hide each other.
    places = table["predictor"].map({p: (i - len(order) / 2) * 0.006 for i, p in enumerate(order)})
    table = table.assign(style=table["predictor"], place=table["fraction"] + places)
    below = (table["score"] == "r2") & (table["value"] < LOWEST)
    styles = {p: style(p) for p in order}
    titles = {name: CARDS[name].title for name in names}
    within = table.assign(value=table["value"].mask(below), ci_low=table["ci_low"].mask(below))
    how = {"col": "score", "col_order": names, "sharey": False, "xlim": (0, 1), "titles": titles}
    drawn = curves(within, styles, (9, 3), x="place", xlabel="share of genes hidden", **how)
    for name, axis in drawn.axes_dict.items():
        if name == "r2":
            axis.set_ylim(max(LOWEST, table.loc[table["score"] == name, "ci_low"].min()) - 0.08, 1.02)
            axis.axhline(0, color=DARK, linewidth=0.8)
            for row in table[below].itertuples():
                axis.plot(row.place, LOWEST - 0.05, "v", color=styles[row.style].color, markersize=5, clip_on=False)  # fmt: skip
    legend(drawn.figure, styles, loc="outside lower center", ncols=4)
    means = table.groupby(["score", "predictor"], sort=False)["value"].mean().reset_index("predictor")
    numbers = " ".join(
        f"{titles[name]}, mean over shares: {words(means.loc[[name]], '{predictor} {value:.2f}', ', ')}."
        for name in names
    )
    return drawn, f"Scores of hidden genes by the share that is hidden, 95 % intervals. {numbers}"


@figure
def objective_and_embedding(predictions: Sequence, runs: Sequence, metric: str):
    """Draw how well networks predict hidden genes against how well they embed the same cells.

    Parameters
    ----------
    predictions
        A :class:`zslib.studies.expression.protocol.Found` a dataset.
    runs
        The :class:`zslib.results.comparison.Comparison` of each dataset.
    metric
        Which score of the embedding.
    """
    by_name = {run.dataset: run for run in runs}
    points = []
    for table in predictions:
        for network, dataset, x in _predicted(table.scores):
            run = by_name.get(dataset)
            if run is not None and network in run.ran and (y := run.value(network, metric)) is not None:
                points.append((network, dataset, x, y))
    if not points:
        return "No network was both asked for expression and embedded here, so there is nothing to draw."
    datasets = list(dict.fromkeys(dataset for _, dataset, _, _ in points))
    networks = {network: style(network)._replace(line="") for network, *_ in points}
    size = (min(9, 1.2 + 3.9 * len(datasets)), 3.4)
    drawn, axes = plt.subplots(1, len(datasets), figsize=size, sharex=True, sharey=True, squeeze=False)
    panels = dict(zip(datasets, axes[0], strict=True))
    for network, dataset, *ends in points:
        x, y = ends
        errors = [[[end.value - end.ci_low], [end.ci_high - end.value]] for end in ends]
        color, marker = networks[network][:2]
        panels[dataset].errorbar(x.value, y.value, errors[1], errors[0], color=color, marker=marker)
        panels[dataset].annotate(
            network, (x.value, y.value), (4, 5), textcoords="offset points", size="small"
        )
    title = CARDS["gene_correlation"].title
    for name, axis in panels.items():
        axis.axvline(0, color=DARK, linewidth=0.8)
        axis.set(title=name, xlabel=f"{title},\nbeyond the gene mean's")
    axes[0, 0].set_ylabel(metrics.CARDS[metric].title)
    numbers = "; ".join(f"{n} on {d}: {x.value:.2f} and {y.value:.2f}" for n, d, x, y in points)
    return drawn, (
        f"{title} of hidden genes beyond that of the gene mean against {metrics.CARDS[metric].title} of the embedding, 95 % intervals. {numbers}."
    )


def _levels(table: pd.DataFrame, network: str, top: float) -> pd.DataFrame:
    """The lines of one panel; only that of the network has a band."""
    identity = pd.DataFrame({"style": "identity", "true": [0, top], "predicted": [0, top]})
    simple = table[table["predictor"].isin(list(LEVELS))].assign(style=lambda t: t["predictor"])
    own = table[table["predictor"] == network].assign(style="network")
    lines = [identity, simple[["style", "true", "predicted"]], own]
    return pd.concat(lines).rename(columns={"predicted": "value", "low": "ci_low", "high": "ci_high"})


def _ends(rows: pd.DataFrame, network: str, dataset: str) -> str:
    low, high = rows.iloc[0], rows.iloc[-1]
    return (
        f"{network} on {dataset}: from {low.predicted:.2f} where the truth is {low.true:.2f} to "
        f"{high.predicted:.2f} where it is {high.true:.2f}."
    )


def _predicted(scores: pd.DataFrame) -> list[tuple]:
    """Network, dataset, and its score of ranking cells by hidden genes beyond the gene mean, at the first share asked.

    The gene mean knows nothing of the cell but, on ranks, where its masks stand. It is taken for a fixed number.
    """
    rows = scores[(scores["score"] == "gene_correlation") & scores["value"].notna()]
    floor = rows[rows["predictor"] == "gene mean"].set_index(["scale", "fraction"])["value"]
    rows = rows[(rows["predictor"] == rows["network"]) & (rows["network"] != "")]
    rows = rows.groupby("network", sort=False, as_index=False).first()
    ends = ["value", "ci_low", "ci_high"]
    rows[ends] = rows[ends].sub(
        floor.loc[list(zip(rows["scale"], rows["fraction"], strict=True))].to_numpy(), axis=0
    )
    return [(row.network, row.dataset, row) for row in rows.itertuples()]
