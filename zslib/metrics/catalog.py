"""Where a metric declares itself.

To add one, write its card in :mod:`zslib.metrics.cards` and its recipe here. A recipe gets a
:class:`Space`, in which neighbors, silhouettes and clusterings are computed once and shared, and
returns the metric as a function of cell weights, so that its interval comes by itself; a metric that depends
on luck returns several such functions, one a draw. Where the metric has no meaning for the data it raises :class:`~zslib.errors.NotApplicable` with the reason.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from zslib.errors import NotApplicable
from zslib.metrics.agreement import contingency, table_ari, table_nmi
from zslib.metrics.batch import share_removed
from zslib.metrics.cards import CARDS
from zslib.metrics.clustering import Sweep, best_of_resolutions
from zslib.metrics.geometry import Geometry, measure_geometry
from zslib.metrics.graph import Neighbors, fuzzy_graph, in_main_component
from zslib.metrics.silhouette import batch_silhouettes, label_silhouettes
from zslib.stats import Statistic, group_sums


@dataclass(frozen=True, kw_only=True, eq=False)
class Space:
    """One embedding of the cells and what follows from it, each part computed when first asked for."""

    X: np.ndarray
    """Embedding, shape (n_cells, n_dims)."""
    pcs: np.ndarray
    """Its principal components, at most 50 columns."""
    label: np.ndarray
    """Label codes, shape (n_cells,)."""
    batch: np.ndarray | None
    """Batch codes, shape (n_cells,); None if there is one batch."""
    unintegrated: np.ndarray | None
    """Principal components of the unintegrated data."""
    seed: int
    device: str

    @cached_property
    def geometry(self) -> Geometry:
        """All that is needed from the pairwise distances."""
        return measure_geometry(self.X, self.label, self.batch, device=self.device)

    @cached_property
    def neighbors(self) -> Neighbors:
        """The graph of 15 neighbors."""
        indices, distances = self.geometry.indices, self.geometry.distances
        return Neighbors(indices=indices, distances=distances, connectivities=fuzzy_graph(indices, distances))

    @cached_property
    def sweeps(self) -> dict[str, Sweep]:
        """Both clusterings, over all resolutions."""
        graph = self.neighbors.connectivities
        return {
            name: best_of_resolutions(graph, self.label, algorithm=name, seed=self.seed)
            for name in ("louvain", "leiden")
        }


RECIPES: dict[str, Callable[[Space], Statistic | list[Statistic]]] = {}
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


@recipe
def asw_label(space: Space) -> Statistic:
    """(Mean silhouette + 1) / 2."""
    widths = label_silhouettes(space.geometry)
    return lambda weights: (widths @ weights / weights.sum(axis=0) + 1) / 2


@recipe
def nmi_louvain(space: Space) -> list[Statistic]:
    """NMI of the Louvain clusters at the chosen resolution."""
    return _agreement(space, "louvain", table_nmi)


@recipe
def ari_louvain(space: Space) -> list[Statistic]:
    """ARI of the Louvain clusters at the chosen resolution."""
    return _agreement(space, "louvain", table_ari)


@recipe
def nmi_leiden(space: Space) -> list[Statistic]:
    """NMI of the Leiden clusters at the chosen resolution."""
    return _agreement(space, "leiden", table_nmi)


@recipe
def ari_leiden(space: Space) -> list[Statistic]:
    """ARI of the Leiden clusters at the chosen resolution."""
    return _agreement(space, "leiden", table_ari)


@recipe
def asw_batch(space: Space) -> Statistic:
    """Mean over labels of 1 − abs(silhouette by batch)."""
    _need_batches(space)
    widths = batch_silhouettes(space.geometry)
    return _mean_of_labels(1 - np.abs(widths), space.label, ~np.isnan(widths))


@recipe
def pcr_comparison(space: Space) -> Statistic:
    """Share of the batch variance that is gone."""
    _need_batches(space)
    if space.unintegrated is None:
        raise NotApplicable("the unintegrated data to compare with was not given")
    return share_removed(space.unintegrated, space.pcs, space.batch)


@recipe
def graph_connectivity(space: Space) -> Statistic:
    """Share of a label's cells in its largest connected part, over labels."""
    main = in_main_component(space.neighbors.connectivities, space.label)
    return _mean_of_labels(main.astype(float), space.label, np.ones(len(main), dtype=bool))


def _need_batches(space: Space) -> None:
    if space.batch is None:
        raise NotApplicable("all cells are of one batch, so there is nothing to mix")


def _agreement(space: Space, algorithm: str, measure: Callable[[np.ndarray], np.ndarray]) -> list[Statistic]:
    """One function of cell weights for each clustering at the chosen resolution."""
    return [
        lambda weights, clusters=clusters: measure(contingency(weights, space.label, clusters))
        for clusters in space.sweeps[algorithm].clusters
    ]


def _mean_of_labels(values: np.ndarray, label: np.ndarray, used: np.ndarray) -> Statistic:
    """Mean over labels of the weighted mean of their cells, of the cells used only."""
    _, codes = np.unique(label[used], return_inverse=True)
    n, values = codes.max() + 1, values[used]

    def statistic(weights: np.ndarray) -> np.ndarray:
        weights = weights[used]
        # Resampling within labels never leaves one without cells.
        return (group_sums(weights, codes, n, values) / group_sums(weights, codes, n)).mean(axis=0)

    return statistic
