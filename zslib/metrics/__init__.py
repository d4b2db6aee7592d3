"""Metrics of an embedding: pure functions, arrays in, numbers out.

:func:`score` computes all of them, or those asked for, with intervals. Each is a function by itself, too, all called
alike (see :class:`~zslib.metrics.registry.Metric`): ``metrics.knn_purity(X, label)``, ``metrics.bras(X, label, batch)``.
:data:`CARDS` says how to read them and what fools them.
"""

from zslib.datasets.within_batch import within_batch_pcs
from zslib.metrics import registry
from zslib.metrics.agreement import ari, nmi
from zslib.metrics.batch.components import pcr
from zslib.metrics.card import MetricCard
from zslib.metrics.checks import check_embedding
from zslib.metrics.clustering import Clusterings, leiden, louvain
from zslib.metrics.discovery.titration import titrate
from zslib.metrics.distances import Geometry, measure_geometry
from zslib.metrics.graph import Neighbors, neighbors
from zslib.metrics.projection import pca
from zslib.metrics.registry import CARDS, METRICS, average, metric
from zslib.metrics.resolution import RESOLUTIONS, Sweep, best_of_resolutions, matched_resolution, stability
from zslib.metrics.scoring import Scores, score
from zslib.metrics.space import Space

_found = registry.scan()
globals().update(_found)

__all__ = [
    "CARDS",
    "METRICS",
    "RESOLUTIONS",
    "Clusterings",
    "Geometry",
    "MetricCard",
    "Neighbors",
    "Scores",
    "Space",
    "Sweep",
    "ari",
    "average",
    "best_of_resolutions",
    "check_embedding",
    "leiden",
    "louvain",
    "matched_resolution",
    "measure_geometry",
    "metric",
    "neighbors",
    "nmi",
    "pca",
    "pcr",
    "score",
    "stability",
    "titrate",
    "within_batch_pcs",
    *_found,
]
