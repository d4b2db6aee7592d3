"""How well a clustering agrees with the labels: NMI and ARI, from contingency tables.

Both take any number of tables at once, with the weights of resamples, which scikit-learn's cannot.
"""

import numpy as np

from zslib.core.stats import group_sums


def contingency(weights: np.ndarray, label: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Weighted tables of labels against clusters.

    Parameters
    ----------
    weights
        Cell weights, shape (n_cells, n_tables).
    label, cluster
        Integer codes from 0, shape (n_cells,).

    Returns
    -------
    Array of shape (n_tables, n_labels, n_clusters).
    """
    n_labels, n_clusters = label.max() + 1, cluster.max() + 1
    sums = group_sums(weights, label * n_clusters + cluster, n_labels * n_clusters)
    return sums.T.reshape(-1, n_labels, n_clusters)


def table_nmi(tables: np.ndarray) -> np.ndarray:
    """Normalized mutual information of contingency tables of shape (…, n_labels, n_clusters); one value a table.

    In [0, 1], higher is better: 0 if the cluster says nothing of the label, 1 if the partitions are the same. Over the
    mean of the entropies, as in scikit-learn and scib.
    """
    joint = tables / tables.sum(axis=(-2, -1), keepdims=True)
    rows, cols = joint.sum(axis=-1), joint.sum(axis=-2)
    entropy = _entropy(rows), _entropy(cols)
    # I = H(label) + H(cluster) − H(both); rounding must not make independence negative.
    mutual = entropy[0] + entropy[1] - _entropy(joint.reshape(*joint.shape[:-2], -1))
    mutual = np.where(mutual < 4 * np.finfo(float).eps, 0, mutual)
    mean = (entropy[0] + entropy[1]) / 2
    # Two partitions without any division are the same partition.
    return np.where(mean > 0, np.minimum(mutual / np.where(mean > 0, mean, 1), 1), 1.0)


def table_ari(tables: np.ndarray) -> np.ndarray:
    """Adjusted Rand index of contingency tables of shape (…, n_labels, n_clusters); one value a table.

    In [−0.5, 1], higher is better: 0 is what chance gives for clusters of these sizes, 1 the same partition. As in
    scikit-learn.
    """
    together = _pairs(tables.reshape(*tables.shape[:-2], -1))
    rows, cols = _pairs(tables.sum(axis=-1)), _pairs(tables.sum(axis=-2))
    by_chance = rows * cols / _pairs(tables.sum(axis=(-2, -1))[..., None])
    best = (rows + cols) / 2
    room = best - by_chance
    return np.where(best == together, 1.0, (together - by_chance) / np.where(room == 0, 1, room))


def _entropy(p: np.ndarray) -> np.ndarray:
    return -(p * np.log(np.where(p > 0, p, 1))).sum(axis=-1)


def _pairs(counts: np.ndarray) -> np.ndarray:
    """Pairs within groups of these sizes, summed over the last axis without a copy of many thousand clusters."""
    return (np.einsum("...i,...i->...", counts, counts) - counts.sum(axis=-1)) / 2
