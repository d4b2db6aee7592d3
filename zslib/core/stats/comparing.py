"""What resamples say: intervals, and differences on the same cells."""

from dataclasses import dataclass

import numpy as np

from zslib.core.errors import DataError


def interval(replicates, *, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Percentile interval of bootstrap replicates.

    Parameters
    ----------
    replicates
        Array of shape (n_boot,) or (n_boot, n_metrics).
    level
        Share of the replicates inside.

    Returns
    -------
    Lower and upper end, each of shape () or (n_metrics,); NaN if there are no replicates.
    """
    replicates = np.asarray(replicates, dtype=np.float64)
    if not 0 < level < 1:
        raise DataError(f"an interval's level lies between 0 and 1; it is {level}")
    if len(replicates) == 0:
        empty = np.full(replicates.shape[1:], np.nan)
        return empty, empty
    low, high = np.quantile(replicates, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How much larger one number is than another on the same cells."""

    estimate: np.ndarray
    """The difference, a − b."""
    low: np.ndarray
    high: np.ndarray
    share: np.ndarray
    """Share of the resamples in which a is larger, ties counted half."""
    p: np.ndarray
    """Two-sided bootstrap p of no difference; never below 2 / (n_boot + 1)."""


def paired_difference(a, b, *, estimate=None, level: float = 0.95) -> Difference:
    """Compare two numbers resample by resample.

    Parameters
    ----------
    a, b
        Replicates from the **same** resamples, shape (n_boot,) or (n_boot, n_metrics).
    estimate
        Difference of the two values on all cells; None to take the mean of the replicates' differences.
    level
        Level of the interval.

    Returns
    -------
    The difference with its percentile interval, each of shape () or (n_metrics,).

    Raises
    ------
    DataError
        If the shapes differ or there are no replicates.
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.shape != b.shape or len(a) == 0:
        raise DataError(f"replicates of shapes {a.shape} and {b.shape} do not pair; use the same resamples")
    delta = a - b
    low, high = interval(delta, level=level)
    n = len(delta)
    tails = np.minimum((delta <= 0).sum(axis=0), (delta >= 0).sum(axis=0))
    return Difference(
        estimate=delta.mean(axis=0) if estimate is None else np.asarray(estimate, dtype=np.float64),
        low=low,
        high=high,
        share=((delta > 0).sum(axis=0) + 0.5 * (delta == 0).sum(axis=0)) / n,
        p=np.minimum(1.0, 2 * (tails + 1) / (n + 1)),
    )


def simultaneous(differences, estimate, *, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Intervals of several differences that hold all at once.

    Parameters
    ----------
    differences
        Replicates from the same resamples, shape (n_boot, n_differences).
    estimate
        The differences on all cells, shape (n_differences,).
    level
        The share of resamples in which every difference lies in its interval.

    Returns
    -------
    Lower and upper ends, each of shape (n_differences,). With one difference the interval is symmetric; with more it
    widens by as much as the differences go their own ways, and no more.

    Notes
    -----
    The max-T method: Westfall and Young, Resampling-Based Multiple Testing (Wiley, 1993). A difference that never
    varies keeps its estimate as both ends.

    Raises
    ------
    DataError
        If the shapes do not agree or there are fewer than two resamples.
    """
    D, estimate = np.asarray(differences, dtype=np.float64), np.asarray(estimate, dtype=np.float64)
    if D.ndim != 2 or D.shape[1:] != estimate.shape or len(D) < 2:
        raise DataError(f"replicates of shape {D.shape} do not fit {estimate.shape} differences")
    if not 0 < level < 1:
        raise DataError(f"an interval's level lies between 0 and 1; it is {level}")
    spread = D.std(axis=0, ddof=1)
    varies = spread > 1e-12  # rounding is no variation
    if not varies.any():
        return estimate, estimate
    farthest = np.abs((D[:, varies] - D[:, varies].mean(axis=0)) / spread[varies]).max(axis=1)
    reach = np.where(varies, np.quantile(farthest, level) * spread, 0)
    return estimate - reach, estimate + reach
