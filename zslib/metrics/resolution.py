"""Which resolution to cluster at: the one the labels like best, and three ways that do not look at them cell by cell.

The paper, like scib, tries many resolutions and keeps the one with the highest NMI. Nobody can do so in discovery. So
the scores are given at three others too: the usual one, the one that gives as many clusters as there are types
(an analyst who knows how many to expect), and the finest one at which clusters stay when cells are left out.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from scipy import sparse

from zslib.metrics.agreement import contingency, table_ari, table_nmi
from zslib.metrics.checks import encode
from zslib.metrics.clustering import Clusterings
from zslib.metrics.space import Space

RESOLUTIONS = tuple(round(0.1 * step, 1) for step in range(1, 21))
"""0.1, 0.2 … 2.0, as in scib and the paper."""
COARSE = RESOLUTIONS[1::2]
USUAL = 1.0
"""The default of scanpy's Leiden."""
SHARE = 0.8
"""Part of the cells in a subsample."""
SLACK = 0.05
"""How much stability is given up for finer clusters."""


class Effort(NamedTuple):
    """How much is tried."""

    resolutions: tuple[float, ...] = RESOLUTIONS
    repeats: int = 8
    """Clusterings at the resolution that the labels chose: both algorithms start from a random order, and luck moves
    the scores."""
    repeats_usual: int = 4
    """Clusterings at resolution 1."""
    choices: int = 4
    """How often a resolution is chosen without the labels."""
    halvings: int = 12
    """Steps of the search for a number of clusters."""
    subsamples: int = 2


FULL = Effort()
LESS = Effort(COARSE, repeats=4, choices=2, halvings=5, subsamples=1)
"""Of more cells than all are measured of."""


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """A clustering at every resolution, and the one that agrees best with the labels."""

    table: pd.DataFrame
    """Columns resolution, n_clusters, nmi, ari, chosen; one row a resolution."""
    found: np.ndarray
    """Cluster of each cell at each resolution, shape (n_resolutions, n_cells)."""
    clusters: np.ndarray
    """Cluster of each cell at the chosen resolution, shape (n_repeats, n_cells); the first row is the sweep's."""


def best_of_resolutions(
    connectivities: sparse.csr_matrix | Clusterings,
    label,
    *,
    algorithm: str = "leiden",
    resolutions: tuple[float, ...] = RESOLUTIONS,
    repeats: int = FULL.repeats,
    seed: int = 0,
) -> Sweep:
    """Cluster at several resolutions, keep the one with the highest NMI against the labels, and repeat there.

    The choice looks at the labels, so the result is what an oracle would find and not what a biologist
    without labels would. The whole sweep is returned, for one to see how much was won by choosing.

    Parameters
    ----------
    connectivities
        Symmetric weights of shape (n_cells, n_cells), or clusterings of them that are shared.
    label
        Cell type of each cell, shape (n_cells,).
    algorithm
        ``"leiden"`` or ``"louvain"``.
    resolutions
        Which to try; of equals the first is chosen.
    repeats
        How often to cluster at the chosen resolution, with ``seed``, ``seed + 1`` and so on.
    seed
        Seed of the sweep's clusterings, the same at each resolution.

    Returns
    -------
    The sweep and the clusters at the chosen resolution.
    """
    clusterings = _shared(connectivities)
    label, _ = encode(label, clusterings.connectivities.shape[0], "label")
    found = clusterings.all((algorithm, resolution, seed) for resolution in resolutions)
    every = np.ones((len(label), 1))
    tables = [contingency(every, label, clusters)[0] for clusters in found]
    scores = [float(table_nmi(table)) for table in tables]
    # Equal partitions with clusters numbered differently differ in the last digits only.
    best = int(np.argmax(np.round(scores, 12)))
    table = pd.DataFrame(
        {
            "resolution": resolutions,
            "n_clusters": found.max(axis=1) + 1,
            "nmi": scores,
            "ari": [float(table_ari(table)) for table in tables],
            "chosen": np.arange(len(found)) == best,
        }
    )
    again = clusterings.all((algorithm, resolutions[best], seed + i) for i in range(repeats))
    return Sweep(table=table, found=found, clusters=again)


