"""Where a metric declares itself.

To add one, write its card in :mod:`zslib.metrics.cards` and its recipe here. A recipe gets a
:class:`~zslib.metrics.space.Space`, in which neighbors, silhouettes and clusterings are computed once and shared, and
returns the metric as a function of cell weights, so that its interval comes by itself. A metric that depends
on luck returns several such functions, one a draw; one that cannot be resampled returns a number, which has no
interval. Where the metric has no meaning for the data it raises :class:`~zslib.errors.NotApplicable` with the reason.
"""

from collections.abc import Callable

import numpy as np

from zslib.errors import NotApplicable
from zslib.metrics import cosine, isolated, kbet, lisi, neighborhood, probe, reduce, shape
from zslib.metrics.agreement import contingency, table_ari, table_nmi
from zslib.metrics.batch import share_removed
from zslib.metrics.cards import CARDS
from zslib.metrics.graph import in_main_component
from zslib.metrics.silhouette import batch_silhouettes, label_silhouettes
from zslib.metrics.space import Space
from zslib.stats import Statistic

RECIPES: dict[str, Callable[[Space], Statistic | list[Statistic] | float]] = {}
"""How to compute each metric that has a definition of its own."""

AVERAGES: dict[str, tuple[str, ...]] = {
    "avg_bio": ("asw_label", "nmi_louvain", "ari_louvain"),
    "avg_batch": ("pcr_comparison", "asw_batch"),
}
"""Metrics that are the mean of others."""


def recipe(function: Callable) -> Callable:
    """Enter a metric; the function has the metric's name."""
    if function.__name__ not in CARDS:
        raise LookupError(f"{function.__name__} has no card in zslib.metrics.cards")
    RECIPES[function.__name__] = function
    return function


# Biology


@recipe
def asw_label(space: Space) -> Statistic:
    """(Mean silhouette + 1) / 2."""
    return reduce.mean((label_silhouettes(space.geometry) + 1) / 2)


@recipe
def nmi_louvain(space: Space) -> list[Statistic]:
    """NMI of the Louvain clusters at the chosen resolution."""
    return _agreement(space, space.sweeps["louvain"].clusters, table_nmi)


@recipe
def ari_louvain(space: Space) -> list[Statistic]:
    """ARI of the Louvain clusters at the chosen resolution."""
    return _agreement(space, space.sweeps["louvain"].clusters, table_ari)


@recipe
def nmi_leiden(space: Space) -> list[Statistic]:
    """NMI of the Leiden clusters at the chosen resolution."""
    return _agreement(space, space.sweeps["leiden"].clusters, table_nmi)


@recipe
def ari_leiden(space: Space) -> list[Statistic]:
    """ARI of the Leiden clusters at the chosen resolution."""
    return _agreement(space, space.sweeps["leiden"].clusters, table_ari)


@recipe
def nmi_fixed(space: Space) -> list[Statistic]:
    """NMI of the Leiden clusters at the usual resolution."""
    return _agreement(space, space.clusters("fixed"), table_nmi)


@recipe
def ari_fixed(space: Space) -> list[Statistic]:
    """ARI of the Leiden clusters at the usual resolution."""
    return _agreement(space, space.clusters("fixed"), table_ari)


@recipe
def nmi_matched(space: Space) -> list[Statistic]:
    """NMI of as many Leiden clusters as there are types."""
    return _agreement(space, space.clusters("matched"), table_nmi)


@recipe
def ari_matched(space: Space) -> list[Statistic]:
    """ARI of as many Leiden clusters as there are types."""
    return _agreement(space, space.clusters("matched"), table_ari)


@recipe
def nmi_stable(space: Space) -> list[Statistic]:
    """NMI of the finest stable Leiden clusters."""
    return _agreement(space, space.clusters("stable"), table_nmi)


@recipe
def ari_stable(space: Space) -> list[Statistic]:
    """ARI of the finest stable Leiden clusters."""
    return _agreement(space, space.clusters("stable"), table_ari)


@recipe
def knn_purity(space: Space) -> Statistic:
    """Mean share of neighbors with the cell's own label."""
    return reduce.mean(neighborhood.same_label(space.neighbors.indices, space.label))


@recipe
def knn_probe(space: Space) -> Statistic:
    """Macro-F1 of the majority of the neighbors in other folds."""
    found = probe.vote(space.label[space.geometry.other_indices])
    return probe.macro_f1(space.label, found, space.fold)


@recipe
def linear_probe(space: Space) -> Statistic:
    """Macro-F1 of a logistic regression, fold by fold."""
    found = probe.held_out(space.X, space.label, space.fold, device=space.device)
    return probe.macro_f1(space.label, found, space.fold)


@recipe
def clisi(space: Space) -> Statistic:
    """How few types a neighborhood holds."""
    n = int(space.label.max()) + 1
    values = lisi.lisi(space.neighbor_weights, space.label[space.geometry.indices])
    return reduce.median((n - values) / (n - 1))


