"""How much, and what, a model was pre-trained on."""

from itertools import product

import matplotlib as mpl
import matplotlib.ticker
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from zslib.composition.saturation import saturation
from zslib.composition.settings import MODELS, SCHEMES
from zslib.measures import CARDS
from zslib.plots.house import HOUSE, show

# Colors of the methods of the same kind elsewhere in the book.
STYLE = {
    "pca": ("#D55E00", "s"),
    "scvi": ("#0072B2", "^"),
    "autoencoder": ("#000000", "o"),
    "rank-transformer": ("#56B4E9", "v"),
    "bin-transformer": ("#CC79A7", "D"),
}
RULES = {"of the maximum": ("white", -0.14), "of the gain": (None, 0.14)}
SCHEME_STYLE = {
    "uniform": ("#000000", "o", "-"),
    "balanced": ("#E69F00", "s", "--"),
    "sketch": ("#009E73", "^", "-."),
    "few-batches": ("#CC79A7", "D", ":"),
}
GRID = {"color": "#e5e5e5", "linewidth": 0.7}


def learning_curves(summary: pd.DataFrame, metric: str = "knn_probe") -> None:
    """Draw one score of every model on every held-out study against the cells it was pre-trained on.

    Parameters
    ----------
    summary
        From :func:`zslib.composition.curves.summary`.
    metric
        Which score.
    """
    rows = summary[summary["metric"] == metric]
    models, targets = list(dict.fromkeys(rows["model"])), list(dict.fromkeys(rows["target"]))
    said = []
    with mpl.rc_context(HOUSE):
        figure = Figure(figsize=(9, 0.7 + 1.9 * len(targets)))
        axes = figure.subplots(len(targets), len(models), sharex=True, sharey="row", squeeze=False)
        for (i, target), (j, model) in product(enumerate(targets), enumerate(models)):
            said.append(_curve(axes[i, j], rows.query("target == @target and model == @model"), model))
            if i == 0:
                axes[i, j].set_title(MODELS[model].replace("transformer", "transf."), fontsize=9)
            if j == 0:
                axes[i, j].set_ylabel(f"{CARDS[metric].title}\non {target}")
        figure.supxlabel("cells pre-trained on", fontsize=9)
        figure.tight_layout()
    show(figure, f"{CARDS[metric].title} by number of cells: {'; '.join(said)}.")


def saturation_points(points: pd.DataFrame) -> None:
    """Draw the sizes at which models saturate by both rules, from :func:`zslib.composition.curves.saturation_points`."""
    models, targets = list(dict.fromkeys(points["model"])), list(dict.fromkeys(points["target"]))
    metrics = list(dict.fromkeys(points["metric"]))
    names = [(model, target) for model in models for target in targets]
    with mpl.rc_context(HOUSE):
        figure = Figure(figsize=(9, 1.4 + 0.32 * len(names)))
        axes = figure.subplots(1, len(metrics), sharey=True, sharex=True, squeeze=False)[0]
        for axis, metric in zip(axes, metrics, strict=True):
            for row in points[points["metric"] == metric].itertuples():
                color, marker = STYLE[row.model]
                face, aside = RULES[row.rule]
                place = names.index((row.model, row.target)) + aside
                if np.isnan(row.size):
                    axis.annotate("no gain", (points["size"].min(), place), fontsize=7.5, va="center")
                    continue
                axis.plot([row.low, row.high], [place, place], color=color, linewidth=1.6)
                axis.plot(row.size, place, marker, color=color, markerfacecolor=face or color, markersize=6)
            axis.set(title=CARDS[metric].title, xlabel="cells at which it saturates")
            _log(axis)
            axis.grid(axis="x", **GRID)
            axis.set_axisbelow(True)
        axes[0].set_yticks(range(len(names)), [f"{MODELS[m]}: {t}" for m, t in names])
        axes[0].set_ylim(len(names) - 0.5, -0.5)
        gray = {"linestyle": "", "marker": "s", "color": "#444444", "markersize": 6}
        handles = [
            mpl.lines.Line2D([], [], label="95 % of the maximum", markerfacecolor="white", **gray),
            mpl.lines.Line2D([], [], label="95 % of the gain", **gray),
        ]
        figure.legend(handles=handles, loc="lower right", ncols=2, bbox_to_anchor=(1, 0))
        figure.tight_layout(rect=(0, 0.06, 1, 1))
    said = "; ".join(
        f"{MODELS[r.model]} on {r.target}, {CARDS[r.metric].title}, {r.rule}: "
        + ("no gain" if np.isnan(r.size) else f"{r.size:.0f} cells")
        for r in points.itertuples()
    )
    show(figure, f"Saturation points with 95 % intervals. {said}.")


