"""Learning curves, saturation points and differences, drawn for the page."""

from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from zslib.plots.theme import THEME, show
from zslib.studies.composition.published import BASELINES, MODELS, SCHEMES
from zslib.studies.composition.saturation import RULES

STYLE = {
    "pre-trained-pca": ("#D55E00", "s"),
    "scvi": ("#0072B2", "^"),
    "ssl": ("#000000", "o"),
    "geneformer": ("#56B4E9", "<"),
    "scimilarity": ("#009E73", "P"),
}
"""Color and marker of each model; those of the book's own methods are theirs everywhere."""
LINES = {"hvg": ("#E69F00", "-"), "pca": ("#D55E00", "--")}
GRID = {"color": "#e5e5e5", "linewidth": 0.7}
SUSPECT = "#8C8C8C"


def learning_curves(scores: pd.DataFrame, baselines: pd.DataFrame, models: Mapping, xlabel: str) -> None:
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
    import seaborn as sns

    sizes, datasets, said = np.sort(scores["size"].unique()), list(baselines.index), []
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(9, 0.9 + 1.45 * len(models)))
        axes = figure.subplots(len(models), len(datasets), sharex=True, sharey="col", squeeze=False)
        for (i, model), (j, dataset) in _grid(models, datasets):
            axis, (color, marker) = axes[i, j], STYLE[model]
            some = scores[(scores["model"] == model) & (scores["dataset"] == dataset)]
            for name, (line_color, line) in LINES.items():
                axis.axhline(baselines.loc[dataset, name], color=line_color, linestyle=line, linewidth=1.3)
            if some.empty:
                axis.text(0.5, 0.5, "not scored", transform=axis.transAxes, ha="center", color=SUSPECT)
            else:
                suspect = some["suspect"].any()
                drawn = {"ax": axis, "color": SUSPECT if suspect else color, "legend": False}
                some = some.assign(place=np.searchsorted(sizes, some["size"]))
                sns.lineplot(some, x="place", y="value", errorbar=None, linewidth=1.4, **drawn)
                sns.scatterplot(some, x="place", y="value", marker=marker, s=22, alpha=0.6, **drawn)
                if suspect:
                    axis.text(0.97, 0.5, "suspect", transform=axis.transAxes, ha="right", color=SUSPECT)
                mean = some.groupby("size")["value"].mean()
                said.append(f"{models[model]} on {dataset} " + ", ".join(f"{v:.2f}" for v in mean))
            axis.set(xlabel="", ylabel="")
            axis.set_xticks(range(len(sizes)), [f"{s:g}" for s in sizes])
            axis.tick_params(axis="x", labelsize=7.5)
            axis.grid(axis="y", **GRID)
            if i == 0:
                axis.set_title(dataset)
            if j == 0:
                axis.set_ylabel(models[model].replace(", ", ",\n"))
        figure.supxlabel(xlabel, fontsize=9)
        figure.tight_layout()
        handles = [
            mpl.lines.Line2D([], [], color=c, linestyle=s, label=BASELINES[n]) for n, (c, s) in LINES.items()
        ]
        figure.legend(handles=handles, loc="lower center", ncols=2, bbox_to_anchor=(0.5, 1.0))
    lines = ", ".join(f"{d} {r.hvg:.2f} and {r.pca:.2f}" for d, r in baselines.iterrows())
    show(
        figure,
        f"AvgBIO at {', '.join(f'{s:g}' for s in sizes)} ({xlabel}), means over seeds: {'; '.join(said)}. HVG and PCA of "
        f"the same cells: {lines}.",
    )


def differences(panels: Mapping[str, pd.DataFrame], models: Mapping = MODELS) -> None:
    """Draw differences with their intervals, a row a model and dataset; hollow where suspect.

    Parameters
    ----------
    panels
        What is subtracted from what → columns model, dataset, suspect, value, ci_low, ci_high.
    models
        Title of each model.
    """
    rows = _rows(pd.concat(panels.values()), models)
    said = []
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(9, 0.9 + 0.2 * len(rows)))
        axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for axis, (title, table) in zip(axes, panels.items(), strict=True):
            axis.axvline(0, color="#444444", linewidth=1)
            for row in table.itertuples():
                color, marker = STYLE[row.model]
                place = rows.index((row.model, row.dataset))
                axis.plot([row.ci_low, row.ci_high], [place, place], color=color, linewidth=1.6)
                face = "white" if row.suspect else color
                axis.plot(row.value, place, marker, color=color, markerfacecolor=face, markersize=5.5)
            axis.set(title=title, xlabel="AvgBIO gained")
            _model_rows(axis, rows, models)
            said.append(
                f"{title}: "
                + ", ".join(f"{r.model} on {r.dataset} {r.value:+.2f}" for r in table.itertuples())
            )
        figure.tight_layout()
    show(figure, f"Differences of AvgBIO with 95 % intervals over seeds. {'; '.join(said)}.")


