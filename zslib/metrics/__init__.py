"""Metrics of an embedding: pure functions, arrays in, numbers out.

:func:`score` computes all of them, or those asked for, with intervals. Each is a function by itself, too, all called
alike (see :class:`~zslib.metrics.registry.Metric`): ``metrics.knn_purity(X, label)``, ``metrics.bras(X, label, batch)``.
:data:`CARDS` says how to read them and what fools them.
"""

from zslib.metrics import registry
from zslib.metrics.batch.components import pcr
from zslib.metrics.card import MetricCard
from zslib.metrics.checks import check_embedding
from zslib.metrics.clustering import Clusterings, leiden
from zslib.metrics.discovery.titration import titrate
from zslib.metrics.distances import Geometry, measure_geometry
from zslib.metrics.graph import Neighbors, neighbors
from zslib.metrics.projection import pca
from zslib.metrics.registry import CARDS, METRICS, average, metric
from zslib.metrics.resolution import RESOLUTIONS, Sweep, best_of_resolutions, stability
from zslib.metrics.scoring import Scores, score, score_space
from zslib.metrics.space import Space

globals().update(registry.scan())
