"""The shape of an embedding as a cloud of points, without looking at any label."""

import numpy as np
import torch
from scipy import linalg

from zslib.device import pick_device
from zslib.errors import NotApplicable
from zslib.metrics.checks import check_embedding
from zslib.metrics.cosine import unit
from zslib.metrics.projection import DENSE, centered_rows
from zslib.stats import Statistic

ROWS = 2**22
"""Elements of the embedding made into vectors of length one at a time."""


def effective_rank(X, *, device: str = "auto") -> float:
    """How many dimensions the embedding uses, by the entropy of its singular values.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims).
    device
        Where to multiply.

    Returns
    -------
    exp(H(p)), p the singular values of the centered embedding over their sum; from 1, all cells on a line, to the
    number of dimensions, all directions alike. Neither higher nor lower is better by itself.

    Notes
    -----
    Roy and Vetterli 2007.
    """
    return rank_of(spectrum(check_embedding(X, np.shape(X)[0]), device=device))


def participation_ratio(X, *, device: str = "auto") -> float:
    """How many dimensions hold the variance of the embedding.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims).
    device
        Where to multiply.

    Returns
    -------
    (Σλ)² / Σλ², λ the variances along the principal components; from 1 to the number of dimensions, never above
    the effective rank of the variances. Neither higher nor lower is better by itself.
    """
    return ratio_of(spectrum(check_embedding(X, np.shape(X)[0]), device=device))


def anisotropy(X) -> float:
    """Mean cosine similarity of two cells.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims).

    Returns
    -------
    From −1 to 1: 0 if cells point in all directions, 1 if all of them in the same. Neither higher nor lower is
    better by itself.
    """
    X = check_embedding(X, np.shape(X)[0])
    return float(mean_cosine(X)(np.ones((len(X), 1)))[0])


def spectrum(X: np.ndarray, *, device: str = "auto") -> np.ndarray:
    """Variances of the embedding along its principal components, ascending and not negative; times n_cells.

    Raises
    ------
    NotApplicable
        If it has more dimensions, and cells, than can be decomposed directly.
    """
    n, d = X.shape
    if min(n, d) > DENSE:
        raise NotApplicable(
            f"the spectrum of {n} cells × {d} dimensions is not computed; the limit is {DENSE}"
        )
    device = pick_device(device)
    center = torch.from_numpy(np.asarray(X.mean(axis=0, dtype=np.float64))).to(device)
    if d <= n:
        square = sum(rows.T @ rows for rows in centered_rows(X, center))
    else:
        rows = torch.cat(list(centered_rows(X, center)))
        square = rows @ rows.T
    return np.maximum(linalg.eigvalsh(square.cpu().numpy()), 0)


def rank_of(variances: np.ndarray) -> float:
    """Effective rank from variances along principal components."""
    share = np.sqrt(variances) / np.sqrt(variances).sum()
    share = share[share > 0]
    return float(np.exp(-(share * np.log(share)).sum()))


def ratio_of(variances: np.ndarray) -> float:
    """Participation ratio from variances along principal components."""
    share = variances / variances.sum()
    return float(1 / (share**2).sum())


def mean_cosine(X: np.ndarray) -> Statistic:
    """Mean cosine similarity of pairs of cells as a function of cell weights; pairs of a cell with itself are left out."""

    def statistic(weights: np.ndarray) -> np.ndarray:
        total = np.zeros((X.shape[1], weights.shape[1]))
        height = max(1, ROWS // X.shape[1])
        for first in range(0, len(X), height):
            total += unit(X[first : first + height]).T @ weights[first : first + height]
        itself = (weights**2).sum(axis=0)
        return ((total**2).sum(axis=0) - itself) / (weights.sum(axis=0) ** 2 - itself)

    return statistic
