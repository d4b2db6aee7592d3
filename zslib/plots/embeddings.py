"""Cells in two dimensions."""

from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from zslib.plots.theme import BATCHES, CELL_TYPES, THEME, scatter, show, title


def umap(layout: np.ndarray, label: pd.Series, batch: pd.Series) -> None:
    """Draw one embedding twice: cells colored by type, and by batch."""
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(9, 4.1))
        left, right = figure.subplots(1, 2)
        scatter(left, layout, label, CELL_TYPES, "cell type")
        scatter(right, layout, batch, BATCHES, "batch")
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
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(2.5 * columns + 1.7, 5.0 * blocks))
        axes = figure.subplots(2 * blocks, columns, squeeze=False)
        for axis in axes.flat:
            axis.set_axis_off()
        for i, name in enumerate(names):
            row, column = 2 * (i // columns), i % columns
            last = column == columns - 1 or i == len(names) - 1
            first_block = i < columns
            scatter(
                axes[row, column], layouts[name], label, CELL_TYPES, title(name), legend=last and first_block
            )
            scatter(axes[row + 1, column], layouts[name], batch, BATCHES, "", legend=last and first_block)
        figure.subplots_adjust(wspace=0.06, hspace=0.12)
    show(
        figure,
        f"UMAPs of the same {len(label)} cells in the embeddings of {', '.join(map(title, names))}. "
        "For each, the upper panel is colored by cell type and the lower by batch.",
    )
