"""The shape of an embedding as a cloud of points, without looking at any label."""

import numpy as np
import torch
from scipy import linalg

from zslib.core.device import pick_device
from zslib.core.errors import DataError, NotApplicable
from zslib.core.stats import Statistic
from zslib.metrics.card import MetricCard
from zslib.metrics.projection import DENSE, centered_rows, stretches, unit
from zslib.metrics.reduce import mean
from zslib.metrics.registry import metric
from zslib.metrics.space import Space

ROUNDING = 1e-12
"""Variance as a part of the largest square, below which there is none."""


@metric(
    MetricCard(
        name="effective_rank",
        title="Effective rank",
        family="geometry",
        range=(1.0, float("inf")),
        better="neither",
        formula="exp of the entropy of the singular values of the centered embedding, over their sum",
        reading=(
            "How many dimensions the embedding uses, from 1 to all it has. Far below its number of dimensions, an "
            "embedding has collapsed onto a few; random numbers use all. It judges nothing by itself. It has no "
            "interval: a cell drawn twice makes a cloud look smaller."
        ),
        fooled_by=(
            "Noise raises it, so a high rank is not richness. It grows with the number of dimensions and of "
            "cells; the pca50 space ends at 50."
        ),
        reference="Roy and Vetterli, EUSIPCO 606 (2007); Garrido et al. (2023), doi:10.48550/arXiv.2210.02885",
    )
)
def effective_rank(space: Space) -> float:
    """exp(H(p)), p the singular values of the centered embedding over their sum."""
    share = np.sqrt(space.once(spectrum))
    share = share / share.sum()
    share = share[share > 0]
    return float(np.exp(-(share * np.log(share)).sum()))


@metric(
    MetricCard(
        name="participation_ratio",
        title="Participation ratio",
        family="geometry",
        range=(1.0, float("inf")),
        better="neither",
        formula="(Σλ)² / Σλ², λ the variances along the principal components",
        reading=(
            "How many dimensions hold most of the variance; always stricter than the effective rank. Near 1, one "
            "direction (often depth, or the batch) outweighs all else."
        ),
        fooled_by=(
            "One strong direction hides everything after it, whether it is biology or library size. It says "
            "nothing of what the directions mean."
        ),
        reference="Gao et al. (2017), doi:10.1101/214262",
    )
)
def participation_ratio(space: Space) -> float:
    """How many dimensions hold the variance of the embedding."""
    share = space.once(spectrum) / space.once(spectrum).sum()
    return float(1 / (share**2).sum())


@metric(
    MetricCard(
        name="anisotropy",
        title="Anisotropy",
        family="geometry",
        range=(-1.0, 1.0),
        better="neither",
        formula="mean cosine similarity of two cells",
        reading=(
            "Near 1 all cells point in nearly the same direction, as in many language models: cosine distances "
            "then have little room, and BRAS with them. Near 0 they spread around the origin."
        ),
        fooled_by=(
            "Moving all cells by the same vector changes it and nothing else that this book measures with "
            "Euclidean distances; centered components, such as those of the pca50 space, are near 0 by "
            "construction, and genes, which are never negative, never are."
        ),
        reference="Ethayarajh, EMNLP-IJCNLP 55 (2019), doi:10.18653/v1/D19-1006",
    )
)
def anisotropy(space: Space) -> Statistic:
    """Mean cosine similarity of pairs of cells."""
    return mean_cosine(space.X)


@metric(
    MetricCard(
        name="hubness",
        title="Hubness",
        family="geometry",
        range=(-float("inf"), float("inf")),
        better="neither",
        formula="skewness of the number of cells that have a cell among their 14 nearest",
        reading=(
            "Near 0 all cells are neighbors of others equally often; above about 2 a few hubs are near to "
            "everyone, and graphs, clusters and votes lean on them."
        ),
        fooled_by=(
            "The number of dimensions: noise in many dimensions makes hubs by itself. Doublets and cells of few "
            "counts may be hubs for technical reasons."
        ),
        reference="Radovanović et al., Journal of Machine Learning Research 11:2487 (2010); Amblard et al., Bioinformatics 38:1045 (2022), doi:10.1093/bioinformatics/btab795",
    )
)
def hubness(space: Space) -> Statistic:
    """Skewness of the number of cells that have a cell among their 14 nearest."""
    counts = np.bincount(space.neighbors.indices.ravel(), minlength=len(space.X))
    return skewness(counts.astype(np.float64))


