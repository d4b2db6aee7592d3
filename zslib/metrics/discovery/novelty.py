"""How far a cell lies from all that is known."""

import numpy as np
import torch

from zslib.device import pick_device
from zslib.metrics.geometry import BLOCK

K = 10
"""Nearest reference cells that a cell's distance is averaged over."""


def halves(strata, seed: int) -> np.ndarray:
    """Pick half of the cells of each stratum at random for the reference.

    Parameters
    ----------
    strata
        Stratum of each cell (its type in its batch), integer codes of shape (n_cells,).
    seed
        Of the pick; of an odd number of cells it also decides which half gets one more.

    Returns
    -------
    Whether a cell is in the reference, boolean of shape (n_cells,).
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(strata))
    order = order[np.argsort(np.asarray(strata)[order], kind="stable")]
    _, start, size = np.unique(np.asarray(strata)[order], return_index=True, return_counts=True)
    rank = np.arange(len(order)) - np.repeat(start, size)
    take = (size + rng.integers(0, 2, len(size))) // 2
    reference = np.zeros(len(order), dtype=bool)
    reference[order[rank < np.repeat(take, size)]] = True
    return reference


def nearest_of_each_label(
    X, label: np.ndarray, references: np.ndarray, *, k: int = K, device: str = "auto", block: int = BLOCK
) -> np.ndarray:
    """Distances of every cell to its nearest reference cells of each label, for several references at once.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims), finite.
    label
        Label codes of shape (n_cells,), from 0 without gaps.
    references
        Which cells are in each reference, boolean of shape (n_references, n_cells).
    k
        How many distances to keep for each label.
    device
        Where to compute.
    block
        Most distances to hold at a time.

    Returns
    -------
    Euclidean distances, unordered, shape (n_references, n_cells, n_labels, k); infinity where a label has
    fewer than k cells in the reference. A reference cell is at distance 0 from itself.
    """
    n, n_labels = len(X), int(label.max()) + 1
    device = pick_device(device)
    points = torch.from_numpy(np.ascontiguousarray(X)).to(device, torch.float64)
    # Far from the origin ‖x‖² + ‖y‖² − 2x·y cancels badly.
    points -= points.mean(dim=0)
    squares = torch.einsum("ij,ij->i", points, points)
    columns = [
        [torch.from_numpy(np.flatnonzero(inside & (label == c))).to(device) for c in range(n_labels)]
        for inside in references
    ]
    found = torch.full((len(references), n, n_labels, k), torch.inf, dtype=torch.float64)
    height = min(n, max(1, block // n))
    for start in range(0, n, height):
        stop = min(n, start + height)
        D = torch.addmm(squares[None], points[start:stop], points.T, alpha=-2)
        D += squares[start:stop, None]
        D.clamp_(min=0).sqrt_()
        D[torch.arange(stop - start), torch.arange(start, stop)] = 0
        for r, of_label in enumerate(columns):
            for c, chosen in enumerate(of_label):
                width = min(k, len(chosen))
                if width:
                    nearest = D[:, chosen].topk(width, dim=1, largest=False, sorted=False).values
                    found[r, start:stop, c, :width] = nearest.cpu()
    return found.numpy()


def novelty(nearest: np.ndarray, hidden: int) -> np.ndarray:
    """Mean distance to the k nearest reference cells when one label is hidden from the reference.

    Parameters
    ----------
    nearest
        Of one reference, see :func:`nearest_of_each_label`; shape (n_cells, n_labels, k).
    hidden
        The label that is taken out of the reference.

    Returns
    -------
    Array of shape (n_cells,), larger for cells that are less like anything known; infinity if fewer than k
    reference cells are left.
    """
    n, _, k = nearest.shape
    known = np.delete(nearest, hidden, axis=1).reshape(n, -1)
    if known.shape[1] > k:
        known = np.partition(known, k - 1, axis=1)[:, :k]
    return known.mean(axis=1)
