"""Which batches a cell has around it: LISI and kBET."""

import numpy as np
from scipy import special

from zslib.core.errors import NotApplicable
from zslib.core.stats import Statistic
from zslib.metrics import lisi
from zslib.metrics.card import SCIB, MetricCard
from zslib.metrics.reduce import mean_of_labels, median
from zslib.metrics.registry import metric
from zslib.metrics.space import Space

ALPHA = 0.05
"""Of kBET's test."""
LEAST, MOST = 10, 70
"""Bounds of the number of neighbors that it looks at."""
MIN_CELLS = 10
"""Types with fewer cells are left out of CiLISI."""


@metric(
    MetricCard(
        name="ilisi",
        title="iLISI",
        family="batch",
        range=(0.0, 1.0),
        better="higher",
        formula="(median LISI − 1) / (n − 1), n batches; LISI: the effective number of batches among a cell's 90 nearest, near ones weighing more",
        reading=(
            "0 if the neighborhoods of at least half the cells are of one batch, 1 if they hold all batches "
            "alike. Perfect mixing reaches 1 only where batches are of one size."
        ),
        fooled_by=(
            "Types that one batch lacks make mixing wrong, and it asks for it all the same: CiLISI does not. It "
            "falls with the number of cells, since 90 of many are a smaller neighborhood. A median: what happens "
            "in the other half of the cells is not seen."
        ),
        reference="Korsunsky et al., Nature Methods 16:1289 (2019), doi:10.1038/s41592-019-0619-0; " + SCIB,
    ),
    pairs=("wide",),
)
def ilisi(space: Space) -> Statistic:
    """How many batches a neighborhood effectively holds; as ``scib_metrics.ilisi_knn`` of exact neighbors."""
    batch = space.batches
    values = lisi.lisi(space.neighbor_weights, batch[space.geometry("wide").indices])
    return space.anchors.on(median((values - 1) / batch.max()))


@metric(
    MetricCard(
        name="cilisi",
        title="CiLISI",
        family="batch",
        range=(0.0, 1.0),
        better="higher",
        formula="mean over types of the mean over their cells of (LISI − 1) / (n − 1), among the 90 nearest of the type, n its batches",
        reading=(
            "iLISI within each type, so that mixing different types gains nothing. 1 if batches mix evenly in "
            "every type."
        ),
        fooled_by=(
            "Unequal batches keep it below 1 even when they mix perfectly. A type in two states, one a batch, is "
            "counted as unmixed: stimulated cells, for instance. Types of one batch, or fewer than ten cells, are "
            "left out."
        ),
        reference="Andreatta et al., Nature Communications 15:872 (2024), doi:10.1038/s41467-024-45240-z",
    ),
    pairs=("own",),
)
def cilisi(space: Space) -> Statistic:
    """How many batches a neighborhood holds, within types; ``CiLISI_means`` of the R package scIntegrationMetrics."""
    batch, found = space.batches, space.geometry("own")
    values = np.full(len(found.rows), np.nan)
    for code in range(found.label.max() + 1):
        everyone = batch[found.label == code]
        n_batches = len(np.unique(everyone))
        if n_batches > 1 and len(everyone) >= MIN_CELLS:
            cells, k = np.flatnonzero(found.label[found.rows] == code), len(everyone) - 1
            share = lisi.neighbor_weights(found.own_distances[cells, :k])
            near = batch[found.own_indices[cells, :k]]
            values[cells] = (lisi.lisi(share, near) - 1) / (n_batches - 1)
    if np.isnan(values).all():
        raise NotApplicable(f"no cell type has {MIN_CELLS} cells or more in two batches")
    return space.anchors.on(mean_of_labels(values, space.label[found.rows], ~np.isnan(values)))


@metric(
    MetricCard(
        name="kbet_per_label",
        title="kBET",
        family="batch",
        range=(0.0, 1.0),
        better="higher",
        formula="mean over types of the share of cells whose nearest of the type (10 to 70) have batches that a chi-squared test at 0.05 does not reject",
        reading=(
            "The share of neighborhoods in which batches look dealt by chance. Perfect mixing gives 0.95. It is "
            "the strictest of the batch scores: real data often score below 0.3."
        ),
        fooled_by=(
            "The number of cells: the test has more power in larger neighborhoods, and these grow with the type, "
            "so the same embedding scores lower with more cells. Types with too few cells, and types whose batches "
            "are all smaller than a neighborhood, are left out. Other "
            "implementations search neighbors along the graph, and their numbers differ."
        ),
        reference="Büttner et al., Nature Methods 16:43 (2019), doi:10.1038/s41592-018-0254-1",
    ),
    pairs=("own",),
)
def kbet_per_label(space: Space) -> Statistic:
    """Share of neighborhoods within a type whose batches do not differ from those of the type.

    The test and the number of neighbors are those of ``scib_metrics.kbet_per_label`` and scib: chi-squared at
    0.05, a quarter of the mean batch size, between 10 and 70. The neighbors are not: here they are a cell's nearest
    of its own type, there its nearest by diffusion along the graph of the type, which approximate searches make
    depend on the order and the names of the types. Types with fewer than three neighborhoods of cells are left out,
    and those of which no batch could fill one: there the test says yes to any embedding.
    """
    batch, found = space.batches, space.geometry("own")
    values, small = np.full(len(found.rows), np.nan), 0
    for code in range(found.label.max() + 1):
        everyone = batch[found.label == code]
        sizes = np.bincount(everyone)
        sizes = sizes[sizes > 0]
        k = int(np.clip(sizes.mean() // 4, LEAST, MOST))
        if len(sizes) > 1 and len(everyone) >= 3 * k and sizes.max() <= k:
            small += 1
        elif len(sizes) > 1 and len(everyone) >= 3 * k:
            cells = np.flatnonzero(found.label[found.rows] == code)
            near = np.column_stack([found.rows[cells], found.own_indices[cells, :k]])
            values[cells] = p_values(batch[near], everyone) >= ALPHA
    if np.isnan(values).all():
        why = f"no cell type has two batches and {3 * LEAST} cells or more"
        if small:
            why = (
                f"no batch has more than {LEAST} cells of a type, so that none could fill a neighborhood and the test "
                f"would accept any embedding"
            )
        raise NotApplicable(why)
    return space.anchors.on(mean_of_labels(values, space.label[found.rows], ~np.isnan(values)))


def p_values(near: np.ndarray, batch: np.ndarray) -> np.ndarray:
    """Chi-squared test of the batches in each neighborhood, shape (n_neighborhoods, k), against those of all cells."""
    names, sizes = np.unique(batch, return_counts=True)
    expected = sizes / sizes.sum() * near.shape[1]
    observed = np.stack([(near == name).sum(axis=1) for name in names], axis=1)
    return special.chdtrc(len(names) - 1, ((observed - expected) ** 2 / expected).sum(axis=1))
