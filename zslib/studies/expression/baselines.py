"""What statistics alone say of hidden genes.

Every baseline learns from whole training cells and is then shown the visible genes of other cells, and only
those: the hidden ones are not among its arguments. It answers two questions, since a network that was
trained on expressed genes only should not be compared with a prediction that is mostly about zeros: what to
expect of the gene at all, and what to expect of it if it is expressed.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from zslib.studies.expression.masking import MaskedGenes


class Prediction(NamedTuple):
    """An answer for every evaluated cell and hidden gene."""

    level: np.ndarray
    """Expected value, a zero where the gene is not expressed included, shape (n_test, n_hidden)."""
    given: np.ndarray
    """Expected value if the gene is expressed, same shape. NaN in either where nothing was asked."""


def mean(train, visible, hidden) -> Prediction:
    """One number for every gene and cell: the mean of the training cells' hidden genes."""
    values = train[:, hidden].astype(np.float64)
    level, given = values.mean(), values[values > 0].mean() if (values > 0).any() else 0.0
    return Prediction(*(np.full((len(visible), values.shape[1]), v) for v in (level, given)))


def gene_mean(train, visible, hidden) -> Prediction:
    """The mean of each gene over the training cells, whatever the cell looks like."""
    level, given = train[:, hidden].mean(axis=0, dtype=np.float64), given_means(train)[hidden]
    return Prediction(*(np.tile(v, (len(visible), 1)) for v in (level, given)))


def neighbors(train, visible, hidden, k: int = 15) -> Prediction:
    """The mean over the training cells that are most alike in the visible genes.

    Alike is the cosine of the values centered by gene. Where no neighbor expresses a gene, its mean over all
    training cells stands for its value if expressed.
    """
    center = train[:, ~hidden].mean(axis=0)
    a, b = _unit(visible - center), _unit(train[:, ~hidden] - center)
    nearest = np.argsort(-(a @ b.T), axis=1, kind="stable")[:, :k]  # (n_test, k)
    around = train[:, hidden][nearest]  # (n_test, k, n_hidden)
    level, share = around.mean(axis=1, dtype=np.float64), (around > 0).mean(axis=1)
    with np.errstate(invalid="ignore"):
        given = np.where(share > 0, level / share, given_means(train)[hidden])
    return Prediction(level, given)


def ridge(train, visible, hidden) -> Prediction:
    """Ridge regression of each hidden gene on all visible ones.

    The penalty is the mean squared length of a training cell's centered visible genes, so that it means the same
    for any number of genes. Cells in which a gene is not expressed take no part in what is expected of it if it
    is: they count as average.
    """
    from sklearn.linear_model import Ridge

    X = train[:, ~hidden].astype(np.float64)
    center = X.mean(axis=0)
    X, seen = X - center, visible - center
    penalty = max((X**2).sum() / len(X), np.finfo(float).eps)
    level = Ridge(penalty).fit(X, train[:, hidden].astype(np.float64)).predict(seen)
    over = Ridge(penalty, fit_intercept=False).fit(X, residuals(train)[:, hidden]).predict(seen)
    return Prediction(level, given_means(train)[hidden] + over)


def pca(train, visible, hidden, n_comps: int = 30) -> Prediction:
    """Principal components of the training cells, read off the visible genes and turned back into all genes.

    A cell's place on the components is a least-squares fit to its visible genes, with the components'
    variance against that of the rest as prior, as in probabilistic PCA (Tipping & Bishop, J R Stat Soc B
    61:611, 1999, doi:10.1111/1467-9868.00196), without which few visible genes would be overfitted.
    """
    level, given = train.mean(axis=0, dtype=np.float64), given_means(train)
    over_level = _from_components(train - level, visible - level[~hidden], hidden, n_comps)
    seen = np.where(visible > 0, visible - given[~hidden], 0)
    over_given = _from_components(residuals(train), seen, hidden, n_comps)
    return Prediction(level[hidden] + over_level, given[hidden] + over_given)


BASELINES: dict[str, Callable[..., Prediction]] = {
    "mean": mean,
    "gene mean": gene_mean,
    "nearest cells": neighbors,
    "PCA": pca,
    "ridge": ridge,
}
"""By the names they have in tables, from the plainest on."""


def predict(name: str, masked: MaskedGenes) -> Prediction:
    """Predict hidden genes with a baseline, which sees training cells and visible genes only."""
    return BASELINES[name](masked.train, masked.visible, masked.hidden)


def given_means(train: np.ndarray) -> np.ndarray:
    """Mean of each gene over the training cells that express it, shape (n_genes,).

    A gene that none of them expresses gets the mean of all expressed entries.
    """
    times, total = (train > 0).sum(axis=0), train.sum(axis=0, dtype=np.float64)
    return np.where(times > 0, total / np.maximum(times, 1), total.sum() / max(times.sum(), 1))


def residuals(train: np.ndarray) -> np.ndarray:
    """What of each expressed entry its gene's mean does not say; 0 where the gene is not expressed."""
    return np.where(train > 0, train - given_means(train), 0)


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.finfo(np.float32).tiny)


def _from_components(centered, seen, hidden, n_comps: int) -> np.ndarray:
    """Hidden part of cells of which the rest is seen: both centered, (n_test, n_hidden)."""
    n, n_genes = centered.shape
    k = min(n_comps, n - 1, n_genes - 1)
    centered = np.asarray(centered, np.float64)
    variance, places = np.linalg.eigh(centered @ centered.T / n)  # there are fewer cells than genes
    variance, places = np.maximum(variance[::-1], 0), places[:, ::-1]
    noise = max((variance.sum() - variance[:k].sum()) / (n_genes - k), np.finfo(float).eps)
    signal = np.maximum(variance[:k] - noise, 0)
    # (k, n_genes), so that places on them have variance 1
    axes = (centered.T @ (places[:, :k] * np.sqrt(signal / np.maximum(n * variance[:k], noise)))).T
    V = axes[:, ~hidden]
    place = np.linalg.solve(V @ V.T + noise * np.eye(k), V @ seen.T)  # (k, n_test)
    return place.T @ axes[:, hidden]
