"""Every figure of the book, one call each.

Each function draws, shows the picture with a caption and an alternative text computed from the data, and returns
nothing: a figure is the last line of a notebook cell. Methods keep one color (cool for baselines, warm for foundation
models, gray for controls) and one marker throughout the book, from their cards; cell types take scanpy's palette.
"""

from zslib.plots.controls import controls, twins
from zslib.plots.curves import stability, sweep, training
from zslib.plots.discovery import hidden_types, titration
from zslib.plots.embeddings import umap, umap_grid
from zslib.plots.results import compared, critical_differences, differences, overview, robustness, scores
from zslib.plots.speed import speed
from zslib.plots.theme import BATCHES, CELL_TYPES, THEME, show
from zslib.plots.tokens import bins, ranks
from zslib.plots.view import explore, explore_run
