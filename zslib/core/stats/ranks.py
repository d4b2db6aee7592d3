"""Orders of methods, and how much of an order is luck.

Pure functions of scores, of shape (n_resamples or n_datasets, n_methods), higher being better.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from zslib.core.errors import DataError


def ranks(scores) -> np.ndarray:
    """Rank the methods of each row.

    Parameters
    ----------
    scores
        Array of shape (n_rows, n_methods), higher is better.

    Returns
    -------
    Ranks from 1, the best, to n_methods, of the same shape; tied methods share the mean of their ranks.
    """
    return stats.rankdata(-_table(scores), axis=1)


def kendall_tau(a, b) -> np.ndarray:
    """Agreement of orders, for many rows at once.

    Parameters
    ----------
    a, b
        Scores of the same methods, of shape (n_rows, n_methods) or (n_methods,).

    Returns
    -------
    Kendall's τ-b of each row, in [−1, 1]: 1 for the same order, −1 for the reverse, about 0 for unrelated ones; NaN
    where all methods of a row are tied. Shape (n_rows,).

    Notes
    -----
    Kendall, Biometrika 33:239 (1945), doi:10.1093/biomet/33.3.239. As ``scipy.stats.kendalltau``.
    """
    a, b = np.atleast_2d(_finite(a)), np.atleast_2d(_finite(b))
    if a.shape[1] != b.shape[1] or a.shape[1] < 2:
        raise DataError(
            f"orders of {a.shape[1]} and {b.shape[1]} methods do not compare; give the same two or more"
        )
    first, second = np.triu_indices(a.shape[1], k=1)
    x, y = (np.sign(values[:, first] - values[:, second]) for values in (a, b))
    scale = np.sqrt((x != 0).sum(axis=1) * (y != 0).sum(axis=1))
    with np.errstate(invalid="ignore"):
        return (x * y).sum(axis=1) / np.where(scale == 0, np.nan, scale)


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """Mean ranks over datasets, and how far apart they have to be to mean something."""

    mean_ranks: np.ndarray
    """Mean rank of each method over the datasets, 1 the best; shape (n_methods,)."""
    n_datasets: int
    friedman: float
    """Friedman's chi-squared; 0 if all methods do equally well."""
    p: float
    """Its p-value by the chi-squared distribution, rough for few datasets."""
    critical_difference: float
    """Mean ranks of two methods that differ by less are not told apart (Nemenyi)."""

    @property
    def separates(self) -> bool:
        """Whether any two methods are told apart."""
        return bool(np.ptp(self.mean_ranks) >= self.critical_difference)


def rank_datasets(scores) -> Ranking:
    """Rank methods over datasets, by Friedman's test with Nemenyi's critical difference at the level of 5 %.

    Parameters
    ----------
    scores
        Array of shape (n_datasets, n_methods), higher is better; two or more of each.

    Raises
    ------
    DataError
        If there are fewer than two datasets or methods, or a score is missing.

    Notes
    -----
    Demšar, Journal of Machine Learning Research 7:1 (2006). Datasets count as independent; those that share
    cells are not, and then less is known than this says.
    """
    scores = _table(scores)
    n, k = scores.shape
    if n < 2 or k < 2:
        raise DataError(f"ranks over {n} datasets of {k} methods say nothing; it takes two or more of each")
    found = ranks(scores)
    # Friedman's statistic with the correction for ties, Conover 1999.
    spread = (found**2).sum() - n * k * (k + 1) ** 2 / 4
    between = ((found.sum(axis=0) - n * (k + 1) / 2) ** 2).sum()
    friedman = (k - 1) * between / spread if spread > 0 else 0.0
    return Ranking(
        mean_ranks=found.mean(axis=0),
        n_datasets=n,
        friedman=float(friedman),
        p=float(special.chdtrc(k - 1, friedman)),
        critical_difference=float(
            stats.studentized_range.ppf(0.95, k, np.inf) / np.sqrt(2) * np.sqrt(k * (k + 1) / (6 * n))
        ),
    )


def _table(scores) -> np.ndarray:
    scores = _finite(scores)
    if scores.ndim != 2 or 0 in scores.shape:
        raise DataError(f"scores of shape {scores.shape} are no table of rows and methods")
    return scores


def _finite(scores) -> np.ndarray:
    scores = np.asarray(scores, dtype=np.float64)
    if not np.isfinite(scores).all():
        raise DataError("a score is missing; leave out methods that were not scored everywhere")
    return scores
