"""Cells in two dimensions."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from zslib.plots.draw import cells
from zslib.plots.theme import BATCHES, CELL_TYPES, figure, title


@figure
def umap(layout: np.ndarray, label: pd.Series, batch: pd.Series):
    """Draw one embedding twice: cells colored by type, and by batch."""
    drawn, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    cells(left, layout, label, CELL_TYPES, "cell type")
    cells(right, layout, batch, BATCHES, "batch")
    return drawn, (
        f"UMAP of {len(label)} cells. Left: colored by {label.nunique()} cell types. "
        f"Right: the same points colored by batch ({', '.join(map(str, batch.unique()))})."
    )


@figure
def umap_grid(layouts: Mapping[str, np.ndarray], label: pd.Series, batch: pd.Series):
    """Draw the embeddings of all methods: by cell type in the upper row, by batch in the lower."""
    names = list(layouts)
    if not names:
        return "No method ran here, so there is nothing to draw."
    columns = min(4, len(names))
    blocks = -(-len(names) // columns)
    size = (min(9, 2.3 * columns + 1.9), 4.2 * blocks)
    drawn, axes = plt.subplots(2 * blocks, columns, figsize=size, squeeze=False, layout="constrained")
    for axis in axes.flat:
        axis.set_axis_off()
    for i, name in enumerate(names):
        upper, lower = axes[2 * (i // columns) : 2 * (i // columns) + 2, i % columns]
        last_of_first_row = i == columns - 1
        cells(upper, layouts[name], label, CELL_TYPES, title(name), named=last_of_first_row)
        cells(lower, layouts[name], batch, BATCHES, named=last_of_first_row)
    return drawn, (
        f"UMAPs of the same {len(label)} cells in the embeddings of {', '.join(map(title, names))}. "
        "For each, the upper panel is colored by cell type and the lower by batch."
    )
