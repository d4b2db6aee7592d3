"""Cells in two dimensions."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from zslib.plots.draw import cells
from zslib.plots.theme import BATCHES, CELL_TYPES, figure, title


@figure
def umap(layout: np.ndarray, label: pd.Series, batch: pd.Series):
    """Draw one embedding: cells colored by type, and by batch, where there are several."""
    by = _colors(label, batch)
    drawn, axes = plt.subplots(1, len(by), figsize=(4.5 * len(by), 3.6), squeeze=False, layout="constrained")
    for axis, (what, (names, palette)) in zip(axes.flat, by.items(), strict=True):
        cells(axis, layout, names, palette, what)
    said = [f"by {what} ({', '.join(map(str, names.unique()))})" for what, (names, _) in by.items()]
    return drawn, f"UMAP of {len(label)} cells, colored {' and, the same points, '.join(said)}."


@figure
def umap_grid(layouts: Mapping[str, np.ndarray], label: pd.Series, batch: pd.Series):
    """Draw the embeddings of all methods: by cell type, and below by batch, where there are several."""
    names, by = list(layouts), _colors(label, batch)
    if not names:
        return "No method ran here, so there is nothing to draw."
    columns = min(4, len(names))
    rows = -(-len(names) // columns) * len(by)
    size = (min(9, 2.3 * columns + 1.9), 2.1 * rows)
    drawn, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    for axis in axes.flat:
        axis.set_axis_off()
    for i, name in enumerate(names):
        for row, (colors, palette) in enumerate(by.values()):
            axis, heading = axes[len(by) * (i // columns) + row, i % columns], "" if row else title(name)
            cells(axis, layouts[name], colors, palette, heading, named=i == columns - 1)
    return drawn, (
        f"UMAPs of the same {len(label)} cells in the embeddings of {', '.join(map(title, names))}, "
        f"colored by {' and, below, by '.join(by)}."
    )


def _colors(label: pd.Series, batch: pd.Series) -> dict[str, tuple[pd.Series, Sequence[str]]]:
    """What cells are colored by, with the palette: what tells some from others."""
    by = {"cell type": (label, CELL_TYPES), "batch": (batch, BATCHES)}
    return {what: one for what, one in by.items() if one[0].nunique() > 1} or {"batch": by["batch"]}
