"""Probes, simple classifiers that read the cell type, or the batch, off the frozen embedding.

Whole batches are held out where there are several, since cells of one batch resemble each other for reasons that
have nothing to do with their type, and a probe that has seen the batch scores what it will not reach on the next.

The logistic regression has the loss of scikit-learn's, which takes half the time on 2,000 cells (``benchmarks/parts.py``).
Its solver stops elsewhere, though, and where depends on how the embedding is turned; it makes float64 of the whole
embedding at once, and it knows no GPU.
"""

from collections.abc import Iterator

import numpy as np
import torch
from scipy import optimize
from threadpoolctl import threadpool_limits

from zslib.core.device import pick_device
from zslib.core.errors import NotApplicable
from zslib.core.stats import Statistic, widened
from zslib.metrics.agreement import contingency
from zslib.metrics.anchors import Anchors, shuffled
from zslib.metrics.projection import stretches

N_FOLDS = 5
N_NEIGHBORS = 15
OPTIONS = {"maxiter": 500, "gtol": 0, "ftol": 1e-7}
"""Of the solver, which stops when the loss, a mean over cells, falls no more: scikit-learn asks for the largest slope,
which a turn of the embedding changes, and with it the type of a cell on the border."""
HELD = 2**25
"""Up to so many elements of the embedding are kept in float64: 256 MB."""
LEARNED = 50_000
"""Most cells that a regression learns from."""