def matched_resolution(
    clusterings: Clusterings,
    n_clusters: int,
    seed: int,
    resolutions: tuple[float, ...] = RESOLUTIONS,
    halvings: int = FULL.halvings,
) -> float:
    """Find the resolution at which Leiden gives a number of clusters.

    Of the resolutions given, ascending, it is the middle one of those that give this number; if none does, one found
    by halving the gap in which the number must lie, or beyond their ends, in so many
    halvings at most; failing that, the one that comes nearest. The seed is that of the clusterings.
    """

    def count(resolution: float) -> int:
        tried[resolution] = int(clusterings("leiden", resolution, seed).max()) + 1
        return tried[resolution]

    tried: dict[float, int] = {}
    clusterings.all(("leiden", resolution, seed) for resolution in resolutions)
    hits = [resolution for resolution in resolutions if count(resolution) == n_clusters]
    if hits:
        return hits[len(hits) // 2]
    over = [resolution for resolution, found in tried.items() if found > n_clusters]
    low, high = 0.0, over[0] if over else 2 * resolutions[-1]
    while not over and high <= 16 * resolutions[-1] and count(high) < n_clusters:
        low, high = high, 2 * high
    low = max([low, *(r for r, found in tried.items() if found < n_clusters and r < high)])
    for _ in range(halvings):
        if n_clusters in tried.values():
            break
        middle = (low + high) / 2
        low, high = (middle, high) if count(middle) < n_clusters else (low, middle)
    return min(tried, key=lambda resolution: (abs(tried[resolution] - n_clusters), resolution))


def stability(
    connectivities: sparse.csr_matrix | Clusterings,
    *,
    resolutions: tuple[float, ...] = COARSE,
    subsamples: int = FULL.subsamples,
    seed: int = 0,
) -> pd.DataFrame:
    """Ask at each resolution whether the clusters stay when cells are left out.

    Parameters
    ----------
    connectivities
        Symmetric weights of shape (n_cells, n_cells), or clusterings of them that are shared.
    resolutions
        Which to try, ascending.
    subsamples
        How often cells are left out.
    seed
        Seed of the clusterings and of the subsamples.

    Returns
    -------
    Columns resolution, n_clusters, stability, chosen; one row a resolution. Stability is the mean ARI between the
    Leiden clusters of all cells and those of 80 % of them, on these. Chosen is the finest resolution with more than
    one cluster whose stability is within 0.05 of the best; no label is looked at.
    """
    clusterings = _shared(connectivities)
    graph = clusterings.connectivities
    n = graph.shape[0]
    rng = np.random.default_rng(seed)
    keys = [("leiden", resolution, seed) for resolution in resolutions]
    whole = clusterings.all(keys)
    agreement = np.zeros((subsamples, len(resolutions)))
    for i in range(subsamples):
        cells = np.sort(rng.permutation(n)[: max(2, int(SHARE * n))])
        every = np.ones((len(cells), 1))
        parts = Clusterings(graph[cells][:, cells], from_groups=clusterings.from_groups).all(keys)
        for j, (found, part) in enumerate(zip(whole, parts, strict=True)):
            agreement[i, j] = table_ari(contingency(every, found[cells], part)[0])
    n_clusters = whole.max(axis=1) + 1
    mean, divided = agreement.mean(axis=0), n_clusters > 1
    good = (
        divided & (mean >= mean[divided].max() - SLACK) if divided.any() else np.ones(len(mean), dtype=bool)
    )
    chosen = np.arange(len(mean)) == np.flatnonzero(good)[-1]
    return pd.DataFrame(
        {"resolution": resolutions, "n_clusters": n_clusters, "stability": mean, "chosen": chosen}
    )


def stable_resolution(clusterings: Clusterings, seed: int, subsamples: int = FULL.subsamples) -> float:
    """The resolution that :func:`stability` chooses."""
    table = stability(clusterings, subsamples=subsamples, seed=seed)
    return float(table.loc[table["chosen"], "resolution"].iloc[0])


def _shared(connectivities: sparse.csr_matrix | Clusterings) -> Clusterings:
    return connectivities if isinstance(connectivities, Clusterings) else Clusterings(connectivities)


def sweep(space: Space, algorithm: str) -> Sweep:
    """A space's clusters by one algorithm over all resolutions, repeated at the one the labels like best."""
    label, back, effort = space.label[space.order], np.argsort(space.order), _effort(space)
    given = {"resolutions": effort.resolutions, "repeats": effort.repeats, "seed": space.seed}
    found = best_of_resolutions(space.clusterings, label, algorithm=algorithm, **given)
    return replace(found, found=found.found[:, back], clusters=found.clusters[:, back])


def clusters(space: Space, way: str) -> np.ndarray:
    """A space's Leiden clusters at resolutions that were not chosen by agreement with the labels.

    Parameters
    ----------
    space
        The space.
    way
        How it is chosen: ``"fixed"``, ``"matched"`` or ``"stable"``.

    Returns
    -------
    Array of shape (n_repeats, n_cells). The resolution is chosen anew for each repeat, since the choice is a matter of
    luck, as with the order of the cells, and more so than the clusters are.
    """
    shared, n_labels, effort = space.clusterings, int(space.label.max()) + 1, _effort(space)
    choose = {
        "fixed": lambda seed: USUAL,
        "matched": lambda seed: matched_resolution(
            shared, n_labels, seed, effort.resolutions, effort.halvings
        ),
        "stable": lambda seed: stable_resolution(shared, seed, effort.subsamples),
    }[way]
    repeats = effort.repeats_usual if way == "fixed" else effort.choices
    seeds = range(space.seed, space.seed + repeats)
    # A search for a number of clusters goes step by step, so that searches are what can go side by side.
    with ThreadPoolExecutor(torch.get_num_threads() if way == "matched" else 1) as pool:
        keys = [("leiden", chosen, seed) for seed, chosen in zip(seeds, pool.map(choose, seeds), strict=True)]
    return shared.all(keys)[:, np.argsort(space.order)]


def _effort(space: Space) -> Effort:
    return FULL if space.exact else LESS
