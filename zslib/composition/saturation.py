"""From which size on more cells no longer help: two rules that read the same curve.

The published rule takes 95 % of the highest score. A score has a floor, though: what an untrained model
reaches. Where the floor is near the top, 95 % of the top is soon reached by nothing at all. The second
rule counts the gain over the floor instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zslib.errors import DataError

SHARE = 0.95
RULES = ("of the maximum", "of the gain")


def saturation(
    sizes: Sequence[int], scores: np.ndarray, *, rule: str = "of the maximum", share: float = SHARE
) -> float:
    """The smallest size whose score reaches a share of the best.

    Parameters
    ----------
    sizes
        Cells pre-trained on, ascending; the first is 0, the untrained model.
    scores
        Shape (n_seeds, n_sizes), higher is better.
    rule
        ``of the maximum``: the best seed of a size reaches `share` of the highest score of any seed and
        size, the untrained left out, as DenAdel et al. have it. ``of the gain``: the mean over seeds
        reaches `share` of the way from the mean of the untrained model to the highest mean.
    share
        How much of the best is enough.

    Returns
    -------
    A size; NaN by the second rule if no size is better than no training.

    Raises
    ------
    DataError
        If the first size is not 0, sizes do not ascend, or the shapes disagree.
    """
    sizes, scores = np.asarray(sizes), np.atleast_2d(np.asarray(scores, dtype=np.float64))
    if len(sizes) < 2 or sizes[0] != 0 or (np.diff(sizes) <= 0).any() or scores.shape[1] != len(sizes):
        raise DataError(
            f"sizes must ascend from 0, the untrained model, a column of scores each; they are {sizes.tolist()} for "
            f"scores of shape {scores.shape}."
        )
    if rule == "of the maximum":
        best = scores[:, 1:].max(axis=0)
        return float(sizes[1:][best >= share * best.max()][0])
    if rule == "of the gain":
        mean = scores.mean(axis=0)
        gain = mean[1:] - mean[0]
        return float(sizes[1:][gain >= share * gain.max()][0]) if gain.max() > 0 else float("nan")
    raise DataError(f"There is no rule {rule!r}; there are {' and '.join(RULES)}.")


@dataclass(frozen=True, kw_only=True)
class Point:
    """A saturation point with its interval; sizes are those that were tried, so it moves in steps."""

    rule: str
    size: float
    low: float
    high: float
    undefined: float
    """Share of the resamples in which training gained nothing, so that there is no such point."""


def points(sizes: Sequence[int], scores: np.ndarray, replicates: np.ndarray, seed: int = 0) -> list[Point]:
    """Both saturation points of a learning curve, with 95 % intervals.

    Parameters
    ----------
    sizes
        As for :func:`saturation`.
    scores
        Shape (n_seeds, n_sizes).
    replicates
        The same scores over resampled cells, the same resamples for all: shape (n_boot, n_seeds, n_sizes).
        Seeds are drawn anew in each, too.
    seed
        Of the draw of seeds.
    """
    again = redrawn(replicates, seed)
    found = []
    for rule in RULES:
        sample = np.array([saturation(sizes, each, rule=rule) for each in again])
        known = sample[~np.isnan(sample)]
        # A size that was tried, and not one between two.
        ends = np.quantile(known, [0.025, 0.975], method="nearest") if len(known) else (np.nan, np.nan)
        size, undefined = saturation(sizes, scores, rule=rule), float(np.isnan(sample).mean())
        found.append(
            Point(rule=rule, size=size, low=float(ends[0]), high=float(ends[1]), undefined=undefined)
        )
    return found


def redrawn(replicates: np.ndarray, seed: int = 0) -> np.ndarray:
    """Draw seeds anew in every resample of cells; same shape, (n_boot, n_seeds, …)."""
    n_boot, n_seeds = replicates.shape[:2]
    drawn = np.random.default_rng(seed).integers(n_seeds, size=(n_boot, n_seeds))
    return replicates[np.arange(n_boot)[:, None], drawn]
