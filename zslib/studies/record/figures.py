"""Figures of the record: every score between floor and ceiling, and the differences from the baselines."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from zslib import methods
from zslib.plots.theme import THEME, show
from zslib.studies.record import evidence, sources
from zslib.studies.record.source import BASELINES, TASKS

MODELS = ("scGPT", "Geneformer")
"""The models that the book is about."""
LOOKS_LIKE = {
    "HVG": "hvg",
    "PCA": "hvg-pca",
    "Harmony": "harmony",
    "scVI": "scvi",
    "scGPT": "scgpt-human",
    "Geneformer": "geneformer-v1-10m",
}
"""The method of the book whose color and marker a name of the record has."""
OTHER = ("#666666", "h")


def between_floor_and_ceiling(task: str = "cell_types", models: Sequence[str] = MODELS) -> None:
    """Draw the headline scores of models and baselines, a row a source and dataset.

    Only datasets with a model and a baseline. A grey bar spans the baselines, black ticks are the source's own floor
    and ceiling, an empty marker a model that has seen the dataset, a cross one that is left out of verdicts.
    """
    table = _rows(task, models)
    rows = list(dict.fromkeys(zip(table["source"], table["dataset"], strict=True)))
    gaps = np.cumsum([i > 0 and rows[i][0] != rows[i - 1][0] for i in range(len(rows))])
    place = {row: i + 0.55 * gap for i, (row, gap) in enumerate(zip(rows, gaps, strict=True))}
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(8, 1.3 + 0.215 * (max(place.values()) + 1)))
        axis = figure.subplots()
        for row, y in place.items():
            here = table[(table["source"] == row[0]) & (table["dataset"] == row[1])]
            _row(axis, here, y, models)
        for source in dict.fromkeys(s for s, _ in rows):
            ys = [y for (s, _), y in place.items() if s == source]
            axis.text(
                1.015,
                np.mean(ys),
                sources()[source].title,
                va="center",
                fontsize=8,
                color="#444444",
                transform=axis.get_yaxis_transform(),
            )
            axis.plot([1.005] * 2, [min(ys) - 0.35, max(ys) + 0.35], color="#bbbbbb", linewidth=1, clip_on=False,
                      transform=axis.get_yaxis_transform())  # fmt: skip
        axis.set_yticks(list(place.values()), [dataset for _, dataset in rows])
        axis.set(ylim=(max(place.values()) + 0.7, -0.7), xlim=(0, 1.02))
        axis.set_xlabel("each source's own score of cell types kept apart; right is better")
        axis.grid(axis="x", color="#e5e5e5", linewidth=0.7)
        axis.set_axisbelow(True)
        axis.tick_params(axis="y", length=0)
        axis.legend(handles=_legend(models), loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=6, fontsize=8,
                    handletextpad=0.1, columnspacing=1.0)  # fmt: skip
        figure.tight_layout()
    show(figure, _said(table, models))


def forest(tasks: Sequence[str] = ("cell_types", "batches"), models: Sequence[str] = MODELS) -> None:
    """Draw the differences of models from baselines: a panel a task, a dot a dataset, and the mean with its interval."""
    pairs = [
        (m, b) for m in models for b in BASELINES if any(len(evidence.differences(m, b, t)) for t in tasks)
    ]
    said = []
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(9, 1.0 + 0.42 * len(pairs)))
        axes = figure.subplots(1, len(tasks), sharey=True, squeeze=False)[0]
        for axis, task in zip(axes, tasks, strict=True):
            for y, (model, baseline) in enumerate(pairs):
                if found := evidence.verdict(model, baseline, task):
                    _difference(axis, y, found, evidence.differences(model, baseline, task)["difference"])
                    said.append(
                        f"{TASKS[task]}: {model} less {baseline} {found.difference:+.2f}, {found.word}, higher on "
                        f"{found.ahead} of {found.n_datasets}"
                    )
            # An interval over two sources may be wider than any score can be: it runs out of the panel.
            widest = np.nanmax(
                [evidence.differences(*pair, task)["difference"].abs().max() for pair in pairs]
            )
            axis.set_xlim(-1.1 * widest, 1.1 * widest)
            axis.axvline(0, color="#444444", linewidth=1)
            axis.set_title(TASKS[task], fontsize=9)
            axis.set_xlabel("model less baseline")
            axis.grid(axis="x", color="#e5e5e5", linewidth=0.7)
            axis.set_axisbelow(True)
        axes[0].set_yticks(range(len(pairs)), [f"{m} against {b}" for m, b in pairs])
        axes[0].set_ylim(len(pairs) - 0.5, -0.5)
        figure.tight_layout()
    show(figure, "Differences of models from baselines. " + "; ".join(said) + ".")


def style(name: str) -> tuple[str, str]:
    """Color and marker of a model or baseline of the record."""
    if name not in LOOKS_LIKE:
        return OTHER
    card = methods.card(LOOKS_LIKE[name])
    return card.color, card.marker


def _rows(task: str, models: Sequence[str]) -> pd.DataFrame:
    table = evidence.headline(task)
    table = table[table["name"].isin([*models, *BASELINES])]
    stands = table[table["left_out"] == ""].groupby(["source", "dataset"])["name"].agg(set)
    shown = {key for key, names in stands.items() if names & set(models) and names & set(BASELINES)}
    return table[[key in shown for key in zip(table["source"], table["dataset"], strict=True)]]


def _row(axis, here: pd.DataFrame, y: float, models: Sequence[str]) -> None:
    baselines = here[here["name"].isin(BASELINES)]
    span = [baselines["value"].min(), baselines["value"].max()]
    axis.plot(span, [y, y], color="#d9d9d9", linewidth=7, solid_capstyle="round", zorder=1)
    for end in ("floor", "ceiling"):
        axis.plot(here[end].iloc[0], y, "|", color="black", markersize=8, zorder=2)
    for row in baselines.itertuples():
        color, marker = style(row.name)
        axis.plot(row.value, y, marker, color=color, markersize=4.5, zorder=5)
    for row in here[here["name"].isin(models)].itertuples():
        color, marker = style(row.name)
        if row.left_out:
            axis.plot(row.value, y, "x", color=color, markersize=5, zorder=4)
        else:
            face = "white" if row.seen else color
            axis.plot(row.value, y, marker, color=color, markerfacecolor=face, markeredgewidth=1.4, markersize=8.5, zorder=4)  # fmt: skip


def _difference(axis, y: float, found: evidence.Verdict, differences: pd.Series) -> None:
    color, marker = style(found.model)
    spread = np.linspace(-0.16, 0.16, len(differences)) if len(differences) > 1 else [0.0]
    axis.plot(
        np.sort(differences), y + 0.18 + np.asarray(spread) * 0.5, "o", color=color, alpha=0.45, markersize=3
    )
    low, high = found.interval
    axis.plot([low, high], [y - 0.08] * 2, color=color, linewidth=1.8, solid_capstyle="butt")
    filled = color if found.word in ("ahead", "behind") else "white"
    axis.plot(found.difference, y - 0.08, marker, color=color, markerfacecolor=filled, markersize=7)


def _legend(models: Sequence[str]) -> list[Line2D]:
    handles = []
    for name in (*models, *BASELINES):
        color, marker = style(name)
        size = 8 if name in models else 5
        handles.append(Line2D([], [], linestyle="", marker=marker, color=color, markersize=size, label=name))
    grey = {"linestyle": "", "color": "#444444"}
    return [
        *handles,
        Line2D([], [], marker="o", markerfacecolor="white", label="known to be seen", markersize=7, **grey),
        Line2D([], [], marker="x", label="left out", markersize=5, **grey),
        Line2D([], [], marker="|", label="floor, ceiling", markersize=8, **grey),
    ]


def _said(table: pd.DataFrame, models: Sequence[str]) -> str:
    lines = []
    for (source, dataset), here in table.groupby(["source", "dataset"], sort=False):
        values = ", ".join(f"{r.name} {r.value:.2f}" for r in here.itertuples() if not r.left_out)
        lines.append(f"{sources()[source].title}, {dataset}: {values}")
    return f"Published scores of {' and '.join(models)} and of baselines. " + "; ".join(lines) + "."
