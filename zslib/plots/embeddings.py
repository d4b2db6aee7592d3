"""Cells in two dimensions."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from zslib import methods
from zslib.metrics.graph import K
from zslib.plots import draw
from zslib.plots.said import eight
from zslib.plots.theme import BATCHES, CELL_TYPES, figure, title

NEAR = {
    "knn_purity": (f"Of each cell's {K} nearest in the embedding {{}} are of its own type.", "{:.0%}"),
    "ilisi": ("Mixing of batches around it, from 0 to 1 (iLISI): {}.", "{:.2f}"),
}
"""Scores that say what a picture of cells should show, each in words and as a number is written."""


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
        draw.cells({f"by {what}": layout}, names, palette, inches=3.4)
        for what, (names, palette) in by.items()
    ]
    said = [f"by {what} ({', '.join(map(str, names.unique()))})" for what, (names, _) in by.items()]
    alt = f"UMAP of {len(label)} cells, colored {' and, the same points, '.join(said)}."
    return drawn, alt, f"{_near(scores)}{_counted(label, by)}"


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
    names, rest = eight(list(layouts) if only is None else only)
    by = _colors(label, batch)
    if not names:
        return "No method ran here, so there is nothing to draw."
    shown = {title(name): layouts[name] for name in names}
    drawn = [draw.cells(shown, colors, palette, inches=1.7) for colors, palette in by.values()]
    alt = (
        f"UMAPs of the same {len(label)} cells in the embeddings of {', '.join(shown)}, "
        f"colored by {' and, below, by '.join(by)}."
    )
    said = _near(scores, [m for m in names if methods.card(m).competes] or names)
    return drawn, alt, said + _counted(label, by), rest


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


def _counted(label: pd.Series, by: Mapping) -> str:
    kinds = [
        f"{names.nunique()} {'batches' if what == 'batch' else 'cell types'}"
        for what, (names, _) in by.items()
    ]
    some = (
        f", of which {draw.MOST_DRAWN:,} picked at random are drawn" if len(label) > draw.MOST_DRAWN else ""
    )
    return f"{len(label):,} cells of {' and '.join(kinds)}{some}. Distances in a UMAP say little; the scores are computed without it."


def _colors(label: pd.Series, batch: pd.Series) -> dict[str, tuple[pd.Series, Sequence[str]]]:
    """What cells are colored by, with the palette: what tells some from others."""
    by = {"cell type": (label, CELL_TYPES), "batch": (batch, BATCHES)}
    return {what: one for what, one in by.items() if one[0].nunique() > 1} or {"batch": by["batch"]}
