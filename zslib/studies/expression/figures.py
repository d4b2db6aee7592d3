"""What networks and baselines say of hidden genes."""

from collections.abc import Iterable, Sequence
from textwrap import fill

import pandas as pd
from scipy.stats import kendalltau

from zslib import metrics
from zslib.frozen.ledger import mark
from zslib.plots import theme
from zslib.plots.draw import curves, intervals, legend
from zslib.plots.theme import DARK, Style, figure, narrow, width, words
from zslib.results.report.words import join
from zslib.studies.expression.cards import CARDS, CEILING

BASELINES = {
    "mean": Style("#888888", "x"),
    "gene mean": Style("#000000", "D"),
    "nearest cells": Style("#0F857A", "v"),
    "PCA": Style("#3A5FA8", "s"),
    "ridge": Style("#3F97C9", "o"),
    "scVI": Style("#1A2466", "P"),
    CEILING: Style("#6F6F6F", "^"),
}
"""Color and marker of each baseline, the same in every figure."""
LEVELS = {
    "identity": Style(DARK, "", ":"),
    "mean": BASELINES["mean"]._replace(marker="", line="--"),
    "gene mean": BASELINES["gene mean"]._replace(marker=""),
    "ridge": BASELINES["ridge"]._replace(marker=""),
    "network": Style("#D2602A"),  # each network has its own panel
}
LOWEST = -0.6
"""Where an axis of R² ends: what lies below stands empty at its edge."""


def style(predictor: str) -> Style:
    """Color and marker of a baseline, or of a network by the card of its method."""
    return BASELINES.get(predictor) or theme.style(predictor)


@figure
def expression_levels(curves_of: Sequence[pd.DataFrame], scale: str):
    """Draw what is predicted of hidden expressed genes by what is true, one panel a network and dataset.

    Parameters
    ----------
    curves_of
        Tables of :class:`zslib.studies.expression.results.PredictionScores`, one a dataset.
    scale
        ``bins`` or ``ranks``; scales whose names begin so.
    """
    tables = [t[t["scale"].str.startswith(scale)] for t in curves_of]
    tables = [t for t in tables if len(t)]
    networks = list(dict.fromkeys(n for t in tables for n in t["network"] if n))
    if not networks:
        return "No network was asked on this scale, so there is nothing to draw."
    top, columns = (50.0 if scale == "bins" else 1.0), min(2 if narrow() else 4, len(networks))
    lines, titles, numbers, rises = [], {}, [], {}
    for table in tables:
        for network in networks:
            rows = table[table["predictor"] == network]
            panel = len(titles)
            titles[panel] = ""
            if len(rows):
                dataset = rows["dataset"].iloc[0]
                name = f"{_name(network)} on {dataset}"
                titles[panel] = fill(name + mark(network, dataset), int(8 * width() / columns))
                same_scale = table[table["scale"] == rows["scale"].iloc[0]]
                lines += [_levels(same_scale, network, top).assign(panel=panel)]
                levels = rows[["true", "predicted"]]
                low, high = levels.iloc[0], levels.iloc[-1]
                numbers.append(
                    f"{name}: from {low.predicted:.2f} where the truth is {low.true:.2f} to "
                    f"{high.predicted:.2f} where it is {high.true:.2f}."
                )
                rise = (high.predicted - low.predicted) / (high.true - low.true)
                rises[name] = rise, rows["n"].sum()
        titles |= {len(titles) + i: "" for i in range(-len(titles) % columns)}  # a new line for each dataset
    how = {"col": "panel", "col_order": list(titles), "bands": True, "titles": titles, "height": 2.1}
    drawn = curves(pd.concat(lines), LEVELS, x="true", columns=columns * (2 if narrow() else 1), **how)
    for panel, axis in drawn.axes_dict.items():
        axis.set_visible(bool(titles[panel]))
        axis.set(xlim=(0, top), ylim=(-0.04 * top, 1.04 * top))
    drawn.figure.supxlabel("true value of a hidden, expressed gene")
    drawn.figure.supylabel("predicted value")
    legend(drawn.figure, LEVELS)
    start = "Predicted against true value of hidden genes, with the identity line. "
    said = ", ".join(f"{name} {rise:z.0%}" for name, (rise, _) in rises.items())
    caption = (
        f"Of what the truth rises from end to end, predictions rise by: {said}; the dotted line rises by all of it. A line is of "
        f"{_range(n for _, n in rises.values())} hidden genes of all cells together."
    )
    return drawn, start + " ".join(numbers), caption


