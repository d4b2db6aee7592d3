"""How well a score ranks what it should: AUROC and average precision, for many sets of cell weights at once.

scikit-learn takes one set of weights at a time, and an interval asks for hundreds.
"""

import numpy as np

from zslib.core.stats import Statistic, group_sums


def auroc(score, positive) -> Statistic:
    """Area under the receiver operating characteristic.

    Parameters
    ----------
    score
        Score of each cell, higher for those thought positive, shape (n_cells,).
    positive
        Whether each cell is, boolean of shape (n_cells,); some must be and some not.

    Returns
    -------
    A function of cell weights of shape (n_cells, n_resamples). It gives the weighted chance that a positive
    cell scores higher than another, ties counted half: in [0, 1], higher is better, 0.5 by chance. With weight
    one for all, as ``sklearn.metrics.roc_auc_score``.
    """
    _, group = np.unique(score, return_inverse=True)
    n, positive = group.max() + 1, np.asarray(positive, dtype=np.float64)

    def statistic(weights: np.ndarray) -> np.ndarray:
        hits = group_sums(weights, group, n, positive)
        misses = group_sums(weights, group, n, 1 - positive)
        below = misses.cumsum(axis=0) - misses / 2
        return (hits * below).sum(axis=0) / (hits.sum(axis=0) * misses.sum(axis=0))

    return statistic


def average_precision(score, positive) -> Statistic:
    """Average precision: precision at each threshold, weighted by the recall it adds.

    Parameters
    ----------
    score, positive
        As for :func:`auroc`.

    Returns
    -------
    A function of cell weights, as of :func:`auroc`: in (0, 1], higher is better, by chance the share of the
    positive cells. With weight one for all, as ``sklearn.metrics.average_precision_score``.
    """
    _, group = np.unique(-np.asarray(score), return_inverse=True)
    n, positive = group.max() + 1, np.asarray(positive, dtype=np.float64)

    def statistic(weights: np.ndarray) -> np.ndarray:
        hits = group_sums(weights, group, n, positive)
        met = group_sums(weights, group, n).cumsum(axis=0)
        # Where nothing is met yet there are no hits either, whatever stands below the line.
        precision = hits.cumsum(axis=0) / np.maximum(met, np.finfo(float).tiny)
        return (hits * precision).sum(axis=0) / hits.sum(axis=0)

    return statistic
