"""What resamples say: intervals, and differences on the same cells."""

from dataclasses import dataclass

import numpy as np

from zslib.core.errors import DataError

KNOWN = 0.9
"""Least part of the resamples in which a number must be defined for it to have an interval."""
ROUNDING = 1e-12
"""A spread below it is no variation."""
LEVEL = 0.95
"""Share of the resamples inside an interval."""


def interval(replicates, *, level: float = LEVEL, still: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Percentile interval of bootstrap replicates.

    Parameters
    ----------
    replicates
        Array of shape (n_boot,) or (n_boot, n_metrics).
    level
        Share of the replicates inside.
    still
        Whether a number that no resample moves has an interval, of no width. A score has none: that these cells do
        not move it does not make it exact.

    Returns
    -------
    Lower and upper end, each of shape () or (n_metrics,); NaN if there are no replicates, or more than a tenth of
    them are NaN. Others that are NaN are passed over.
    """
    replicates = np.asarray(replicates, dtype=np.float64)
    if not 0 < level < 1:
        raise DataError(f"an interval's level lies between 0 and 1; it is {level}")
    if len(replicates) == 0:
        empty = np.full(replicates.shape[1:], np.nan)
        return empty, empty
    known = ~np.isnan(replicates)
    shown = known.mean(axis=0) >= KNOWN
    quantile = np.quantile if known.all() else np.nanquantile
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.where(shown, quantile(np.where(shown, replicates, 0), tails, axis=0), np.nan)
    if not still:
        low, high = np.where(_varies(replicates), [low, high], np.nan)
    return low, high


def _varies(replicates: np.ndarray) -> np.ndarray:
    """Whether numbers differ from resample to resample by more than rounding."""
    known = ~np.isnan(replicates)
    most = np.max(replicates, axis=0, where=known, initial=-np.inf)
    return most - np.min(replicates, axis=0, where=known, initial=np.inf) > ROUNDING


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
    """Two-sided bootstrap p of no difference; never below 2 / (n_boot + 1), and NaN where the interval is."""


def paired_difference(a, b, *, estimate=None) -> Difference:
    """Compare two numbers resample by resample.

    Parameters
    ----------
    a, b
        Replicates from the **same** resamples, shape (n_boot,) or (n_boot, n_metrics).
    estimate
        Difference of the two values on all cells; None to take the mean of the replicates' differences.

    Returns
    -------
    The difference with its 95 % percentile interval, each of shape () or (n_metrics,). Resamples in which either
    number is NaN are passed over. A difference that is the same in all resamples has no interval, unless it is zero.

    Raises
    ------
    DataError
        If the shapes differ or there are no replicates.
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.shape != b.shape or len(a) == 0:
        raise DataError(f"replicates of shapes {a.shape} and {b.shape} do not pair; use the same resamples")
    delta = a - b
    known = ~np.isnan(delta)
    told = _varies(delta) | ~(np.abs(delta) > ROUNDING).any(axis=0)
    low, high = np.where(told, interval(delta), np.nan)
    n = np.maximum(known.sum(axis=0), 1)
    tails = np.minimum((delta <= 0).sum(axis=0), (delta >= 0).sum(axis=0))
    p = np.minimum(1.0, 2 * (tails + 1) / (n + 1))
    return Difference(
        estimate=np.where(known, delta, 0).sum(axis=0) / n
        if estimate is None
        else np.asarray(estimate, dtype=np.float64),
        low=low,
        high=high,
        share=((delta > 0).sum(axis=0) + 0.5 * (delta == 0).sum(axis=0)) / n,
        p=np.where(np.isnan(low), np.nan, p),
    )


def simultaneous(differences, estimate) -> tuple[np.ndarray, np.ndarray]:
    """Intervals of several differences that hold all at once, in 95 % of the resamples.

    Parameters
    ----------
    differences
        Replicates from the same resamples, shape (n_boot, n_differences).
    estimate
        The differences on all cells, shape (n_differences,).

    Returns
    -------
    Lower and upper ends, each of shape (n_differences,). With one difference the interval is symmetric; with more it
    widens by as much as the differences go their own ways, and no more.

    Notes
    -----
    The max-T method: Westfall and Young, Resampling-Based Multiple Testing (Wiley, 1993). Resamples in which one of
    the differences is NaN are passed over, and a difference that is so in more than a tenth of them has no interval.
    Nor has one that never varies, unless it is zero: that these cells do not move it does not make it certain.

    Raises
    ------
    DataError
        If the shapes do not agree or there are fewer than two resamples.
    """
    D, estimate = np.asarray(differences, dtype=np.float64), np.asarray(estimate, dtype=np.float64)
    if D.ndim != 2 or D.shape[1:] != estimate.shape or len(D) < 2:
        raise DataError(f"replicates of shape {D.shape} do not fit {estimate.shape} differences")
    known = ~np.isnan(D)
    varies = _varies(D) & (known.mean(axis=0) >= KNOWN)
    reach = np.where(known.all(axis=0) & ~(np.abs(D) > ROUNDING).any(axis=0), 0.0, np.nan)
    if varies.any():
        D = D[known[:, varies].all(axis=1)][:, varies]
        spread = D.std(axis=0, ddof=1)
        farthest = np.abs((D - D.mean(axis=0)) / spread).max(axis=1)
        reach[varies] = np.quantile(farthest, LEVEL) * spread
    return estimate - reach, estimate + reach


def behind_best(replicates, values) -> tuple[int, np.ndarray, np.ndarray]:
    """How far each of several scores is behind the best, with intervals that hold whichever comes out best.

    Parameters
    ----------
    replicates
        From the same resamples, higher is better, shape (n_boot, n_scores).
    values
        The scores on all cells, shape (n_scores,).

    Returns
    -------
    Which is best; and the ends of the intervals of how much worse each is, of shape (n_scores,), zero for the best. The
    best was picked by the very scores that are compared, so the intervals hold for all pairs at once, and not just
    for those with the best; see :func:`simultaneous`.
    """
    R, values = np.asarray(replicates, dtype=np.float64), np.asarray(values, dtype=np.float64)
    first = int(np.argmax(values))
    a, b = np.triu_indices(len(values), k=1)
    sign = np.where(a == first, 1, -1)
    low, high = simultaneous(sign * (R[:, a] - R[:, b]), sign * (values[a] - values[b]))
    ends = np.zeros((2, len(values)))
    mine = (a == first) | (b == first)
    ends[:, np.where(a == first, b, a)[mine]] = low[mine], high[mine]
    return first, *ends
