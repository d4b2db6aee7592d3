"""Every figure of the book, one call each.

Each function draws, shows the picture with an alternative text computed from the data, and returns nothing:
a figure is the last line of a notebook cell. Methods keep one color (Okabe-Ito; grays for controls) and one
marker throughout the book, from their cards; cell types take scanpy's palette in the order of their names.
"""

from zslib.plots.curves import stability, sweep, training
from zslib.plots.discovery import hidden_types, titration
from zslib.plots.embeddings import umap, umap_grid
from zslib.plots.results import (
    compared,
    controls,
    critical_differences,
    differences,
    overview,
    robustness,
    scores,
    twins,
)
from zslib.plots.theme import BATCHES, CELL_TYPES, THEME, show
from zslib.plots.tokens import bins, ranks
from zslib.plots.view import explore, explore_run
