"""An embedding and what follows from it, each part computed when first asked for, and once for all metrics."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from zslib.core.errors import DataError, NoLabels, NotApplicable
from zslib.metrics import lisi, probe
from zslib.metrics.anchors import EXACT_UP_TO, SHARE, Anchors, dealt, every_cell
from zslib.metrics.checks import check_embedding, check_pcs, encode, in_units
from zslib.metrics.clustering import Clusterings
from zslib.metrics.distances import Geometry, measure_geometry, numbers
from zslib.metrics.graph import K, Neighbors, approximate, fuzzy_graph
from zslib.metrics.projection import N_COMPS, pca

PAIRS = frozenset({"near", "wide", "labels", "batches", "own", "other"})
"""What one pass over all pairs of cells can find: the 14 nearest cells, from which the graph is made; the 89 nearest;
sums of distances to labels, and to batches within labels; the 89 nearest of the same label; and the 15 nearest of
other folds."""

LEAST_RECALL = 0.8
"""Graphs with less of the nearest cells are not scored: down to it, with the others replaced by cells a little farther,
scores of simulated cells stayed within their intervals, and below it NMI at resolution 1 began to fall."""
NEED_LABELS = frozenset({"labels", "batches", "own", "other"})
"""Those of them that cells without labels do not have."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Reference:
    """The cells before any method touched them; the same for all embeddings of them."""

    unintegrated: np.ndarray | None = None
    """Principal components of the unintegrated data, shape (n_cells, at most 50)."""
    within_batch: np.ndarray | None = None
    """Components of each batch by itself, see :func:`~zslib.datasets.within_batch.within_batch_pcs`."""
    device: str = "auto"
    _nearest: dict[bytes, np.ndarray] = field(default_factory=dict)

    @cached_property
    def pcs(self) -> np.ndarray:
        """The components of the unintegrated data."""
        if self.unintegrated is None:
            raise NotApplicable("the unintegrated data to compare with was not given")
        return self.unintegrated

    def nearest(self, rows: np.ndarray) -> np.ndarray:
        """Nearest cells of some cells before integration, shape (n_rows, 14)."""
        key = rows.tobytes()
        if key not in self._nearest:
            self._nearest[key] = measure_geometry(self.pcs, k=K, rows=rows, device=self.device).indices
        return self._nearest[key]


