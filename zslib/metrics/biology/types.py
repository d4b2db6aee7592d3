"""What becomes of single cell types: those that few batches have, and how types lie to each other."""

import numpy as np

from zslib.core.errors import NotApplicable
from zslib.core.stats import Statistic
from zslib.metrics.agreement import contingency
from zslib.metrics.card import SCIB, MetricCard
from zslib.metrics.reduce import mean_of_labels
from zslib.metrics.registry import metric
from zslib.metrics.resolution import sweep
from zslib.metrics.silhouette import label_silhouettes
from zslib.metrics.space import Space
from zslib.metrics.type_graph import TypeGraph, consensus

REFERENCE = (
    "The reference is itself made of components, so embeddings that resemble them are favored. Fewer than "
    "about six types make the correlation a matter of luck. Which of two far types is farther is biology "
    "only if the labels are."
)
SCGRAPH = "Wang, Leskovec and Regev, Nature Biotechnology (2025), doi:10.1038/s41587-025-02702-z"


@metric(
    MetricCard(
        name="isolated_asw",
        title="Isolated labels (ASW)",
        family="biology",
        range=(0.0, 1.0),
        better="higher",
        formula="label ASW of the types found in the fewest batches, mean over these types",
        reading=(
            "Whether types that few batches have keep a place of their own; 0.5 means no structure, as for label "
            "ASW. Integration that mixes too much loses these first."
        ),
        fooled_by=(
            "It may rest on a handful of cells of one type, and a type that is in one batch only is set apart by "
            "the batch effect as well: no integration at all looks good. All that fools label ASW."
        ),
        reference=SCIB,
    ),
    pairs=("labels",),
)
def isolated_asw(space: Space) -> Statistic:
    """Label ASW of the types in the fewest batches, as ``scib.me.isolated_labels_asw``."""
    label = space.label[space.anchors.rows]
    few = np.isin(label, isolated(space.label, space.batches))
    found = mean_of_labels((label_silhouettes(space.geometry("labels")) + 1) / 2, label, few)
    return space.anchors.on(found)


@metric(
    MetricCard(
        name="isolated_f1",
        title="Isolated labels (F1)",
        family="biology",
        range=(0.0, 1.0),
        better="higher",
        formula="F1 of the cluster that fits best, over Leiden resolutions 0.1 to 2, mean over the types found in the fewest batches",
        reading=("1 if each of these types is a cluster of its own at some resolution."),
        fooled_by=(
            "The cluster and the resolution are chosen by looking at the labels, twice an oracle. A batch effect "
            "helps, since a type of one batch is then set apart by it. Few cells of one type may decide."
        ),
        reference=SCIB,
    )
)
def isolated_f1(space: Space) -> Statistic:
    """F1 of the best cluster for each of the types in the fewest batches, as ``scib.me.isolated_labels_f1``."""
    few = isolated(space.label, space.batches)
    return best_f1(few, space.label, space.once(sweep, "leiden").found)


@metric(
    MetricCard(
        name="scgraph_rank",
        title="scGraph (rank)",
        family="biology",
        range=(-1.0, 1.0),
        better="higher",
        formula="mean over types of the Spearman correlation of its distances to all types with the same within batches; centers are 5 % trimmed means",
        reading=(
            "Whether types lie to each other as they do within each batch by itself (10 components of its 1,000 "
            "most variable genes), where nothing is to be integrated. 1: the order of distances is kept; 0: it is "
            "lost. Training on labels can top the cluster scores and fail here."
        ),
        fooled_by=REFERENCE,
        reference=SCGRAPH,
    )
)
def scgraph_rank(space: Space) -> Statistic:
    """Spearman correlation of distances between types; Rank-PCA of scgraph-eval."""
    return space.once(type_graph).agreement("rank")


@metric(
    MetricCard(
        name="scgraph_corr",
        title="scGraph (correlation)",
        family="biology",
        range=(-1.0, 1.0),
        better="higher",
        formula="as scGraph (rank), with the Pearson correlation",
        reading=(
            "As scGraph (rank), for the distances themselves: it also asks how much farther a far type is."
        ),
        fooled_by="One type far from all others decides, and is usually far in every embedding, so values are high. "
        + REFERENCE,
        reference=SCGRAPH,
    )
)
def scgraph_corr(space: Space) -> Statistic:
    """Pearson correlation of distances between types; Corr-PCA of scgraph-eval."""
    return space.once(type_graph).agreement("corr")


@metric(
    MetricCard(
        name="scgraph_weighted",
        title="scGraph (weighted)",
        family="biology",
        range=(-1.0, 1.0),
        better="higher",
        formula="as scGraph (correlation), types weighing one over their distance in the reference",
        reading=(
            "As scGraph (correlation), heeding most the types that lie next to each other, where kinship is "
            "decided."
        ),
        fooled_by="Two types that nearly coincide in the reference outweigh all others. " + REFERENCE,
        reference=SCGRAPH,
    )
)
def scgraph_weighted(space: Space) -> Statistic:
    """Pearson correlation of distances between types, near ones weighing more; Corr-Weighted of scgraph-eval."""
    return space.once(type_graph).agreement("weighted")


def type_graph(space: Space) -> TypeGraph:
    """Distances between the types, beside those within batches."""
    if space.reference.within_batch is None:
        raise NotApplicable("the components of each batch by itself to compare with were not given")
    batch = np.zeros_like(space.label) if space.batch is None else space.batch
    return TypeGraph(space.X, space.label, consensus(space.reference.within_batch, space.label, batch))


def isolated(label: np.ndarray, batch: np.ndarray) -> np.ndarray:
    """Codes of the labels that lie in as few batches as any does, ascending.

    Where every label lies in every batch, scib finds none and returns NaN, and scib-metrics takes all of them: here the
    score is not applicable.
    """
    found = (contingency(np.ones((len(label), 1)), label, batch)[0] > 0).sum(axis=1)
    if found.min() == batch.max() + 1:
        raise NotApplicable("every cell type lies in every batch, so none is isolated")
    return np.flatnonzero(found == found.min())


def best_f1(labels: np.ndarray, label: np.ndarray, clusterings: np.ndarray) -> Statistic:
    """Mean over some labels of the F1 of the cluster that matches the label best in any clustering.

    Clusterings are of shape (n_resolutions, n_cells). Which cluster of which is chosen once, on all cells.
    """
    every = np.ones((len(label), 1))
    scores = [_f1(contingency(every, label, clusters))[0, labels] for clusters in clusterings]
    best = np.stack([f1.max(axis=1) for f1 in scores]).argmax(axis=0)  # resolution for each of the labels
    masks = [
        (label == code, clusterings[i] == scores[i][j].argmax())
        for j, (code, i) in enumerate(zip(labels, best, strict=True))
    ]

    def f1(weights: np.ndarray) -> np.ndarray:
        return np.mean(
            [2 * (own & found) @ weights / (own @ weights + found @ weights) for own, found in masks], axis=0
        )

    return f1


def _f1(tables: np.ndarray) -> np.ndarray:
    """F1 of each label with each cluster, from tables of shape (…, n_labels, n_clusters)."""
    sizes = tables.sum(axis=-1, keepdims=True) + tables.sum(axis=-2, keepdims=True)
    return 2 * tables / sizes
