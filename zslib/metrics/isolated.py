"""Isolated labels: the cell types found in the fewest batches, which integration loses first."""

import numpy as np

from zslib.errors import NotApplicable
from zslib.metrics.agreement import contingency
from zslib.metrics.checks import check_embedding, encode
from zslib.metrics.geometry import measure_geometry
from zslib.metrics.reduce import mean_of_labels
from zslib.metrics.resolution import best_of_resolutions
from zslib.metrics.silhouette import label_silhouettes
from zslib.stats import Statistic


def isolated_asw(X, label, batch, *, device: str = "auto") -> float:
    """Label ASW of the cell types that lie in the fewest batches.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims).
    label, batch
        Cell type and batch of each cell, shape (n_cells,).
    device
        Where to compute the distances.

    Returns
    -------
    Mean over these types of (mean silhouette + 1) / 2, in [0, 1], higher is better; 0.5 means no structure. As
    ``scib.me.isolated_labels_asw``.

    Raises
    ------
    NotApplicable
        If every type lies in every batch.
    """
    X = check_embedding(X, len(label))
    label, batch = (encode(codes, len(X), what)[0] for codes, what in ((label, "label"), (batch, "batch")))
    few = np.isin(label, isolated(label, batch))
    widths = label_silhouettes(measure_geometry(X, label, k=1, device=device))
    return float(mean_of_labels((widths + 1) / 2, label, few)(np.ones((len(label), 1)))[0])


def isolated_f1(connectivities, label, batch, *, seed: int = 0) -> float:
    """How well some Leiden cluster matches each of the cell types that lie in the fewest batches.

    Parameters
    ----------
    connectivities
        Symmetric weights of shape (n_cells, n_cells), or clusterings of them that are shared.
    label, batch
        Cell type and batch of each cell, shape (n_cells,).
    seed
        Seed of the clusterings.

    Returns
    -------
    Mean over these types of the best F1 of any cluster at any resolution from 0.1 to 2, in (0, 1], higher is
    better. As ``scib.me.isolated_labels_f1`` of the same clusterings.

    Raises
    ------
    NotApplicable
        If every type lies in every batch.
    """
    label, batch = (
        encode(codes, len(label), what)[0] for codes, what in ((label, "label"), (batch, "batch"))
    )
    few = isolated(label, batch)
    found = best_of_resolutions(connectivities, label, repeats=1, seed=seed).found
    return float(best_f1(few, label, found)(np.ones((len(label), 1)))[0])


def isolated(label: np.ndarray, batch: np.ndarray) -> np.ndarray:
    """Labels that lie in as few batches as any does.

    Parameters
    ----------
    label, batch
        Codes of shape (n_cells,).

    Returns
    -------
    Their codes, ascending.

    Raises
    ------
    NotApplicable
        If every label lies in every batch. Here scib finds none and returns NaN, and scib-metrics takes all of them.
    """
    found = (contingency(np.ones((len(label), 1)), label, batch)[0] > 0).sum(axis=1)
    if found.min() == batch.max() + 1:
        raise NotApplicable("every cell type lies in every batch, so none is isolated")
    return np.flatnonzero(found == found.min())


def best_f1(labels: np.ndarray, label: np.ndarray, clusterings: np.ndarray) -> Statistic:
    """Mean over labels of the F1 of the cluster that matches the label best at any resolution.

    Parameters
    ----------
    labels
        The labels to look for, codes.
    label
        Label codes, shape (n_cells,).
    clusterings
        Cluster codes at each resolution, shape (n_resolutions, n_cells).

    Returns
    -------
    A function of cell weights; resolution and cluster are chosen once, on all cells. As
    ``scib.me.isolated_labels_f1`` of the same clusterings.
    """
    every = np.ones((len(label), 1))
    scores = [_f1(contingency(every, label, clusters))[0, labels] for clusters in clusterings]
    best = np.stack([f1.max(axis=1) for f1 in scores])  # (n_resolutions, labels)
    pairs = [(label == code, clusterings[i]) for code, i in zip(labels, best.argmax(axis=0), strict=True)]
    chosen = [scores[i][j].argmax() for j, i in enumerate(best.argmax(axis=0))]
    masks = [(own, clusters == cluster) for (own, clusters), cluster in zip(pairs, chosen, strict=True)]

    def f1(weights: np.ndarray) -> np.ndarray:
        return np.mean(
            [2 * (own & found) @ weights / (own @ weights + found @ weights) for own, found in masks], axis=0
        )

    return f1


def _f1(tables: np.ndarray) -> np.ndarray:
    """F1 of each label with each cluster, from tables of shape (…, n_labels, n_clusters)."""
    sizes = tables.sum(axis=-1, keepdims=True) + tables.sum(axis=-2, keepdims=True)
    return 2 * tables / sizes
