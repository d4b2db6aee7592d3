"""Every figure of the book, one call each.

Each function draws, shows the picture with an alternative text computed from the data, and returns nothing:
a figure is the last line of a notebook cell. Methods keep one color (Okabe-Ito; grays for controls) and one
marker throughout the book, from their cards; cell types take scanpy's palette in the order of their names.
"""

import io
from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from zslib import methods, metrics
from zslib.comparison import Comparison

# scanpy's default_20, after https://doi.org/10.1186/s13059-017-1382-0
CELL_TYPES = (
    "#1f77b4", "#ff7f0e", "#279e68", "#d62728", "#aa40fc", "#8c564b", "#e377c2", "#b5bd61", "#17becf", "#aec7e8",
    "#ffbb78", "#98df8a", "#ff9896", "#c5b0d5", "#c49c94", "#f7b6d2", "#dbdb8d", "#9edae5", "#ad494a", "#8c6d31",
)  # fmt: skip
BATCHES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000")
HOUSE = {
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.labelsize": 9,
    "figure.facecolor": "white",
    "font.size": 9,
    "legend.frameon": False,
    "savefig.facecolor": "white",
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
}


def show(figure: Figure, alt: str) -> None:
    """Show a figure in a notebook as a PNG at twice the screen's resolution, with an alternative text."""
    from IPython.display import Image, display

    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=200, bbox_inches="tight")
    image = Image(buffer.getvalue(), format="png", alt=alt)
    # An inch is 82 CSS pixels: a figure 9 inches wide just fills the page.
    display(image, metadata={"alt": alt, "width": f"{82 * figure.get_figwidth():.0f}px"})


def umap(layout: np.ndarray, label: pd.Series, batch: pd.Series) -> None:
    """Draw one embedding twice: cells colored by type, and by batch."""
    with mpl.rc_context(HOUSE):
        figure = Figure(figsize=(9, 4.1))
        left, right = figure.subplots(1, 2)
        _scatter(left, layout, label, CELL_TYPES, "cell type")
        _scatter(right, layout, batch, BATCHES, "batch")
        figure.subplots_adjust(wspace=0.75)
    show(
        figure,
        f"UMAP of {len(label)} cells. Left: colored by {label.nunique()} cell types. "
        f"Right: the same points colored by batch ({', '.join(map(str, batch.unique()))}).",
    )


