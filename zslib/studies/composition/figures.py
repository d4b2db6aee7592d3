"""Learning curves, saturation points and differences, drawn for the page."""

from collections.abc import Mapping
from textwrap import fill

import numpy as np
import pandas as pd

from zslib.plots.draw import curves, intervals, legend
from zslib.plots.theme import GRAY, Style, figure, narrow, words
from zslib.studies.composition.differences import count
from zslib.studies.composition.published import BASELINES, MODELS, SCHEMES
from zslib.studies.composition.saturation import RULES

STYLES = {
    "pre-trained-pca": Style("#3A5FA8", "s"),
    "scvi": Style("#1A2466", "^"),
    "ssl": Style("#000000", "o"),
    "geneformer": Style("#7A1C3C", "<"),
    "scimilarity": Style("#0F857A", "P"),
}
"""Of each model; those of the book's own methods are theirs everywhere."""
LINES = {"hvg": Style("#3F97C9", "", "-"), "pca": Style("#3A5FA8", "", "--")}


@figure
def learning_curves(scores: pd.DataFrame, baselines: pd.DataFrame, models: Mapping, xlabel: str):
    """Draw AvgBIO by size: a row a model, a column a dataset, a dot a seed, a line through the means.

    Parameters
    ----------
    scores
        Columns model, dataset, size, value, suspect.
    baselines
        A row a dataset, columns hvg and pca: scores of the same cells, drawn as lines.
    models
        Title of each model.
    xlabel
        What a size is.
    """
    sizes, datasets = np.sort(scores["size"].unique()), list(baselines.index)
    suspect = scores["suspect"]
    seeds = scores.assign(
        style=scores["model"].mask(suspect, "suspect"), place=np.searchsorted(sizes, scores["size"])
    )
    keys = ["model", "dataset", "style", "place"]
    means = seeds.groupby(keys, as_index=False)["value"].mean()
    lines = {name: style._replace(marker="") for name, style in STYLES.items()} | {"suspect": Style(GRAY, "")}
    ticks = {place: f"{size:g}" for place, size in enumerate(sizes)}
    if narrow():  # a panel a dataset has all models, and their means alone
        drawn = curves(
            means, lines, height=2, x="place", ticks=ticks, titles={name: name for name in datasets}, columns=4,
            col="dataset", col_order=datasets, sharey=False,
        )  # fmt: skip
        panels = [(axis, "", dataset) for dataset, axis in drawn.axes_dict.items()]
    else:
        titles = {(next(iter(models)), dataset): dataset for dataset in datasets}
        drawn = curves(
            means, lines, height=1.45, x="place", ticks=ticks, titles=titles,
            row="model", col="dataset", row_order=list(models), col_order=datasets, sharey="col",
        )  # fmt: skip
        panels = [(axis, *place) for place, axis in drawn.axes_dict.items()]
        for axis, model in zip(drawn.axes[:, 0], models, strict=True):
            axis.set_ylabel(fill(models[model], 17))
    for axis, model, dataset in panels:
        for name, style in LINES.items():
            axis.axhline(baselines.loc[dataset, name], color=style.color, linestyle=style.line, linewidth=1.3)
        axis.tick_params(axis="x", rotation=90)
        here = seeds[(seeds["model"] == model) & (seeds["dataset"] == dataset)]
        if model and here.empty:
            axis.text(0.5, 0.5, "not scored", transform=axis.transAxes, ha="center", color=GRAY)
        elif model:
            options = {"color": lines[here["style"].iloc[0]].color, "marker": STYLES[model].marker}
            axis.scatter(here["place"], here["value"], s=20, alpha=0.6, linewidth=0, **options)
        if here["suspect"].any():
            axis.text(0.97, 0.5, "suspect", transform=axis.transAxes, ha="right", color=GRAY)
    numbers = [
        f"{models[model]} on {dataset} " + ", ".join(f"{v:.2f}" for v in here.groupby("size")["value"].mean())
        for (model, dataset), here in seeds.groupby(["model", "dataset"], sort=False)
    ]
    drawn.figure.supxlabel(xlabel)
    key = {BASELINES[name]: style for name, style in LINES.items()}
    legend(
        drawn.figure, key | {models[m]: STYLES[m]._replace(marker="") for m in models} if narrow() else key
    )
    ends = words(baselines.assign(name=datasets), "{name} {hvg:.2f} and {pca:.2f}", ", ")
    return (
        drawn,
        f"AvgBIO at {', '.join(f'{s:g}' for s in sizes)} ({xlabel}), means over seeds: {'; '.join(numbers)}. HVG and PCA "
        f"of the same cells: {ends}.",
        _gain(seeds[seeds["style"] != "suspect"], sizes, xlabel.split()[0])
        + " Gray curves are suspect." * bool(suspect.any()),
    )


@figure
def differences(panels: Mapping[str, pd.DataFrame], models: Mapping = MODELS):
    """Draw differences with their intervals, a row a model and dataset; hollow where suspect.

    Parameters
    ----------
    panels
        What is subtracted from what → columns model, dataset, suspect, value, ci_low, ci_high.
    models
        Title of each model.
    """
    table = pd.concat([some.assign(panel=name) for name, some in panels.items()], ignore_index=True)
    table["filled"] = ~table["suspect"].astype(bool)
    drawn = _by_model(table, models, {name: name for name in panels}, line=0, xlabel="AvgBIO gained")
    numbers = "; ".join(
        f"{name}: {words(some.replace({'model': dict(models)}), '{model} on {dataset} {value:+.2f}', ', ')}"
        for name, some in panels.items()
    )
    found = {name: count(some) for name, some in panels.items()}
    told = "; ".join(
        f"{name}, {c.above} of {c.n} above zero and {c.below} below" for name, c in found.items()
    )
    alt = f"Differences of AvgBIO with 95 % intervals over seeds. {numbers}."
    return (
        drawn,
        alt,
        f"Models and datasets told from zero: {told}. Lines are 95 % intervals over seeds; empty markers are suspect and not counted.",
    )


