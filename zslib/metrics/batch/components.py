"""Principal component regression: how much of the variance lies between batches."""

import numpy as np

from zslib.core.errors import DataError, NotApplicable
from zslib.core.stats import Statistic
from zslib.metrics.card import SCIB, MetricCard
from zslib.metrics.checks import check_pcs, encode
from zslib.metrics.distances import numbers
from zslib.metrics.registry import metric
from zslib.metrics.space import Space

SPLITS, ALPHA = 500, 0.05
"""Random splits that a batch effect is told from, and how many of them may show as much of one."""
ROUNDING = 1e-9


@metric(
    MetricCard(
        name="pcr_comparison",
        title="PCR comparison",
        family="batch",
        range=(0.0, 1.0),
        better="higher",
        formula="max(0, (P₀ − P) / P₀), P the share of the variance of up to 50 components that lies between "
        "batches, P₀ the same of the unintegrated data",
        reading=(
            "The part of the batch variance that is gone: 1 all of it, 0 none. Unlike the raw PCR that some "
            "tables report, higher is better. It is the same in both spaces, being computed on components."
        ),
        fooled_by=(
            "The clip at 0 hides how much worse than the unintegrated data an embedding is. It takes "
            "differences between batches for technical, so it rewards removing biology where batches differ in "
            "their cell types. Adding variance unrelated to batch raises it. And it knows linear "
            "differences of the means only."
        ),
        reference=f"Büttner et al., Nature Methods 16:43 (2019), doi:10.1038/s41592-018-0254-1; {SCIB}",
    ),
    of_components=True,
)
def pcr_comparison(space: Space) -> Statistic:
    """Share of the batch variance of the unintegrated data that is gone, as ``scib.me.pcr_comparison``."""
    before, batch = (
        space.reference.pcs,
        space.batches,
    )  # where there is nothing to compare, no components are made
    of_before, of_after = share_between(before, batch), share_between(space.pcs, batch)
    raw, chance = of_before(np.ones((len(batch), 1)))[0], share_by_chance(before, batch, space.exact_up_to)
    if raw <= chance + ROUNDING:
        raise NotApplicable(
            f"batch explains {raw:.2g} of the variance before integration, and one in twenty random splits of "
            f"these cells explains {chance:.2g} or more, so there is nothing to remove"
        )

    def removed(weights: np.ndarray) -> np.ndarray:
        raw = np.maximum(of_before(weights), np.finfo(float).tiny)
        return np.maximum(0, 1 - of_after(weights) / raw)

    return removed


def share_by_chance(pcs: np.ndarray, batch: np.ndarray, most: int) -> float:
    """The PCR that one in twenty random splits of the cells into batches of these sizes exceeds.

    Of more than `most` cells so many are split, at random: what is left to chance is one over the number of cells.
    """
    # In an order of their own, which is random, so that cells in another order are split alike.
    order, n = np.argsort(numbers(pcs))[:most], len(pcs)
    pcs, batch = pcs[order], batch[order]
    pcs = pcs - pcs.mean(axis=0, dtype=np.float64)
    sizes, rng = np.sort(np.bincount(batch)), np.random.default_rng(0)
    sizes = sizes[sizes > 0]
    starts = np.cumsum(sizes) - sizes
    found = [
        ((np.add.reduceat(pcs[rng.permutation(len(pcs))], starts, axis=0) ** 2).sum(axis=1) / sizes).sum()
        for _ in range(SPLITS)
    ]
    return float(np.quantile(found, 1 - ALPHA) / (pcs**2).sum() * (len(pcs) - 1) / (n - 1))


def pcr(pcs, batch) -> float:
    """Share of the variance of principal components that lies between batches.

    Parameters
    ----------
    pcs
        Principal components of shape (n_cells, n_comps), at most 50; see :func:`~zslib.metrics.pca`.
    batch
        Batch of each cell, shape (n_cells,).

    Returns
    -------
    In [0, 1], **lower** is better mixed. The R² of each component regressed on batch, averaged by the
    components' variances, which is the sum of squares between batches over the total. As
    ``scib.me.pc_regression``. Shuffled batches give (n_batches − 1) / (n_cells − 1) on average, not 0.

    Raises
    ------
    DataError
        If the components have no variance.
    """
    batch, _ = encode(batch, len(pcs), "batch")
    pcs = check_pcs(pcs, len(batch), "the embedding")
    return float(share_between(pcs, batch)(np.ones((len(batch), 1)))[0])


def share_between(pcs: np.ndarray, batch: np.ndarray) -> Statistic:
    """PCR as a function of cell weights of shape (n_cells, n_resamples), giving (n_resamples,)."""
    if (pcs == pcs[0]).all():
        raise DataError("the components are the same for every cell, so there is no variance to share out")
    # Sums of squares are taken from the mean of all cells, where they do not cancel.
    center, squares, groups = pcs.mean(axis=0, dtype=np.float64), np.empty(len(pcs)), []
    for cells in (np.flatnonzero(batch == code) for code in range(batch.max() + 1)):
        own = pcs[cells] - center
        squares[cells] = np.einsum("ij,ij->i", own, own)
        groups.append((cells, own))

    def share(weights: np.ndarray) -> np.ndarray:
        # Of shapes (n_batches, n_resamples) and (n_batches, n_comps, n_resamples).
        mass = np.stack([weights[cells].sum(axis=0) for cells, _ in groups])
        sums = np.stack([own.T @ weights[cells] for cells, own in groups])
        shift = (sums.sum(axis=0) ** 2).sum(axis=0) / mass.sum(axis=0)
        spread = ((sums**2).sum(axis=1) / np.maximum(mass, 1e-300)).sum(axis=0)
        return (spread - shift) / (squares @ weights - shift)

    return share