def umap_grid(layouts: Mapping[str, np.ndarray], label: pd.Series, batch: pd.Series) -> None:
    """Draw the embeddings of all methods: by cell type in the upper row, by batch in the lower."""
    names = list(layouts)
    if not names:
        print("No method ran here, so there is nothing to draw.")
        return
    columns = min(4, len(names))
    blocks = -(-len(names) // columns)
    with mpl.rc_context(HOUSE):
        figure = Figure(figsize=(2.5 * columns + 1.7, 5.0 * blocks))
        axes = figure.subplots(2 * blocks, columns, squeeze=False)
        for axis in axes.flat:
            axis.set_axis_off()
        for i, name in enumerate(names):
            row, column = 2 * (i // columns), i % columns
            last = column == columns - 1 or i == len(names) - 1
            first_block = i < columns
            _scatter(
                axes[row, column], layouts[name], label, CELL_TYPES, _title(name), legend=last and first_block
            )
            _scatter(axes[row + 1, column], layouts[name], batch, BATCHES, "", legend=last and first_block)
        figure.subplots_adjust(wspace=0.06, hspace=0.12)
    show(
        figure,
        f"UMAPs of the same {len(label)} cells in the embeddings of {', '.join(map(_title, names))}. "
        "For each, the upper panel is colored by cell type and the lower by batch.",
    )


def scores(comparison: Comparison, names: Sequence[str]) -> None:
    """Draw scores with their intervals: one panel a metric, one row a method, native and pca50 spaces."""
    order = comparison.ran
    if not order:
        print("No method ran here, so there is nothing to draw.")
        return
    with mpl.rc_context(HOUSE):
        figure = Figure(figsize=(9, 0.9 + 0.33 * len(order)))
        axes = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
        for axis, metric in zip(axes, names, strict=True):
            for space, offset, filled in (("native", -0.14, True), ("pca50", 0.14, False)):
                for row, method in enumerate(order):
                    _interval(
                        axis, comparison.value(method, metric, space), row + offset, method, filled=filled
                    )
            card = metrics.CARDS[metric]
            axis.set_title(card.title)
            axis.set_xlim(-0.03, 1.03)
            axis.grid(axis="x", color="#e5e5e5", linewidth=0.7)
            axis.set_axisbelow(True)
        _method_axis(axes[0], order)
        figure.tight_layout()
    show(figure, f"Scores with 95 % intervals on {comparison.dataset}. " + _reading(comparison, names))


def differences(
    comparison: Comparison, baseline: str, names: Sequence[str], *, space: str = "native"
) -> None:
    """Draw paired differences of every method from a baseline, one panel a metric."""
    order = [m for m in comparison.ran if m != baseline]
    if baseline not in comparison.ran or not order:
        print(f"{_title(baseline)} or all others did not run here, so there is nothing to compare.")
        return
    with mpl.rc_context(HOUSE):
        figure = Figure(figsize=(9, 0.9 + 0.3 * len(order)))
        axes = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
        said = []
        for axis, metric in zip(axes, names, strict=True):
            table = comparison.differences(baseline, metric, space).set_index("method")
            for row, method in enumerate(order):
                if method not in table.index:
                    continue
                entry = table.loc[method].rename({"difference": "value"})
                _interval(axis, entry, row, method)
                said.append(f"{_title(method)} {entry.value:+.2f} ({metrics.CARDS[metric].title})")
            axis.axvline(0, color="#444444", linewidth=1)
            axis.set_title(metrics.CARDS[metric].title)
            axis.set_xlabel(f"difference from {_title(baseline)}")
            axis.grid(axis="x", color="#e5e5e5", linewidth=0.7)
        _method_axis(axes[0], order)
        figure.tight_layout()
    show(figure, f"Paired differences from {_title(baseline)} with 95 % intervals: " + "; ".join(said) + ".")


def overview(comparisons: Sequence[Comparison], metric: str, *, space: str = "native") -> None:
    """Draw one metric for all datasets side by side, one row a method."""
    order = list(dict.fromkeys(m for c in comparisons for m in c.methods))
    with mpl.rc_context(HOUSE):
        figure = Figure(figsize=(9, 1.0 + 0.33 * len(order)))
        axes = figure.subplots(1, len(comparisons), sharey=True, squeeze=False)[0]
        said = []
        for axis, comparison in zip(axes, comparisons, strict=True):
            for row, method in enumerate(order):
                if method in comparison.ran:
                    _interval(axis, comparison.value(method, metric, space), row, method)
                else:
                    status = comparison.status(method)
                    axis.annotate(status, (0.02, row), va="center", fontsize=7.5, color="#666666")
            axis.set_title(comparison.dataset)
            axis.set_xlim(-0.03, 1.03)
            axis.set_xlabel(metrics.CARDS[metric].title)
            axis.grid(axis="x", color="#e5e5e5", linewidth=0.7)
            axis.set_axisbelow(True)
            said.append(f"{comparison.dataset}: {_reading(comparison, [metric], space)}")
        _method_axis(axes[0], order)
        figure.tight_layout()
    show(
        figure,
        f"{metrics.CARDS[metric].title} of every method on every dataset, 95 % intervals. " + " ".join(said),
    )


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


def _scatter(
    axis, layout, values: pd.Series, palette: Sequence[str], title: str, *, legend: bool = True
) -> None:
    categories = list(values.astype("category").cat.categories)
    codes = values.astype("category").cat.codes.to_numpy()
    colors = np.array([palette[i % len(palette)] for i in range(len(categories))])
    # In order of the data, whichever type comes last hides the others.
    order = np.random.default_rng(0).permutation(len(codes))
    size = float(np.clip(9000 / len(codes), 0.3, 9))
    axis.scatter(*layout[order].T, c=colors[codes[order]], s=size, linewidths=0, rasterized=True)
    axis.set_title(title)
    axis.set_axis_on()
    axis.set(xticks=[], yticks=[])
    for spine in axis.spines.values():
        spine.set_visible(False)
    if legend:
        handles = [mpl.lines.Line2D([], [], marker="o", linestyle="", markersize=5, color=c) for c in colors]
        columns = 1 + (len(categories) > 14)
        axis.legend(
            handles, categories, loc="center left", bbox_to_anchor=(1, 0.5), ncols=columns, handletextpad=0.1
        )


def _interval(axis, entry, row: float, method: str, *, filled: bool = True) -> None:
    if entry is None:
        return
    card = methods.card(method)
    axis.plot(
        [entry.ci_low, entry.ci_high], [row, row], color=card.color, linewidth=1.6, solid_capstyle="butt"
    )
    face = card.color if filled or card.marker == "x" else "white"
    axis.plot(entry.value, row, card.marker, color=card.color, markerfacecolor=face, markersize=6)


def _method_axis(axis, order: Sequence[str]) -> None:
    axis.set_yticks(range(len(order)), [_title(m) for m in order])
    axis.set_ylim(len(order) - 0.5, -0.5)


def _title(method: str) -> str:
    return methods.card(method).title


def _reading(comparison: Comparison, names: Sequence[str], space: str = "native") -> str:
    said = []
    for metric in names:
        values = {m: comparison.value(m, metric, space) for m in comparison.ran}
        known = ", ".join(f"{_title(m)} {v.value:.2f}" for m, v in values.items() if v is not None)
        said.append(f"{metrics.CARDS[metric].title}: {known or 'not defined here'}.")
    return " ".join(said)
