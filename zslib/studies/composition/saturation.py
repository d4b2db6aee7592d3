"""From which size on more cells no longer help: two rules that read the same curve.

The published rule takes 95 % of the highest score. A score has a floor, though: what an untrained model reaches.
Where the floor is near the top, 95 % of the top is soon reached by nothing at all. The second rule counts the gain
over the floor instead, and means over seeds instead of the luckiest one.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from zslib.core.errors import DataError

SHARE = 0.95
MAXIMUM, GAIN = "of the maximum", "of the gain"
RULES = (MAXIMUM, GAIN)
N_BOOT = 2000


def saturation(sizes: Sequence[float], scores: np.ndarray, *, rule: str, share: float = SHARE) -> np.ndarray:
    """The smallest size whose score reaches a share of the best.

    Parameters
    ----------
    sizes
        How much was pre-trained on, ascending; the first is 0, the untrained model. Shape (n_sizes,).
    scores
        Shape (..., n_seeds, n_sizes), higher is better.
    rule
        ``of the maximum``: a seed of that size exceeds that share of the highest score of any seed and size, the
        untrained left out, as DenAdel et al. have it. ``of the gain``: the mean over seeds reaches that share of the
        way from the mean of the untrained model to the highest mean.

    Returns
    -------
    Sizes, shape (...); NaN by the second rule where no size is better than no training.

    Raises
    ------
    DataError
        If the first size is not 0, sizes do not ascend, the shapes disagree, or there is no such rule.
    """
    sizes, scores = np.asarray(sizes, dtype=np.float64), np.atleast_2d(np.asarray(scores, dtype=np.float64))
    if len(sizes) < 2 or sizes[0] != 0 or (np.diff(sizes) <= 0).any() or scores.shape[-1] != len(sizes):
        raise DataError(
            f"sizes must ascend from 0, the untrained model, a column of scores each; they are {sizes.tolist()} for "
            f"scores of shape {scores.shape}."
        )
    if rule not in RULES:
        raise DataError(f"There is no rule {rule!r}; there are {' and '.join(RULES)}.")
    if rule == MAXIMUM:
        reached = scores[..., 1:].max(axis=-2)
        enough = reached > share * reached.max(axis=-1, keepdims=True)
    else:
        mean = scores.mean(axis=-2)
        gain = mean[..., 1:] - mean[..., :1]
        enough = (gain >= share * gain.max(axis=-1, keepdims=True)) & (gain.max(axis=-1, keepdims=True) > 0)
    return np.where(enough.any(axis=-1), sizes[1:][enough.argmax(axis=-1)], np.nan)


def points(scores: pd.DataFrame, *, n_boot: int = N_BOOT, seed: int = 0) -> pd.DataFrame:
    """Both saturation points of every learning curve, with 95 % intervals over seeds.

    Curves that are suspect or lack a size that others have are left out; of the others there are as many seeds at each
    size, and each size draws its own anew in every resample.

    Returns
    -------
    Columns model, dataset, rule, size, ci_low, ci_high (sizes that were tried), undefined, the share of the resamples
    in which training gained nothing, and floor, the best untrained score as a share of the highest score.
    """
    sizes, rows = np.sort(scores["size"].unique()), []
    for key, some in scores[~scores["suspect"]].groupby(["model", "dataset"], sort=False):
        if set(some["size"]) != set(sizes):
            continue
        curve = np.stack([some.loc[some["size"] == size, "value"].to_numpy() for size in sizes], axis=1)
        drawn = np.random.default_rng(seed).integers(len(curve), size=(n_boot, *curve.shape))
        again = np.take_along_axis(np.broadcast_to(curve, drawn.shape), drawn, axis=1)
        floor = curve[:, 0].max() / curve[:, 1:].max()
        for rule in RULES:
            sample = saturation(sizes, again, rule=rule)
            known = sample[~np.isnan(sample)]
            # A size that was tried, and not one between two.
            ends = np.quantile(known, [0.025, 0.975], method="nearest") if len(known) else (np.nan, np.nan)
            size = float(saturation(sizes, curve, rule=rule))
            rows.append((*key, rule, size, *map(float, ends), float(np.isnan(sample).mean()), floor))
    columns = ["model", "dataset", "rule", "size", "ci_low", "ci_high", "undefined", "floor"]
    return pd.DataFrame(rows, columns=columns)