def why_rules_differ(floors=(0.0, 0.5, 0.8, 0.9)) -> None:
    """Draw one made-up learning curve on several floors, with the saturation points of both rules."""
    sizes = np.array([0, *np.unique(np.geomspace(1, 10_000, 21).round()).astype(int)])
    rise = np.log1p(sizes) / np.log1p(sizes[-1])  # the same in all of them
    said = []
    with mpl.rc_context(HOUSE):
        figure = Figure(figsize=(9, 2.5))
        axes = figure.subplots(1, len(floors), sharey=True)
        for axis, floor in zip(axes, floors, strict=True):
            score = floor + (1 - floor) * rise
            axis.plot(sizes[1:], score[1:], "-o", color="#444444", markersize=3)
            axis.axhline(floor, color="#444444", linestyle="--", linewidth=1)
            found = {rule: saturation(sizes, score[None], rule=rule) for rule in RULES}
            for rule, size in found.items():
                face, width = ("white", 11) if RULES[rule][0] else ("#D55E00", 6)
                style = {"color": "#D55E00", "markerfacecolor": face, "markersize": width, "zorder": 3}
                axis.plot(size, score[sizes == size], "s", **style)
            axis.set(title=f"floor {floor:.1f}", xlabel="cells", ylim=(-0.05, 1.08))
            _log(axis)
            said.append(f"floor {floor:.1f}: " + ", ".join(f"{s:.0f} by 95 % {r}" for r, s in found.items()))
        axes[0].set_ylabel("score")
        figure.tight_layout()
    show(figure, f"The same made-up curve over several floors, saturated at these sizes. {'; '.join(said)}.")


def diversity(table: pd.DataFrame) -> None:
    """Draw the diversity of the subsets of every scheme, from :func:`zslib.composition.experiment.diversity`."""
    mean = table.groupby(["scheme", "n_cells"], sort=False, as_index=False).mean(numeric_only=True)
    said = []
    with mpl.rc_context(HOUSE):
        figure = Figure(figsize=(9, 2.9))
        axes = figure.subplots(1, 2)
        for axis, (measure, name) in zip(
            axes, {"shannon": "Shannon index (bits)", "vendi": "Vendi score"}.items(), strict=True
        ):
            for scheme, rows in mean.groupby("scheme", sort=False):
                color, marker, line = SCHEME_STYLE[scheme]
                axis.plot(
                    rows["n_cells"],
                    rows[measure],
                    line,
                    color=color,
                    marker=marker,
                    label=SCHEMES[scheme],
                    markersize=5,
                )
                ends = rows[measure].iloc[[0, -1]]
                said.append(f"{name} {SCHEMES[scheme]} {ends.iloc[0]:.1f} to {ends.iloc[1]:.1f}")
            axis.set(xlabel="cells of the subset", ylabel=name)
            _log(axis)
            axis.grid(axis="y", **GRID)
        axes[-1].legend(loc="center left", bbox_to_anchor=(1, 0.5))
        figure.tight_layout()
    show(figure, f"Diversity from the smallest to the largest subset: {'; '.join(said)}.")