@recipe
def isolated_asw(space: Space) -> Statistic:
    """Label ASW of the types in the fewest batches."""
    labels = isolated.isolated(space.label, _batches(space))
    widths = label_silhouettes(space.geometry)
    return reduce.mean_of_labels((widths + 1) / 2, space.label, np.isin(space.label, labels))


@recipe
def isolated_f1(space: Space) -> Statistic:
    """F1 of the best cluster for each of the types in the fewest batches."""
    labels = isolated.isolated(space.label, _batches(space))
    return isolated.best_f1(labels, space.label, space.sweeps["leiden"].found)


@recipe
def scgraph_rank(space: Space) -> Statistic:
    """Spearman correlation of distances between types."""
    return space.type_graph.agreement("rank")


@recipe
def scgraph_corr(space: Space) -> Statistic:
    """Pearson correlation of distances between types."""
    return space.type_graph.agreement("corr")


@recipe
def scgraph_weighted(space: Space) -> Statistic:
    """Pearson correlation of distances between types, near ones weighing more."""
    return space.type_graph.agreement("weighted")


# Batch


@recipe
def asw_batch(space: Space) -> Statistic:
    """Mean over labels of 1 − abs(silhouette by batch)."""
    _batches(space)
    widths = batch_silhouettes(space.geometry)
    return reduce.mean_of_labels(1 - np.abs(widths), space.label, ~np.isnan(widths))


@recipe
def bras(space: Space) -> Statistic:
    """Mean over labels of 1 − abs(silhouette by batch), by cosine distance to all other batches."""
    widths = cosine.mean_other_silhouettes(space.X, space.label, _batches(space))
    return reduce.mean_of_labels(1 - np.abs(widths), space.label, ~np.isnan(widths))


@recipe
def pcr_comparison(space: Space) -> Statistic:
    """Share of the batch variance that is gone."""
    batch = _batches(space)
    if space.reference.pcs is None:
        raise NotApplicable("the unintegrated data to compare with was not given")
    return share_removed(space.reference.pcs, space.pcs, batch)


@recipe
def ilisi(space: Space) -> Statistic:
    """How many batches a neighborhood holds."""
    batch = _batches(space)
    values = lisi.lisi(space.neighbor_weights, batch[space.geometry.indices])
    return reduce.median((values - 1) / batch.max())


@recipe
def cilisi(space: Space) -> Statistic:
    """How many batches a neighborhood holds, within types."""
    batch, found = _batches(space), space.geometry
    values = lisi.within_labels(found.own_indices, found.own_distances, space.label, batch)
    return reduce.mean_of_labels(values, space.label, ~np.isnan(values))


@recipe
def kbet_per_label(space: Space) -> Statistic:
    """Share of neighborhoods within types whose batches are as expected."""
    values = kbet.accepted(space.geometry.own_indices, space.label, _batches(space))
    return reduce.mean_of_labels(values, space.label, ~np.isnan(values))


@recipe
def batch_probe(space: Space) -> Statistic:
    """Mean share of a batch's cells that a logistic regression recognizes."""
    batch = _batches(space)
    fold = probe.stratified_folds(space.label * (batch.max() + 1) + batch, seed=space.seed)
    return probe.mean_recall(batch, probe.held_out(space.X, batch, fold, device=space.device))


@recipe
def graph_connectivity(space: Space) -> Statistic:
    """Share of a label's cells in its largest connected part, over labels."""
    main = in_main_component(space.neighbors.connectivities, space.label)
    return reduce.mean_of_labels(main.astype(float), space.label)


# Geometry


@recipe
def effective_rank(space: Space) -> float:
    """Dimensions in use, by the entropy of singular values."""
    return shape.rank_of(space.spectrum)


@recipe
def participation_ratio(space: Space) -> float:
    """Dimensions that hold the variance."""
    return shape.ratio_of(space.spectrum)


@recipe
def anisotropy(space: Space) -> Statistic:
    """Mean cosine similarity of pairs of cells."""
    return shape.mean_cosine(space.X)


@recipe
def hubness(space: Space) -> Statistic:
    """Skewness of how often cells are neighbors."""
    return neighborhood.skewness(neighborhood.occurrences(space.neighbors.indices))


@recipe
def neighbor_preservation(space: Space) -> Statistic:
    """Mean share of the neighbors before integration that are kept."""
    return reduce.mean(neighborhood.overlap(space.neighbors.indices, space.reference.indices))


def _batches(space: Space) -> np.ndarray:
    if space.batch is None:
        raise NotApplicable("all cells are of one batch, so there is nothing to mix")
    return space.batch


def _agreement(
    space: Space, clusterings: np.ndarray, measure: Callable[[np.ndarray], np.ndarray]
) -> list[Statistic]:
    """One function of cell weights for each clustering of shape (n_repeats, n_cells)."""
    return [
        lambda weights, clusters=clusters: measure(contingency(weights, space.label, clusters))
        for clusters in clusterings
    ]