@figure
def hidden_genes(scores: pd.DataFrame, scale: str, names: Sequence[str], *, between: Sequence[float] = ()):
    """Draw scores of hidden genes, one row a predictor: where fewest genes are hidden (filled) and where most are (empty).

    The shares between them are folded, or drawn if they are given.
    """
    table = scores[(scores["scale"] == scale) & scores["value"].notna()]
    names = [name for name in names if (table["score"] == name).any()]
    if not names:
        return f"No network was asked for {scale}, so there is nothing to draw."
    order = [p for p in table["predictor"].unique() if "," not in p]
    shares = sorted(between or table["fraction"].unique())
    ends, inner = (shares[0], shares[-1]), shares[1:-1]
    table = table[table["predictor"].isin(order) & table["score"].isin(names) & table["fraction"].isin(ends)]
    few = table["fraction"] == ends[0]
    table = table.assign(name=table["predictor"].map(_name))
    floor = table["score"].map(lambda name: LOWEST if name == "r2" else -1.0)
    drawn = intervals(
        table.assign(
            row=table["predictor"], style=table["predictor"], panel=table["score"], filled=few,
            offset=few.map({True: -0.14, False: 0.14}),
            **{end: table[end].clip(lower=floor) for end in ("value", "ci_low", "ci_high")},
        ),
        {p: style(p) for p in order}, {p: _name(p) for p in order}, {name: CARDS[name].title for name in names}, height=0.36,
    )  # fmt: skip
    if "r2" in names:
        drawn.axes_dict["r2"].axvline(0, color=DARK, linewidth=0.8)
    numbers = " ".join(
        f"{CARDS[name].title} with {ends[0]:.0%} hidden: "
        f"{words(table[few & (table['score'] == name)], '{name} {value:.2f}', ', ')}."
        for name in names
    )
    last = CARDS[names[-1]].title
    rivals = table[few & (table["score"] == names[-1]) & (table["predictor"] != CEILING)]
    found = rivals.sort_values("value").iloc[-1]
    most = f" (filled; empty: {ends[1]:.0%})" if ends[1] > ends[0] else ""
    n_cells = table.loc[table["score"] != "gene_correlation", "n"]  # that one counts genes
    return (
        drawn,
        f"Scores of hidden genes, 95 % intervals. {numbers}",
        f"With {ends[0]:.0%} of genes hidden{most}, {found['name']} has the highest {last}: {found['value']:.2f}. "
        f"{_range(n_cells)} cells; lines are 95 % intervals.",
        ("Show the shares between", {"between": inner}) if inner else None,
    )


@figure
def objective_and_embedding(predictions: Sequence, runs: Sequence, metric: str):
    """Draw how well networks predict hidden genes beside how well they embed the same cells, best predictor first.

    Parameters
    ----------
    predictions
        A :class:`zslib.studies.expression.results.PredictionScores` a dataset.
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
    points.sort(key=lambda point: (point[1], -point[2].value))
    titles = {"objective": "predicts hidden genes", metric: "embeds cells"}
    table = pd.DataFrame(
        {"row": f"{_name(n)}, {d}", "style": n, "panel": panel, "dataset": d}
        | {name: getattr(end, name) for name in ("value", "ci_low", "ci_high")}
        for n, d, *ends in points
        for panel, end in zip(titles, ends, strict=True)
    )
    rows = {name: name for name in table["row"].unique()}
    drawn = intervals(table, {n: style(n) for n in table["style"].unique()}, rows, titles, height=0.26)
    drawn.axes_dict["objective"].axvline(0, color=DARK, linewidth=0.8)
    place, title = list(table["dataset"][::2]), CARDS["gene_correlation"].title
    for axis, what in zip(
        drawn.axes.flat, (f"{title},\nbeyond the gene mean's", metrics.CARDS[metric].title), strict=True
    ):
        axis.set_xlabel(what)
        for i in range(1, len(place)):
            if place[i] != place[i - 1]:
                axis.axhline(i - 0.5, color="#bbbbbb", linewidth=0.8)
    asked = _range(n for one in predictions for n in one.scores.query("score == 'r2'")["n"])
    both = table.pivot(index=["dataset", "style"], columns="panel", values="value")
    numbers = "; ".join(f"{_name(n)} on {d}: {x.value:.2f} and {y.value:.2f}" for n, d, x, y in points)
    return (
        drawn,
        f"{title} of hidden genes beyond that of the gene mean beside {metrics.CARDS[metric].title} of the embedding, 95 % intervals. {numbers}.",
        f"{_agreement(both)}On each dataset the best predictor stands first. Predictions are of {asked} cells; lines are 95 % intervals.",
    )


def _agreement(both: pd.DataFrame) -> str:
    """Say how far the two columns have one order of networks on each dataset, and where that is more than chance."""
    tau = {name: kendalltau(*some.to_numpy().T) for name, some in both.groupby("dataset") if len(some) > 1}
    if not tau:
        return ""
    values = ", ".join(f"{name} {found.statistic:+.2f}" for name, found in tau.items())
    told = join([name for name, found in tau.items() if found.pvalue < 0.05]) or "none"
    n = _range(both.groupby("dataset").size()[list(tau)])
    return f"Kendall's τ of the two columns: {values}, of {n} networks each; told from no relation: {told}. "


def _range(counts: Iterable[int]) -> str:
    low, high = min(counts := [int(n) for n in counts]), max(counts)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _name(predictor: str) -> str:
    """What the book calls a baseline or a network."""
    return predictor if predictor in BASELINES else theme.title(predictor)


def _levels(table: pd.DataFrame, network: str, top: float) -> pd.DataFrame:
    """The lines of one panel; only that of the network has a band."""
    identity = pd.DataFrame({"style": "identity", "true": [0, top], "predicted": [0, top]})
    simple = table[table["predictor"].isin(list(LEVELS))].assign(style=lambda t: t["predictor"])
    own = table[table["predictor"] == network].assign(style="network")
    lines = [identity, simple[["style", "true", "predicted"]], own]
    return pd.concat(lines).rename(columns={"predicted": "value", "low": "ci_low", "high": "ci_high"})


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