def scheme_differences(differences: pd.DataFrame, metric: str = "knn_probe") -> None:
    """Draw how much better each scheme is than chance, from :func:`zslib.composition.curves.scheme_differences`."""
    rows = differences[differences["metric"] == metric]
    models, targets = list(dict.fromkeys(rows["model"])), list(dict.fromkeys(rows["target"]))
    schemes = list(dict.fromkeys(rows["scheme"]))
    sizes = sorted(set(rows["n_cells"]))
    with mpl.rc_context(HOUSE):
        figure = Figure(figsize=(9, 0.9 + len(sizes) * (0.3 + 0.42 * len(models))))
        axes = figure.subplots(len(sizes), len(targets), sharey=True, sharex=True, squeeze=False)
        for row in rows.itertuples():
            axis = axes[sizes.index(row.n_cells), targets.index(row.target)]
            color, marker, _ = SCHEME_STYLE[row.scheme]
            place = models.index(row.model) + 0.22 * (schemes.index(row.scheme) - (len(schemes) - 1) / 2)
            axis.plot([row.ci_low, row.ci_high], [place, place], color=color, linewidth=1.6)
            axis.plot(row.value, place, marker, color=color, markersize=5.5)
        for (i, n), (j, target) in product(enumerate(sizes), enumerate(targets)):
            axes[i, j].set_title(f"{target}, {n:,} cells")
            axes[i, j].axvline(0, color="#444444", linewidth=1)
            axes[i, j].grid(axis="x", **GRID)
            axes[i, j].set_axisbelow(True)
        axes[0, 0].set_yticks(range(len(models)), [MODELS[m] for m in models])
        axes[0, 0].set_ylim(len(models) - 0.5, -0.5)
        handles = [
            mpl.lines.Line2D([], [], linestyle="", marker=m, color=c, label=SCHEMES[s])
            for s, (c, m, _) in SCHEME_STYLE.items()
            if s in schemes
        ]
        axes[0, -1].legend(handles=handles, loc="center left", bbox_to_anchor=(1, 0.5), handletextpad=0.1)
        figure.supxlabel(f"{CARDS[metric].title} gained over as many cells at random", fontsize=9)
        figure.tight_layout()
    said = "; ".join(
        f"{MODELS[r.model]} on {r.target}, {r.n_cells} cells {SCHEMES[r.scheme]} {r.value:+.2f}"
        for r in rows.itertuples()
    )
    show(figure, f"{CARDS[metric].title} of each scheme less that of cells at random: {said}.")


def _curve(axis, rows: pd.DataFrame, model: str) -> str:
    """Draw one learning curve with floor and ceiling, and say what it shows."""
    color, marker = STYLE[model]
    floor, ceiling = (rows[rows["n_cells"] == n].iloc[0] for n in (0, -1))
    curve = rows[rows["n_cells"] > 0].sort_values("n_cells")
    for bound, line in ((floor, "--"), (ceiling, ":")):
        axis.axhline(bound["value"], color="#444444", linestyle=line, linewidth=1.2)
        axis.axhspan(bound["ci_low"], bound["ci_high"], color="#444444", alpha=0.09, linewidth=0)
    x = curve["n_cells"]
    axis.fill_between(x, curve["ci_low"], curve["ci_high"], color=color, alpha=0.2, linewidth=0)
    axis.plot(x, curve["value"], color=color, marker=marker, markersize=4)
    _log(axis)
    axis.grid(axis="y", **GRID)
    first, last = curve["value"].iloc[[0, -1]]
    return (
        f"{MODELS[model]} on {rows['target'].iloc[0]} from {first:.2f} to {last:.2f}, untrained {floor['value']:.2f}, "
        f"trained on the study {ceiling['value']:.2f}"
    )


def _log(axis) -> None:
    """Numbers of cells, with decades written and nothing between."""
    axis.set_xscale("log")
    axis.xaxis.set_minor_formatter(mpl.ticker.NullFormatter())