def saturation_points(points: pd.DataFrame, models: Mapping = MODELS) -> None:
    """Draw the sizes at which curves saturate by both rules, from :func:`~zslib.studies.composition.saturation.points`."""
    rows, sizes = _rows(points, models), np.sort(points[["size", "ci_low", "ci_high"]].stack().unique())
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(9, 0.9 + 0.2 * len(rows)))
        axes = figure.subplots(1, 2, sharey=True, sharex=True)
        for axis, rule, whose in zip(axes, RULES, ("as published", "ours"), strict=True):
            for row in points[points["rule"] == rule].itertuples():
                place, (color, marker) = rows.index((row.model, row.dataset)), STYLE[row.model]
                if np.isnan(row.size):
                    axis.annotate("no gain", (0, place), fontsize=8, va="center", ha="center")
                    continue
                ends = np.searchsorted(sizes, [row.ci_low, row.ci_high])
                axis.plot(ends, [place, place], color=color, linewidth=1.6)
                axis.plot(np.searchsorted(sizes, row.size), place, marker, color=color, markersize=6)
            axis.set(title=f"95 % {rule} ({whose})", xlabel="% of the corpus")
            axis.set_xticks(range(len(sizes)), [f"{s:g}" for s in sizes])
            axis.set_xlim(-0.4, len(sizes) - 0.6)
            _model_rows(axis, rows, models)
        figure.tight_layout()
    said = "; ".join(
        f"{models[r.model]} on {r.dataset}, {r.rule}: " + ("no gain" if np.isnan(r.size) else f"{r.size:g} %")
        for r in points.itertuples()
    )
    show(figure, f"Percent of the corpus at which models saturate, 95 % intervals over seeds. {said}.")


def schemes(table: pd.DataFrame) -> None:
    """Draw how much better each scheme is than cells at random, from :func:`~zslib.studies.composition.differences.of_schemes`."""
    import seaborn as sns

    kept = table[~table["suspect"]].assign(found=lambda t: (t["ci_low"] > 0) | (t["ci_high"] < 0))
    names, order = (
        [s for s in SCHEMES if s in set(kept["scheme"])],
        [m for m in MODELS if m in set(kept["model"])],
    )
    said = []
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(9, 2.9))
        axes = figure.subplots(1, len(names), sharey=True, sharex=True, squeeze=False)[0]
        for axis, scheme in zip(axes, names, strict=True):
            some = kept[kept["scheme"] == scheme]
            axis.axvline(0, color="#444444", linewidth=1)
            for found, alpha in ((False, 0.25), (True, 0.95)):
                colors = {m: STYLE[m][0] for m in order}
                sns.stripplot(
                    some[some["found"] == found], x="value", y="model", order=order, hue="model", palette=colors,
                    alpha=alpha, size=4.5, jitter=0.25, legend=False, ax=axis,
                )  # fmt: skip
            axis.set(title=SCHEMES[scheme], xlabel="", ylabel="")
            axis.set_yticks(range(len(order)), [MODELS[m] for m in order])
            axis.grid(axis="x", **GRID)
            mean = some.groupby("model")["value"].mean()
            said.append(f"{SCHEMES[scheme]}: " + ", ".join(f"{m} {mean[m]:+.3f}" for m in order if m in mean))
        figure.supxlabel("AvgBIO gained over as many cells at random", fontsize=9)
        figure.tight_layout()
    show(
        figure,
        f"Differences of each scheme from random choice, a dot a dataset and size; means: {'; '.join(said)}.",
    )


def _grid(models, datasets):
    return (((i, m), (j, d)) for i, m in enumerate(models) for j, d in enumerate(datasets))


def _rows(table: pd.DataFrame, models: Mapping) -> list[tuple[str, str]]:
    """Model and dataset of each row, models in their order and datasets by name."""
    there = set(zip(table["model"], table["dataset"], strict=True))
    return [(m, d) for m in models for d in sorted({d for _, d in there}) if (m, d) in there]


def _model_rows(axis, rows: list[tuple[str, str]], models: Mapping) -> None:
    """Name the rows, the first on top, with a line between models."""
    axis.set_yticks(range(len(rows)), [f"{models[m]}: {d}" for m, d in rows])
    axis.set_ylim(len(rows) - 0.5, -0.5)
    for i in range(1, len(rows)):
        if rows[i][0] != rows[i - 1][0]:
            axis.axhline(i - 0.5, color="#bbbbbb", linewidth=0.7)
    axis.grid(axis="x", **GRID)
    axis.set_axisbelow(True)