def grouped_folds(batch: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Deal whole batches into folds of like size, the largest first, each into the smallest fold so far.

    Parameters
    ----------
    batch
        Batch codes of shape (n_cells,).
    order
        Rows, shape (n_cells,); of batches of one size comes first whose cell does here.

    Returns
    -------
    Fold of each cell, shape (n_cells,), at most five. As ``sklearn.model_selection.GroupKFold``.
    """
    _, first, sizes = np.unique(batch[order], return_index=True, return_counts=True)
    held, of_batch = np.zeros(min(N_FOLDS, len(sizes))), np.empty(len(sizes), dtype=np.int64)
    for code in np.lexsort((first, -sizes)):
        of_batch[code] = held.argmin()
        held[of_batch[code]] += sizes[code]
    return of_batch[batch]


def stratified_folds(strata: np.ndarray, order: np.ndarray, *, seed: int = 0) -> np.ndarray:
    """Deal the cells of each stratum at random into folds; shape (n_cells,)."""
    fold = np.empty(len(strata), dtype=np.int64)
    # One deal around the table for all strata, so that small ones do not pile up in the first fold.
    fold[shuffled(strata, order, seed)[0]] = np.arange(len(strata)) % N_FOLDS
    return fold


def held_out(
    X: np.ndarray, y: np.ndarray, fold: np.ndarray, order: np.ndarray, *, device: str = "auto"
) -> np.ndarray:
    """Predict each fold by a logistic regression on the others, of these on :data:`LEARNED` cells at most.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims).
    y
        Class codes from 0, shape (n_cells,).
    fold
        Fold of each cell, shape (n_cells,).
    order
        Rows, shape (n_cells,); where there are more than it may learn from, it learns from those that come first here.
    device
        Where to multiply.

    Returns
    -------
    Predicted class codes, shape (n_cells,).
    """
    device = pick_device(device)
    center = torch.from_numpy(np.asarray(X.mean(axis=0, dtype=np.float64))).to(device)
    squares = sum(float((rows**2).sum()) for rows in _blocks(X, center, 1.0))
    scale = np.sqrt(squares / X.size) or 1.0
    found, weights = np.empty(len(y), dtype=np.int64), None
    # The optimizer's own products are tiny; threads that wait for the next one would keep torch's from working.
    with threadpool_limits(1, user_api="blas"):
        for held in range(fold.max() + 1):
            learn, test = np.sort(order[fold[order] != held][:LEARNED]), np.flatnonzero(fold == held)
            weights = _logistic(X[learn], y[learn], int(y.max()) + 1, center, scale, start=weights)
            scores = [rows @ weights[:-1] + weights[-1] for rows in _blocks(X[test], center, scale)]
            scores = torch.cat(scores)
            # A class that none of the cells learned from has is not guessed.
            scores[:, np.bincount(y[learn], minlength=scores.shape[1]) == 0] = -torch.inf
            found[test] = scores.argmax(dim=1).cpu().numpy()
    return found


def macro_f1(truth: np.ndarray, found: np.ndarray, fold: np.ndarray, anchors: Anchors) -> Statistic:
    """Mean over classes of F1 of the anchors as a function of cell weights, of classes in two folds or more.

    Its intervals are widened by what other cells to learn from would change, see :func:`luck_of_learning`.
    """
    folds_of = contingency(np.ones((len(truth), 1)), truth, fold)[0] > 0
    known = folds_of.sum(axis=1) > 1
    if known.sum() < 2:
        raise NotApplicable(
            "fewer than two cell types lie in two folds, so there is nothing to learn and test"
        )
    cells = np.flatnonzero(known[truth])
    n = int(truth.max()) + 1
    truth, found = truth[cells], found[cells]

    def f1(weights: np.ndarray) -> np.ndarray:
        tables = confusion(weights[cells], truth, found, n)
        right = np.diagonal(tables, axis1=1, axis2=2)
        either = tables.sum(axis=1) + tables.sum(axis=2)
        return (2 * right / np.where(either > 0, either, 1))[:, known].mean(axis=1)

    return widened(anchors.on(f1), luck_of_learning(fold))


def luck_of_learning(fold: np.ndarray) -> float:
    """By how much an interval of a held-out score is too narrow if only the cells that are tested vary.

    The variance is to that of the tested cells alone as 1 + (tested cells) / (cells learned from) to 1: Nadeau and
    Bengio, Machine Learning 52:239 (2003), doi:10.1023/A:1024068626366. Here k folds are tested, each learned from k − 1.
    """
    k = int(fold.max()) + 1
    return float(np.sqrt(k / (k - 1)))


def confusion(weights: np.ndarray, truth: np.ndarray, found: np.ndarray, n: int) -> np.ndarray:
    """Confusion tables of shape (n_resamples, n, n), rows the truth."""
    # One cell of no weight, to have all classes.
    padded = np.vstack([weights, np.zeros((1, weights.shape[1]))])
    return contingency(padded, np.append(truth, n - 1), np.append(found, n - 1))


def _logistic(X, y, n_classes: int, center, scale: float, start=None) -> torch.Tensor:
    """Multinomial logistic regression with the penalty ½‖W‖²; coefficients of shape (n_dims + 1, n_classes)."""
    n, d = X.shape
    answer = torch.from_numpy(y).to(center.device)[:, None]
    kept = list(_blocks(X, center, scale)) if X.size <= HELD else None

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        W = torch.from_numpy(flat).to(center.device).reshape(d + 1, n_classes)
        total, gradient, first = 0.0, torch.zeros_like(W), 0
        for rows in kept or _blocks(X, center, scale):
            some = answer[first : first + len(rows)]
            logs = torch.addmm(W[-1], rows, W[:-1]).log_softmax(dim=1)
            total -= float(logs.gather(1, some).sum())
            error = logs.exp_().scatter_add_(1, some, torch.full_like(logs[:, :1], -1))
            gradient[:-1] += rows.T @ error
            gradient[-1] += error.sum(dim=0)
            first += len(rows)
        gradient[:-1] += W[:-1]
        total += float((W[:-1] ** 2).sum()) / 2
        return total / n, (gradient / n).cpu().numpy().ravel()

    start = np.zeros((d + 1) * n_classes) if start is None else start.cpu().numpy().ravel()
    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options=OPTIONS)
    return torch.from_numpy(found.x).to(center.device).reshape(d + 1, n_classes)


def _blocks(X: np.ndarray, center: torch.Tensor, scale: float) -> Iterator[torch.Tensor]:
    """Yield the rows of X less the center, over the scale, in float64, some at a time."""
    for some in stretches(X):
        rows = torch.from_numpy(X[some]).to(center.device, torch.float64)
        yield (rows - center) / scale
