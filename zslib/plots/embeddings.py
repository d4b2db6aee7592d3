"""Cells in two dimensions."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from zslib import methods
from zslib.metrics.graph import K
from zslib.plots.captions import in_one_figure
from zslib.plots.theme import BATCHES, CELL_TYPES, NOTHING, Panels, figure, title

NEAR = {
    "knn_purity": (f"Of each cell's {K} nearest in the embedding {{}} are of its own type.", "{:.0%}"),
    "ilisi": ("Mixing of batches around it, from 0 to 1 (iLISI): {}.", "{:.2f}"),
}
"""Scores that say what a picture of cells should show, each in words and as a number is written."""
MOST_DRAWN = 100_000
"""Cells in a picture; more would hide each other."""
AROUND = 15
"""Cells of a group that are counted around a place to find its densest."""
PLATE = {"boxstyle": "round,pad=0.05", "facecolor": "white", "edgecolor": "none", "alpha": 0.5}


@figure
def umap(layout: np.ndarray, label: pd.Series, batch: pd.Series, scores: pd.DataFrame | None = None):
    """Draw one embedding: cells colored by type, and by batch, where there are several.

    Parameters
    ----------
    layout, label, batch
        Coordinates of shape (n_cells, 2), and what the cells are.
    scores
        Of the embedding, for the caption.
    """
    by = _colors(label, batch)
    drawn = [
        cells({f"by {what}": layout}, names, palette, inches=3.4) for what, (names, palette) in by.items()
    ]
    said = [f"by {what} ({', '.join(map(str, names.unique()))})" for what, (names, _) in by.items()]
    alt = f"UMAP of {len(label)} cells, colored {' and, the same points, '.join(said)}."
    return drawn, alt, f"{_near(scores)}{_counted(label, by, drawn)}"


@figure
def umap_grid(
    layouts: Mapping[str, np.ndarray],
    label: pd.Series,
    batch: pd.Series,
    scores: pd.DataFrame | None = None,
    *,
    only: Sequence[str] | None = None,
):
    """Draw the embeddings of all methods: by cell type, and below by batch, where there are several."""
    names, rest = in_one_figure(list(layouts) if only is None else only)
    by = _colors(label, batch)
    if not names:
        return NOTHING
    shown = {title(name): layouts[name] for name in names}
    drawn = [cells(shown, colors, palette, inches=1.7) for colors, palette in by.values()]
    alt = (
        f"UMAPs of the same {len(label)} cells in the embeddings of {', '.join(shown)}, "
        f"colored by {' and, below, by '.join(by)}."
    )
    said = _near(scores, [m for m in names if methods.card(m).competes] or names)
    return drawn, alt, said + _counted(label, by, drawn), rest


def cells(
    layouts: Mapping[str, np.ndarray], names: pd.Series, palette: Sequence[str], *, inches: float
) -> Panels:
    """Draw the same cells, or :data:`MOST_DRAWN` of them, in one or more layouts, each in the color of the name it has.

    Each of several groups has a mark where it is densest, so that nobody needs the colors: its name where names are as short
    as a number, else its number, which stands with the name too.
    """
    names = names.astype("category").cat
    marks = list(map(str, names.categories))
    if max(map(len, marks), default=0) > 2:
        marks = [str(i) for i in range(1, len(marks) + 1)]
    several = len(marks) > 2
    shown = [
        f"{mark} {name}" if several and mark != name else name
        for mark, name in zip(marks, map(str, names.categories), strict=True)
    ]
    colors = {name: palette[i % len(palette)] for i, name in enumerate(shown)}
    # In order of the data, whichever type comes last would hide the others.
    order = np.random.default_rng(0).permutation(len(names.codes))[:MOST_DRAWN]
    codes = names.codes.to_numpy()[order]
    own, size = np.array(list(colors.values()))[codes], 600 * inches / len(order)
    points = min(10, 4.4 * inches)
    figures, missing = [], 0
    for name, layout in layouts.items():
        figure, axis = plt.subplots(figsize=(inches, 0.9 * inches + 0.25))
        axis.scatter(*layout[order].T, c=own, s=np.clip(size, 0.3, 12), linewidth=0, rasterized=True)
        places = _places(layout[order], codes, marks, points / 72 / inches) if several else {}
        how = {"size": points, "weight": "bold", "ha": "center", "va": "center", "bbox": PLATE}
        for code, place in places.items():
            axis.text(*place, marks[code], **how)
        missing += several * len(np.unique(codes)) - len(places)
        axis.set_title(name)
        axis.set_axis_off()
        figures.append(figure)
    return Panels(figures, colors, missing)


def unmarked(drawn: Sequence[Panels]) -> str:
    """Say for a caption that a group has no mark in some picture; empty if each has one."""
    missing = any(panels.unmarked for panels in drawn)
    return " Where a number is missing, its cells lie under other numbers." * missing


def _places(
    layout: np.ndarray, codes: np.ndarray, marks: Sequence[str], size: float
) -> dict[int, np.ndarray]:
    """Where each group is densest, as far as the marks of others, of a size as a share of the picture, are not there.

    Rare groups choose first. A group whose denser half lies wholly under the marks of others has no place.
    """
    size = size * 1.1 * np.ptp(layout, axis=0)  # a picture has margins
    places = {}
    for code in np.argsort(counts := np.bincount(codes)):
        if counts[code]:
            group = layout[codes == code]
            near = KDTree(group).query(group, k=[min(AROUND, len(group))])[0][:, 0]
            free = near <= np.median(near)
            for other, place in places.items():
                room = size * [0.35 * len(marks[code] + marks[other]) + 0.2, 1.05]
                free &= (np.abs(group - place) >= room).any(axis=1)
            if free.any():
                places[code] = group[free][near[free].argmin()]
    return places


def _near(scores: pd.DataFrame | None, names: Sequence[str] | None = None) -> str:
    """Say what is around a cell in one embedding, or in the worst and the best of some; empty if that was not scored."""
    said = ""
    for metric, (sentence, number) in NEAR.items() if scores is not None else ():
        found = scores[(scores["metric"] == metric) & (scores["space"] == "native")].sort_values("value")
        ends = [
            number.format(row.value) + ("" if names is None else f" ({title(row.method)})")
            for row in found.itertuples()
            if names is None or row.method in names
        ]
        if ends:
            said += sentence.format(" to ".join(dict.fromkeys((ends[0], ends[-1])))) + " "
    return said


def _counted(label: pd.Series, by: Mapping, drawn: Sequence[Panels]) -> str:
    kinds = [
        f"{names.nunique()} {'batches' if what == 'batch' else 'cell types'}"
        for what, (names, _) in by.items()
    ]
    some = f", of which {MOST_DRAWN:,} picked at random are drawn" if len(label) > MOST_DRAWN else ""
    return f"{len(label):,} cells of {' and '.join(kinds)}{some}.{unmarked(drawn)}"


def _colors(label: pd.Series, batch: pd.Series) -> dict[str, tuple[pd.Series, Sequence[str]]]:
    """What cells are colored by, with the palette: what tells some from others."""
    by = {"cell type": (label, CELL_TYPES), "batch": (batch, BATCHES)}
    return {what: one for what, one in by.items() if one[0].nunique() > 1} or {"batch": by["batch"]}
