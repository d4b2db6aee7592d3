"""What scores of cells that were drawn and embedded anew say about a score."""

import numpy as np

from zslib.core.errors import DataError


def redrawn(draws, n: int) -> np.ndarray:
    """Replicates that spread as fresh draws do.

    Parameters
    ----------
    draws
        Scores of fresh draws, shape (n_draws, n_scores), the same draws in each column. With random halves of the cells
        their spread is that of draws of as many cells as there are, for scores that average over cells: half of them
        strays from all by as much as all stray from where they come from.
    n
        Replicates to make. Those of as many draws pair, row by row, whatever was scored.

    Returns
    -------
    Deviations around zero of shape (n, n_scores): multivariate t, whose covariance is that of the draws and whose tails
    hold that few draws tell the covariance roughly. Middle 95 % of a column, or of a difference of two, is Student's
    interval.

    Raises
    ------
    DataError
        If there are fewer than two draws.
    """
    draws = np.asarray(draws, dtype=np.float64)
    if len(draws) < 2:
        raise DataError(f"{len(draws)} draws have no spread; it takes two or more")
    rng = np.random.default_rng(0)
    mixed = rng.standard_normal((n, len(draws))) @ (draws - draws.mean(axis=0))
    return mixed / np.sqrt(rng.chisquare(len(draws) - 1, n))[:, None]


def inflation(draws, replicates) -> np.ndarray:
    """How many times as far fresh draws spread as bootstrap replicates do, over several methods.

    Parameters
    ----------
    draws, replicates
        For each method an array of shape (n_draws or n_boot, n_scores).

    Returns
    -------
    Root of the ratio of the summed variances, shape (n_scores,), and never below 1; NaN where no replicate moves.
    """
    fresh, again = (
        np.sum([np.var(one, axis=0, ddof=1) for one in group], axis=0) for group in (draws, replicates)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(again > 0, np.sqrt(np.maximum(fresh / again, 1)), np.nan)