@figure
def saturation_points(points: pd.DataFrame):
    """Draw the sizes at which curves saturate by both rules, from :func:`~zslib.studies.composition.saturation.points`."""
    sizes = np.sort(points[["size", "ci_low", "ci_high"]].stack().unique())
    places = {
        to: np.searchsorted(sizes, points[of]).astype(float)
        for to, of in (("value", "size"), ("ci_low", "ci_low"), ("ci_high", "ci_high"))
    }
    none = points["size"].isna()
    table = points.assign(panel=points["rule"], **places)
    table.loc[none, list(places)] = np.nan
    panels = {rule: f"95 % {rule} ({origin})" for rule, origin in zip(RULES, ("as published", "ours"), strict=True)}  # fmt: skip
    drawn = _by_model(table, MODELS, panels, xlabel="% of the corpus", sharex=True)
    rows = list(_rows(points, MODELS))
    for row in points[none].itertuples():
        place = rows.index((row.model, row.dataset))
        drawn.axes_dict[row.rule].annotate("no gain", (0, place), size="small", va="center", ha="center")
    for axis in drawn.axes.flat:
        axis.set_xticks(range(len(sizes)), [f"{s:g}" for s in sizes])
        axis.set_xlim(-0.4, len(sizes) - 0.6)
    points = points.assign(
        title=points["model"].map(MODELS),
        percent=["no gain" if np.isnan(s) else f"{s:g} %" for s in points["size"]],
    )
    numbers = words(points, "{title} on {dataset}, {rule}: {percent}")
    alt = f"Percent of the corpus at which models saturate, 95 % intervals over seeds. {numbers}."
    early = (points["size"] < sizes.max()).groupby(points["rule"]).sum()
    said = " and ".join(
        f"{early[rule]} by {whose}" for rule, whose in zip(RULES, ("the published rule", "ours"), strict=True)
    )
    return (
        drawn,
        alt,
        f"Of {len(points) // len(RULES)} curves {said} saturate before the whole corpus is read"
        + f"; {none.sum()} gain nothing" * bool(none.any())
        + ". Lines are 95 % intervals over seeds.",
    )


@figure
def schemes(table: pd.DataFrame):
    """Draw how much better each scheme is than cells at random, from :func:`~zslib.studies.composition.differences.of_schemes`."""
    table = table[~table["suspect"]]
    ends = table.groupby(["scheme", "model"])["value"].describe()[["mean", "25%", "75%"]]
    found = ends.set_axis(["value", "ci_low", "ci_high"], axis=1).reset_index()
    found = found.assign(row=found["model"], style=found["model"], panel=found["scheme"])
    rows, names = (
        {name: title for name, title in titles.items() if name in set(found[column])}
        for titles, column in ((MODELS, "model"), (SCHEMES, "scheme"))
    )
    drawn = intervals(found, STYLES, rows, names, line=0, sharex=True)
    drawn.figure.supxlabel("AvgBIO gained over as many cells at random")
    numbers = words(found.replace({"model": rows, "scheme": names}), "{scheme}, {model} {value:+.3f}")
    told = count(table)
    return (
        drawn,
        f"Differences of each scheme from random choice, means over datasets and sizes: {numbers}.",
        f"{told.above} of {told.n} differences are above zero beyond their interval and {told.below} below. Markers are means "
        "over datasets and sizes, lines hold the middle half of them.",
    )


def _gain(seeds: pd.DataFrame, sizes: np.ndarray, unit: str) -> str:
    """Say how much of what pre-training on everything gains is there at the first size above none."""
    means = seeds.groupby(["model", "dataset", "size"])["value"].mean().unstack()
    means = means[[size for size in (sizes[0], sizes[1], sizes[-1]) if size in means]].dropna()
    if means.shape[1] < 3 or means.empty:
        return ""
    none, first, full = (means[size].mean() for size in means)
    return (
        f"Mean AvgBIO: {none:.2f} untrained, {first:.2f} with {sizes[1]:g} {unit} and {full:.2f} with {sizes[-1]:g} {unit}. A dot is a "
        "seed, a line goes through their means."
    )


def _rows(table: pd.DataFrame, models: Mapping) -> dict[tuple[str, str], str]:
    """Model and dataset of each row and its title, models in their order and datasets by name."""
    present = set(zip(table["model"], table["dataset"], strict=True))
    datasets = sorted({d for _, d in present})
    return {(m, d): f"{models[m]}: {d}" for m in models for d in datasets if (m, d) in present}


def _by_model(table: pd.DataFrame, models: Mapping, panels: Mapping, **how):
    """Intervals in rows of model and dataset, with a line between models."""
    rows = _rows(table, models)
    table = table.assign(row=list(zip(table["model"], table["dataset"], strict=True)), style=table["model"])
    drawn = intervals(table, STYLES, rows, panels, height=0.25, size=6, **how)
    order = [model for model, _ in rows]
    for axis in drawn.axes.flat:
        for i in range(1, len(order)):
            if order[i] != order[i - 1]:
                axis.axhline(i - 0.5, color="#bbbbbb", linewidth=0.7)
    return drawn