@dataclass(frozen=True, kw_only=True, eq=False)
class Space:
    """One embedding of the cells and what follows from it."""

    X: np.ndarray
    """Embedding, shape (n_cells, n_dims); of a unit near its own size where that is beyond what squares can hold."""
    codes: np.ndarray | None
    """Label codes, shape (n_cells,), if labels were given."""
    names: np.ndarray
    """The labels they stand for, sorted."""
    batch: np.ndarray | None
    """Batch codes, shape (n_cells,); None if there is one batch."""
    reference: Reference
    pairs: frozenset[str]
    """What will be asked of the pairs of cells; they are gone through once, for all of it."""
    seed: int
    device: str
    exact_up_to: int = EXACT_UP_TO
    """Up to so many cells all are measured; of more, anchors are (:mod:`zslib.metrics.anchors`)."""
    _kept: dict[Hashable, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        X,
        label=None,
        batch=None,
        *,
        unintegrated=None,
        within_batch=None,
        pairs: frozenset[str] = PAIRS,
        seed: int = 0,
        device: str = "auto",
        exact_up_to: int = EXACT_UP_TO,
    ) -> "Space":
        """Check what was given and encode it; parameters as of :class:`~zslib.metrics.registry.Metric`."""
        n = next((len(given) for given in (label, batch) if given is not None), np.shape(X)[0])
        if label is None:
            pairs -= NEED_LABELS
        X = in_units(check_embedding(X, n))
        codes, names = (None, np.array([])) if label is None else encode(label, n, "label")
        batch, batches = (None, []) if batch is None else encode(batch, n, "batch")
        if unintegrated is not None:
            unintegrated = in_units(check_pcs(unintegrated, n, "the unintegrated data"))
        return cls(
            X=X,
            codes=codes,
            names=names,
            batch=batch if len(batches) > 1 else None,
            reference=Reference(unintegrated=unintegrated, within_batch=within_batch, device=device),
            pairs=pairs,
            seed=seed,
            device=device,
            exact_up_to=exact_up_to,
        )

    @property
    def exact(self) -> bool:
        """Whether all cells are measured."""
        return len(self.X) <= self.exact_up_to

    @cached_property
    def anchors(self) -> Anchors:
        """The cells that are measured against all."""
        if self.exact:
            return every_cell(len(self.X))
        return dealt(self.strata, self.order, int(SHARE * self.exact_up_to), seed=self.seed)

    @cached_property
    def sample(self) -> "Space":
        """The anchors as a space by themselves, in which chance is measured; this one if all are anchors."""
        if self.exact:
            return self
        rows, before = self.anchors.rows, self.reference.unintegrated
        return replace(
            self,
            X=self.X[rows],
            codes=None if self.codes is None else self.codes[rows],
            batch=None if self.batch is None else self.batch[rows],
            reference=Reference(
                unintegrated=None if before is None else before[rows], device=self.reference.device
            ),
            exact_up_to=len(rows),
            _kept={},
        )

    @property
    def label(self) -> np.ndarray:
        """Label codes, shape (n_cells,)."""
        if self.codes is None:
            raise NoLabels("it looks at cell types, and no label was given")
        if len(self.names) == len(self.codes) > 1:
            raise DataError(
                f"each of the {len(self.codes)} cells has a label of its own, so there are no types to compare; "
                f"give the cell type of each cell"
            )
        return self.codes

    @property
    def batches(self) -> np.ndarray:
        """Batch codes, shape (n_cells,), of two batches or more."""
        if self.batch is None:
            raise NotApplicable("all cells are of one batch, so there is nothing to mix")
        if self.batch.max() + 1 == len(self.batch):
            raise NotApplicable("each cell has a batch of its own, so there is nothing to mix")
        return self.batch

    @property
    def strata(self) -> np.ndarray:
        """Label and batch together as codes, shape (n_cells,): cells are dealt out within these."""
        label = np.zeros(len(self.X), dtype=np.int64) if self.codes is None else self.label
        return label if self.batch is None else label * (self.batch.max() + 1) + self.batch

    @cached_property
    def number(self) -> np.ndarray:
        """By which cells equally far are taken in turn, see :func:`~zslib.metrics.distances.numbers`; (n_cells,)."""
        return numbers(self.X, *(codes for codes in (self.codes, self.batch) if codes is not None))

    @cached_property
    def order(self) -> np.ndarray:
        """Rows as all that is random takes them, shape (n_cells,): whatever order and names the cells came with.

        It follows from the unintegrated data, if they were given, for all embeddings of the cells to be split alike.
        """
        before = self.reference.unintegrated
        return np.argsort(self.number if before is None else numbers(before, self.number))

    @cached_property
    def pcs(self) -> np.ndarray:
        """Principal components; the embedding itself if it has 50 dimensions or fewer."""
        return self.X if self.X.shape[1] <= N_COMPS else pca(self.X, N_COMPS, device=self.device)

    @cached_property
    def fold(self) -> np.ndarray:
        """Fold of each cell: whole batches where there are several, else stratified by label; (n_cells,)."""
        if self.batch is not None:
            return probe.grouped_folds(self.batch, self.order)
        return probe.stratified_folds(self.strata, self.order, seed=self.seed)

    def geometry(self, *asked: str) -> Geometry:
        """What one pass over all pairs of cells, or of anchors and cells, has found.

        Parameters
        ----------
        asked
            For what; each of :data:`PAIRS`, and of what the space was made for.
        """
        if self.codes is None and set(asked) & NEED_LABELS:
            raise NoLabels("it looks at cell types, and no label was given")
        if missing := set(asked) - self.pairs:
            names = ", ".join(sorted(missing))
            raise LookupError(
                f"{names}: not looked for; a metric says what it needs, @metric(card, pairs=...)"
            )
        return self._geometry

    @cached_property
    def _geometry(self) -> Geometry:
        wide = lisi.N_NEIGHBORS - 1
        k = K if self.pairs & {"near", "wide"} else 1
        return measure_geometry(
            self.X,
            self.label if self.pairs & {"labels", "batches", "own"} else None,
            self.batch if "batches" in self.pairs else None,
            k=max(k, min(wide, len(self.X) - 1)) if "wide" in self.pairs else k,
            k_own=wide if "own" in self.pairs and self.batch is not None else 0,
            fold=self.fold if "other" in self.pairs else None,
            k_other=probe.N_NEIGHBORS,
            number=self.number,
            rows=None if self.exact else self.anchors.rows,
            device=self.device,
        )

    @cached_property
    def near(self) -> tuple[np.ndarray, np.ndarray]:
        """The 14 nearest cells of each anchor and their distances, of shape (n_anchors, 14)."""
        found = self.geometry("wide" if "wide" in self.pairs else "near")
        return found.indices[:, :K], found.distances[:, :K]

    @cached_property
    def neighbors(self) -> Neighbors:
        """The graph of 15 neighbors of all cells; of very many, what an approximate search finds."""
        if self.exact:
            indices, distances = self.near
        else:
            indices, distances = self._searched
            if self.recall < LEAST_RECALL:
                raise NotApplicable(
                    f"of the nearest cells the search in {len(self.X):,} cells found {self.recall:.0%}, and below "
                    f"{LEAST_RECALL:.0%} the graph is not that of the cells; score fewer cells, or raise exact_up_to"
                )
        return Neighbors(indices=indices, distances=distances, connectivities=fuzzy_graph(indices, distances))

    @cached_property
    def _searched(self) -> tuple[np.ndarray, np.ndarray]:
        return approximate(self.X, self.order, seed=self.seed)

    @cached_property
    def recall(self) -> float:
        """Share of the anchors' nearest cells that the approximate search found; 1 where all cells are measured."""
        if self.exact:
            return 1.0
        found, exact = self._searched[0][self.anchors.rows], self.near[0]
        share = (found[:, :, None] == exact[:, None]).any(axis=2).mean(axis=1)
        return float(np.average(share, weights=self.anchors.weight))

    @cached_property
    def neighbor_weights(self) -> np.ndarray:
        """Weights of the anchors' 89 nearest cells, for LISI."""
        return lisi.neighbor_weights(self.geometry("wide").distances)

    @cached_property
    def clusterings(self) -> Clusterings:
        """All clusterings of the graph so far, of its cells in :attr:`order`."""
        graph = self.neighbors.connectivities[self.order][:, self.order].sorted_indices()
        return Clusterings(graph, from_groups=not self.exact)

    def forget_groups(self) -> None:
        """Let go of what only further clusterings would need, of a million cells a gigabyte."""
        if "clusterings" in vars(self):
            self.clusterings.forget()

    def once(self, function: Callable[..., Any], *args: Hashable) -> Any:
        """What a function makes of this space, for all that ask for it; computed when first asked for."""
        if (function, *args) not in self._kept:
            self._kept[function, *args] = function(self, *args)
        return self._kept[function, *args]