@metric(
    MetricCard(
        name="neighbor_preservation",
        title="Neighbor preservation",
        family="geometry",
        range=(0.0, 1.0),
        better="neither",
        formula="mean over cells of the share of their 14 nearest by 50 components of the counts that are among their 14 nearest in the embedding",
        reading=(
            "How much of the neighborhoods of the counts is kept: 1 all of it; neighbors at random give 14 over "
            "the number of cells. Low values with good biology scores say that what lies within types was made "
            "anew."
        ),
        fooled_by=(
            "Removing a batch effect means to change neighbors, so integration lowers it, rightly. The components "
            "of the counts are no truth, but one more embedding, and noise decides many of their nearest cells."
        ),
        reference="Lee and Verleysen, Neurocomputing 72:1431 (2009), doi:10.1016/j.neucom.2008.12.017",
    )
)
def neighbor_preservation(space: Space) -> Statistic:
    """Share of a cell's 14 nearest cells before integration that are so in the embedding, on average."""
    return space.anchors.on(mean(overlap(space.near[0], space.reference.nearest(space.anchors.rows))))


def spectrum(space: Space) -> np.ndarray:
    """Variances of the embedding along its principal components, ascending and not negative; times n_cells.

    Raises
    ------
    NotApplicable
        If it has more dimensions, and cells, than can be decomposed directly.
    """
    X, device = space.X, pick_device(space.device)
    n, d = X.shape
    if min(n, d) > DENSE:
        raise NotApplicable(
            f"the spectrum of {n} cells × {d} dimensions is not computed; the limit is {DENSE}"
        )
    center = torch.from_numpy(np.asarray(X.mean(axis=0, dtype=np.float64))).to(device)
    if d <= n:
        square = sum(rows.T @ rows for rows in centered_rows(X, center))
    else:
        rows = torch.cat(list(centered_rows(X, center)))
        square = rows @ rows.T
    return np.maximum(linalg.eigvalsh(square.cpu().numpy()), 0)


def mean_cosine(X: np.ndarray) -> Statistic:
    """Mean cosine similarity of pairs of cells as a function of cell weights; pairs of a cell with itself are left out."""

    def statistic(weights: np.ndarray) -> np.ndarray:
        total = np.zeros((X.shape[1], weights.shape[1]))
        for some in stretches(X):
            total += unit(X[some]).T @ weights[some]
        itself = (weights**2).sum(axis=0)
        return ((total**2).sum(axis=0) - itself) / (weights.sum(axis=0) ** 2 - itself)

    return statistic


def overlap(found: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Share of each cell's expected neighbors that were found, both of shape (n_cells, k); shape (n_cells,)."""
    if found.shape != expected.shape:
        raise DataError(f"neighbors of shapes {found.shape} and {expected.shape} do not compare")
    common = np.zeros(len(found))
    for column in found.T:
        common += (expected == column[:, None]).any(axis=1)
    return common / found.shape[1]


def skewness(values: np.ndarray) -> Statistic:
    """Weighted skewness of a value per cell, shape (n_cells,); 0 where all are the same."""
    apart = values - values.mean()  # of which powers do not cancel
    powers = np.stack([apart, apart**2, apart**3])

    def statistic(weights: np.ndarray) -> np.ndarray:
        mean, second, third = powers @ weights / weights.sum(axis=0)
        third = third - 3 * mean * second + 2 * mean**3
        second = second - mean**2
        varies = second > ROUNDING * powers[1].max()
        return np.where(varies, third, 0) / np.where(varies, second, 1) ** 1.5

    return statistic
