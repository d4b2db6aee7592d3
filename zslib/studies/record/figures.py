"""Figures of the record: every score between floor and ceiling, and the differences from the baselines."""

from collections.abc import Sequence
from functools import cache

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from zslib import methods
from zslib.plots import theme
from zslib.plots.draw import intervals, legend
from zslib.plots.theme import DARK, Style, figure, narrow, width, words
from zslib.results.report.words import join, signed
from zslib.studies.record import evidence, sources
from zslib.studies.record.source import BASELINES, TASKS

MODELS = ("scGPT", "Geneformer")
"""The models that the book is about."""
LISTED = (*MODELS, "UCE")
"""Those that tables list."""


@figure
def between_floor_and_ceiling():
    """Draw the headline scores of models and baselines at keeping cell types apart, a row a source and dataset.

    Only datasets with a model and a baseline. A grey bar spans the baselines, black ticks are the source's own floor
    and ceiling, an empty marker a model that has seen the dataset, a cross one that is left out of verdicts.
    """
    table = evidence.headline()
    table = table[table["name"].isin([*MODELS, *BASELINES])]
    names = table[table["left_out"] == ""].groupby(["source", "dataset"])["name"].agg(set)
    both = {key for key, some in names.items() if some & set(MODELS) and some & set(BASELINES)}
    rows = {key: some for key, some in table.groupby(["source", "dataset"], sort=False) if key in both}
    places, tops = {}, {}
    for i, (source, dataset) in enumerate(rows):  # each source is a group of rows under its name
        tops.setdefault(source, i + 1.15 * (len(tops) + 1))
        places[source, dataset] = i + 1.15 * len(tops)
    last = max(places.values())
    drawn, axis = plt.subplots(figsize=(width(), 0.6 + 0.2 * (last + 1)))
    for key, y in places.items():
        _row(axis, rows[key], y)
    for source, top in tops.items():
        axis.annotate(
            sources()[source].title, (0, top - 1), xycoords=axis.get_yaxis_transform(), va="center", weight="bold",
            xytext=(-6, 0), textcoords="offset points", ha="right",
        )  # fmt: skip
        axis.axhline(top - 1, color="#e3e3e3", linewidth=0.8, zorder=0)
    axis.set_yticks(list(places.values()), [dataset for _, dataset in rows])
    axis.set(ylim=(last + 0.7, -0.6), xlim=(0, 1.02))
    axis.set_xlabel(
        "each source's own score of cell types kept apart" if not narrow() else "the source's own score"
    )
    axis.grid(axis="x")
    axis.tick_params(axis="y", length=0)
    key = {name: style(name)._replace(line="") for name in (*MODELS, *BASELINES)} | {
        "known to be seen": Style(DARK, "o", "", filled=False),
        "left out": Style(DARK, "x", ""),
        "floor, ceiling": Style(DARK, "|", ""),
    }
    legend(drawn, key)
    numbers, above, alone = [], 0, []
    for (source, dataset), some in rows.items():
        kept = some[some["left_out"] == ""]
        numbers.append(f"{sources()[source].title}, {dataset}: {words(kept, '{name} {value:.2f}', ', ')}")
        baseline = kept["name"].isin(BASELINES)
        if kept.loc[~baseline, "value"].max() > kept.loc[baseline, "value"].max():
            above += 1
            alone += [f"{kept.loc[baseline, 'name'].item()} on {dataset}"] if baseline.sum() == 1 else []
    few = f"; in {len(alone)} of them that is one baseline, {join(alone)}" if alone else ""
    caption = (
        f"In {above} of {len(rows)} rows, on {len({d for _, d in rows})} datasets, {' or '.join(MODELS)} scores above every "
        f"baseline of the same source{few}. Gray bars span the baselines; right is better."
    )
    return (
        drawn,
        f"Published scores of {' and '.join(MODELS)} and of baselines. {'; '.join(numbers)}.",
        caption,
    )


@figure
def forest(tasks: Sequence[str] = ("cell_types", "batches")):
    """Draw the differences of models from baselines: a panel a task, a dot a dataset, and the mean with its interval."""
    pairs = [(m, b) for m in MODELS for b in BASELINES]
    single = {(*pair, t): evidence.differences(*pair, t)["difference"] for pair in pairs for t in tasks}
    pairs = [pair for pair in pairs if any(len(single[*pair, t]) for t in tasks)]
    verdicts = [(v, t) for t in tasks for m, b in pairs if (v := evidence.verdict(m, b, t))]
    table = pd.DataFrame(
        (t, (v.model, v.baseline), v.model, v.difference, *v.interval, v.word in ("ahead", "behind"), -0.08)
        for v, t in verdicts
    ).set_axis(["panel", "row", "style", "value", "ci_low", "ci_high", "filled", "offset"], axis=1)
    rows = {(m, b): f"{m} against {b}" for m, b in pairs}
    styles = {model: style(model) for model in MODELS}
    panels = {task: TASKS[task].replace(", ", ",\n") for task in tasks}
    drawn = intervals(table, styles, rows, panels, line=0, xlabel="model less baseline", height=0.4, size=7)
    for task, axis in drawn.axes_dict.items():
        for y, pair in enumerate(pairs):
            dots = np.sort(single[*pair, task])
            spread = np.linspace(-0.08, 0.08, len(dots)) if len(dots) > 1 else 0.0
            axis.plot(dots, y + 0.2 + spread * np.ones(len(dots)), "o", color=styles[pair[0]].color, alpha=0.45, markersize=3.5)  # fmt: skip
        # An interval over two sources may be wider than any score can be: it runs out of the panel.
        widest = np.nanmax([single[*pair, task].abs().max() for pair in pairs])
        axis.set_xlim(-1.1 * widest, 1.1 * widest)
    numbers = "; ".join(
        f"{TASKS[task]}: {v.model} less {v.baseline} {signed(v.difference)}, {v.word}, higher on {v.ahead} of {v.n_rows}"
        for v, task in verdicts
    )
    said = " ".join(
        f"{TASKS[task]}: {evidence.tally([v for v, t in verdicts if t == task and v.n_rows > 1])}."
        for task in tasks
    )
    return (
        drawn,
        f"Differences of models from baselines. {numbers}.",
        f"{said} A dot is a dataset; filled where the verdict is ahead or behind, and not mostly so.",
    )


def style(name: str) -> Style:
    """Color and marker of a model or baseline of the record."""
    return theme.style(method_of(name))


@cache
def method_of(name: str) -> str:
    """The first method of the book that goes by a name in the record, see :attr:`zslib.methods.MethodCard.in_record`."""
    cards = map(methods.card, methods.names())
    (first, *_) = [card.name for card in cards if name in card.in_record]
    return first


def _row(axis, scores: pd.DataFrame, y: float) -> None:
    """Draw the scores of a source on a dataset."""
    baselines = scores[scores["name"].isin(BASELINES)]
    span = [baselines["value"].min(), baselines["value"].max()]
    axis.plot(span, [y, y], color="#d9d9d9", linewidth=7, solid_capstyle="round", zorder=1)
    for end in ("floor", "ceiling"):
        axis.plot(scores[end].iloc[0], y, "|", color="black", markersize=9, zorder=2)
    for row in scores.itertuples():
        color, marker = style(row.name)[:2]
        look = {"markersize": 9, "markeredgewidth": 1.4, "markerfacecolor": "white" if row.seen else color}
        if row.name in BASELINES:
            look = {"markersize": 5, "zorder": 5}
        elif row.left_out:
            marker, look = "x", {"markersize": 5.5}
        axis.plot(row.value, y, marker, color=color, **{"zorder": 4} | look)
