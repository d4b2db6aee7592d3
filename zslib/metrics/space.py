"""An embedding and what follows from it, each part computed once and shared by all metrics."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from zslib.errors import NotApplicable
from zslib.metrics import lisi, neighborhood, probe
from zslib.metrics.clustering import Clusterings
from zslib.metrics.geometry import Geometry, measure_geometry
from zslib.metrics.graph import Neighbors, fuzzy_graph
from zslib.metrics.resolution import (
    USUAL,
    Sweep,
    best_of_resolutions,
    matched_resolution,
    stability,
)
from zslib.metrics.shape import spectrum
from zslib.metrics.type_graph import TypeGraph, consensus

REPEATS = 4
"""Clusterings at each resolution that was not chosen by the labels."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Reference:
    """The cells before any method touched them; the same for all embeddings of them."""

    pcs: np.ndarray | None = None
    """Principal components of the unintegrated data, shape (n_cells, at most 50)."""
    within_batch: np.ndarray | None = None
    """Components of each batch by itself, see :func:`~zslib.metrics.type_graph.within_batch_pcs`."""
    device: str = "auto"

    @cached_property
    def indices(self) -> np.ndarray:
        """Nearest cells of each cell before integration, shape (n_cells, 14)."""
        if self.pcs is None:
            raise NotApplicable("the unintegrated data to compare with was not given")
        return measure_geometry(self.pcs, k=neighborhood.K, device=self.device).indices


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
    reference: Reference
    seed: int
    device: str

    @cached_property
    def fold(self) -> np.ndarray:
        """Fold of each cell: whole batches where there are several, else stratified by label; (n_cells,)."""
        if self.batch is not None:
            return probe.grouped_folds(self.batch)
        return probe.stratified_folds(self.label, seed=self.seed)

    @cached_property
    def geometry(self) -> Geometry:
        """All that is needed from the pairwise distances."""
        wide = lisi.N_NEIGHBORS - 1
        return measure_geometry(
            self.X,
            self.label,
            self.batch,
            k=max(neighborhood.K, min(wide, len(self.X) - 1)),
            k_own=0 if self.batch is None else wide,
            fold=self.fold,
            k_other=probe.N_NEIGHBORS,
            device=self.device,
        )

    @cached_property
    def neighbors(self) -> Neighbors:
        """The graph of 15 neighbors."""
        indices, distances = (
            part[:, : neighborhood.K] for part in (self.geometry.indices, self.geometry.distances)
        )
        return Neighbors(indices=indices, distances=distances, connectivities=fuzzy_graph(indices, distances))

    @cached_property
    def neighbor_weights(self) -> np.ndarray:
        """Weights of the 89 nearest cells, for LISI."""
        return lisi.neighbor_weights(self.geometry.distances)

    @cached_property
    def clusterings(self) -> Clusterings:
        """All clusterings of the graph so far."""
        return Clusterings(self.neighbors.connectivities)

    @cached_property
    def sweeps(self) -> dict[str, Sweep]:
        """Both clusterings, over all resolutions."""
        return {
            name: best_of_resolutions(self.clusterings, self.label, algorithm=name, seed=self.seed)
            for name in ("louvain", "leiden")
        }

    @cached_property
    def resolutions(self) -> dict[str, float]:
        """Resolutions for Leiden that were not chosen by agreement with the labels, by the way of choosing."""
        stable = stability(self.clusterings, seed=self.seed)
        n_labels = int(self.label.max()) + 1
        return {
            "fixed": USUAL,
            "matched": matched_resolution(self.clusterings, n_labels, seed=self.seed),
            "stable": float(stable.loc[stable["chosen"], "resolution"].iloc[0]),
        }

    def clusters(self, way: str) -> np.ndarray:
        """Leiden clusters at the resolution chosen in one of these ways, shape (n_repeats, n_cells)."""
        return self.clusterings.repeated("leiden", self.resolutions[way], self.seed, REPEATS)

    @cached_property
    def type_graph(self) -> TypeGraph:
        """Distances between the types, beside those within batches."""
        if self.reference.within_batch is None:
            raise NotApplicable("the components of each batch by itself to compare with were not given")
        batch = np.zeros_like(self.label) if self.batch is None else self.batch
        return TypeGraph(self.X, self.label, consensus(self.reference.within_batch, self.label, batch))

    @cached_property
    def spectrum(self) -> np.ndarray:
        """Variances along the principal components."""
        return spectrum(self.X, device=self.device)
