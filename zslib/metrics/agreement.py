"""How well a clustering agrees with the labels: NMI and ARI, from contingency tables.

Both take any number of tables at once, with counts or with the weights of a resample.
"""

import numpy as np

from zslib.core.errors import DataError
from zslib.core.stats import group_sums
from zslib.metrics.checks import encode


def nmi(label, cluster) -> float:
    """Normalized mutual information of two partitions of the cells.

    Parameters
    ----------
    label, cluster
        One name or number per cell, shape (n_cells,).

    Returns
    -------
    In [0, 1], higher is better: 0 if knowing the cluster says nothing about the label, 1 if the partitions
    are the same. Normalized by the arithmetic mean of the entropies, as in scikit-learn and scib.
    """
    return float(table_nmi(_table(label, cluster)))


def ari(label, cluster) -> float:
    """Adjusted Rand index of two partitions of the cells.

    Parameters
    ----------
    label, cluster
        One name or number per cell, shape (n_cells,).

    Returns
    -------
    In [−0.5, 1], higher is better: 0 is what chance would give for clusters of these sizes, 1 is the same
    partition. As in scikit-learn.
    """
    return float(table_ari(_table(label, cluster)))


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
    """NMI of contingency tables of shape (…, n_labels, n_clusters); one value a table."""
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
    """ARI of contingency tables of shape (…, n_labels, n_clusters); one value a table."""
    together = _pairs(tables.reshape(*tables.shape[:-2], -1))
    rows, cols = _pairs(tables.sum(axis=-1)), _pairs(tables.sum(axis=-2))
    by_chance = rows * cols / _pairs(tables.sum(axis=(-2, -1))[..., None])
    best = (rows + cols) / 2
    room = best - by_chance
    return np.where(best == together, 1.0, (together - by_chance) / np.where(room == 0, 1, room))


def _table(label, cluster) -> np.ndarray:
    label, _ = encode(label, len(label), "label")
    cluster, _ = encode(cluster, len(label), "cluster")
    if len(label) < 2:
        raise DataError("partitions are compared over two cells or more")
    return contingency(np.ones((len(label), 1)), label, cluster)[0]


def _entropy(p: np.ndarray) -> np.ndarray:
    return -(p * np.log(np.where(p > 0, p, 1))).sum(axis=-1)


def _pairs(counts: np.ndarray) -> np.ndarray:
    """Pairs within groups of these sizes, summed over the last axis without a copy of many thousand clusters."""
    return (np.einsum("...i,...i->...", counts, counts) - counts.sum(axis=-1)) / 2
