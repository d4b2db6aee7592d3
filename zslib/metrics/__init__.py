"""Metrics of an embedding: pure functions, arrays in, numbers out.

:func:`score` computes them all at once; each is also there by itself. :data:`CARDS` says how to read
them and what fools them.
"""

from zslib.metrics.agreement import ari, nmi
from zslib.metrics.batch import pcr, pcr_comparison
from zslib.metrics.cards import CARDS, MetricCard
from zslib.metrics.checks import check_embedding
from zslib.metrics.clustering import RESOLUTIONS, Sweep, best_of_resolutions, leiden, louvain
from zslib.metrics.geometry import Geometry, measure_geometry
from zslib.metrics.graph import Neighbors, graph_connectivity, neighbors
from zslib.metrics.projection import pca
from zslib.metrics.scoring import Scores, score
from zslib.metrics.silhouette import silhouette_batch, silhouette_label

__all__ = [
    "CARDS",
    "RESOLUTIONS",
    "Geometry",
    "MetricCard",
    "Neighbors",
    "Scores",
    "Sweep",
    "ari",
    "best_of_resolutions",
    "check_embedding",
    "graph_connectivity",
    "leiden",
    "louvain",
    "measure_geometry",
    "neighbors",
    "nmi",
    "pca",
    "pcr",
    "pcr_comparison",
    "score",
    "silhouette_batch",
    "silhouette_label",
]
