"""Metrics of an embedding: pure functions, arrays in, numbers out.

:func:`score` computes them all at once; each is also there by itself. :data:`CARDS` says how to read
them and what fools them.
"""

from zslib.datasets.within_batch import within_batch_pcs
from zslib.metrics.agreement import ari, nmi
from zslib.metrics.batch import pcr, pcr_comparison
from zslib.metrics.cards import CARDS, MetricCard
from zslib.metrics.checks import check_embedding
from zslib.metrics.clustering import Clusterings, leiden, louvain
from zslib.metrics.cosine import bras
from zslib.metrics.geometry import Geometry, measure_geometry
from zslib.metrics.graph import Neighbors, graph_connectivity, neighbors
from zslib.metrics.isolated import isolated_asw, isolated_f1
from zslib.metrics.kbet import kbet_per_label
from zslib.metrics.lisi import cilisi, clisi, ilisi
from zslib.metrics.neighborhood import hubness, knn_purity, neighbor_preservation
from zslib.metrics.probe import batch_probe, knn_probe, linear_probe
from zslib.metrics.projection import pca
from zslib.metrics.resolution import RESOLUTIONS, Sweep, best_of_resolutions, matched_resolution, stability
from zslib.metrics.scoring import Scores, score
from zslib.metrics.shape import anisotropy, effective_rank, participation_ratio
from zslib.metrics.silhouette import silhouette_batch, silhouette_label
from zslib.metrics.type_graph import scgraph

__all__ = [
    "CARDS",
    "RESOLUTIONS",
    "Clusterings",
    "Geometry",
    "MetricCard",
    "Neighbors",
    "Scores",
    "Sweep",
    "anisotropy",
    "ari",
    "batch_probe",
    "best_of_resolutions",
    "bras",
    "check_embedding",
    "cilisi",
    "clisi",
    "effective_rank",
    "graph_connectivity",
    "hubness",
    "ilisi",
    "isolated_asw",
    "isolated_f1",
    "kbet_per_label",
    "knn_probe",
    "knn_purity",
    "leiden",
    "linear_probe",
    "louvain",
    "matched_resolution",
    "measure_geometry",
    "neighbor_preservation",
    "neighbors",
    "nmi",
    "participation_ratio",
    "pca",
    "pcr",
    "pcr_comparison",
    "scgraph",
    "score",
    "silhouette_batch",
    "silhouette_label",
    "stability",
    "within_batch_pcs",
]
