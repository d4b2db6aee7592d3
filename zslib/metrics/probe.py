"""Probes, simple classifiers that read the cell type, or the batch, off the frozen embedding.

Whole batches are held out where there are several, since cells of one batch resemble each other for reasons that
have nothing to do with their type, and a probe that has seen the batch scores what it will not reach on the next.
"""

from collections.abc import Iterator

import numpy as np
import torch
from scipy import optimize
from threadpoolctl import threadpool_limits

from zslib.device import pick_device
from zslib.errors import NotApplicable
from zslib.metrics.agreement import contingency
from zslib.metrics.checks import check_embedding, encode
from zslib.metrics.geometry import measure_geometry
from zslib.stats import Statistic

N_FOLDS = 5
N_NEIGHBORS = 15
ROWS = 2**22
"""Elements of the embedding converted to float64 at a time."""
OPTIONS = {"maxiter": 500, "gtol": 1e-4, "ftol": 1e-12}
"""Of the solver; the loss it minimizes is a mean over cells, and the tolerance is scikit-learn's."""
HELD = 2**25
"""Up to so many the converted ones are kept: 256 MB."""


def knn_probe(X, label, batch=None, *, seed: int = 0, device: str = "auto") -> float:
    """How well a cell's type is told by its 15 nearest cells of other batches.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims).
    label
        Cell type of each cell, shape (n_cells,).
    batch
        Batch of each cell, shape (n_cells,): batches are held out whole, see :func:`grouped_folds`. With None
        or one batch folds are stratified by type.
    seed
        Of stratified folds.
    device
        Where to compute the distances.

    Returns
    -------
    Macro-F1 of the majority of the neighbors, in [0, 1], higher is better. Of types with equally many votes
    that of the nearest cell wins. Types found in one fold only cannot have been learned and are left out.

    Raises
    ------
    NotApplicable
        If fewer than two types can be learned.
    """
    X, label, fold = _inputs(X, label, batch, seed)
    nearest = measure_geometry(X, k=1, fold=fold, k_other=N_NEIGHBORS, device=device).other_indices
    return float(macro_f1(label, vote(label[nearest]), fold)(np.ones((len(label), 1)))[0])


def linear_probe(X, label, batch=None, *, seed: int = 0, device: str = "auto") -> float:
    """How well a cell's type is told by logistic regression on the embedding.

    Parameters and exceptions as :func:`knn_probe`.

    Returns
    -------
    Macro-F1 of the held-out predictions, in [0, 1], higher is better. The regression is that of
    ``sklearn.linear_model.LogisticRegression(C=1)`` on the embedding centered and divided by one number, which
    leaves the result as it is when the embedding is turned or scaled.
    """
    X, label, fold = _inputs(X, label, batch, seed)
    return float(macro_f1(label, held_out(X, label, fold, device=device), fold)(np.ones((len(label), 1)))[0])


def batch_probe(X, batch, label=None, *, seed: int = 0, device: str = "auto") -> float:
    """How well a cell's batch is told by logistic regression on the embedding.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims).
    batch
        Batch of each cell, shape (n_cells,).
    label
        Cell type of each cell, shape (n_cells,), by which folds are stratified too; None to leave it out.
    seed
        Of the folds.
    device
        Where to compute.

    Returns
    -------
    Mean over batches of the share of their cells that are recognized, in [0, 1], **lower** is better: one over
    the number of batches is a guess. As ``sklearn.metrics.balanced_accuracy_score`` of the held-out predictions.

    Raises
    ------
    NotApplicable
        If there is one batch.
    """
    X = check_embedding(X, len(batch))
    batch, names = encode(batch, len(X), "batch")
    if len(names) < 2:
        raise NotApplicable("all cells are of one batch, so there is none to tell from another")
    label = np.zeros(len(X), dtype=np.int64) if label is None else encode(label, len(X), "label")[0]
    fold = stratified_folds(label * len(names) + batch, seed=seed)
    found = held_out(X, batch, fold, device=device)
    return float(mean_recall(batch, found)(np.ones((len(batch), 1)))[0])


def grouped_folds(batch: np.ndarray, *, n_folds: int = N_FOLDS) -> np.ndarray:
    """Deal whole batches into folds of like size, the largest first, each into the smallest fold so far.

    Parameters
    ----------
    batch
        Batch codes of shape (n_cells,).
    n_folds
        At most so many; fewer if there are fewer batches.

    Returns
    -------
    Fold of each cell, shape (n_cells,). As ``sklearn.model_selection.GroupKFold``.
    """
    sizes = np.bincount(batch)
    held, of_batch = np.zeros(min(n_folds, len(sizes))), np.empty(len(sizes), dtype=np.int64)
    for code in np.argsort(-sizes, kind="stable"):
        of_batch[code] = held.argmin()
        held[of_batch[code]] += sizes[code]
    return of_batch[batch]


def stratified_folds(strata: np.ndarray, *, n_folds: int = N_FOLDS, seed: int = 0) -> np.ndarray:
    """Deal the cells of each stratum at random into folds; shape (n_cells,)."""
    shuffled = np.random.default_rng(seed).permutation(len(strata))
    order = shuffled[np.argsort(strata[shuffled], kind="stable")]
    fold = np.empty(len(strata), dtype=np.int64)
    # One deal around the table for all strata, so that small ones do not pile up in the first fold.
    fold[order] = np.arange(len(strata)) % n_folds
    return fold


def vote(classes: np.ndarray) -> np.ndarray:
    """The most frequent class of each row, of several the one that comes first in the row.

    Parameters
    ----------
    classes
        Class codes of the neighbors, nearest first; shape (n_cells, k).

    Returns
    -------
    Array of shape (n_cells,).
    """
    votes = np.zeros(classes.shape, dtype=np.int64)
    for column in classes.T:
        votes += classes == column[:, None]
    return classes[np.arange(len(classes)), votes.argmax(axis=1)]


def held_out(X: np.ndarray, y: np.ndarray, fold: np.ndarray, *, device: str = "auto") -> np.ndarray:
    """Predict each fold by a logistic regression on the others.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims).
    y
        Class codes from 0, shape (n_cells,).
    fold
        Fold of each cell, shape (n_cells,).
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
            learn, test = np.flatnonzero(fold != held), np.flatnonzero(fold == held)
            weights = _logistic(X[learn], y[learn], int(y.max()) + 1, center, scale, start=weights)
            scores = [rows @ weights[:-1] + weights[-1] for rows in _blocks(X[test], center, scale)]
            scores = torch.cat(scores)
            # A class that none of the cells learned from has is not guessed.
            scores[:, np.bincount(y[learn], minlength=scores.shape[1]) == 0] = -torch.inf
            found[test] = scores.argmax(dim=1).cpu().numpy()
    return found


def macro_f1(truth: np.ndarray, found: np.ndarray, fold: np.ndarray) -> Statistic:
    """Mean over classes of F1 as a function of cell weights, of the classes that lie in two folds or more."""
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
        tables = _square(weights[cells], truth, found, n)
        right = np.diagonal(tables, axis1=1, axis2=2)
        either = tables.sum(axis=1) + tables.sum(axis=2)
        return (2 * right / np.where(either > 0, either, 1))[:, known].mean(axis=1)

    return f1


def mean_recall(truth: np.ndarray, found: np.ndarray) -> Statistic:
    """Mean over classes of the share of their cells that are found, as a function of cell weights."""
    n = int(truth.max()) + 1

    def recall(weights: np.ndarray) -> np.ndarray:
        tables = _square(weights, truth, found, n)
        return (np.diagonal(tables, axis1=1, axis2=2) / tables.sum(axis=2)).mean(axis=1)

    return recall


def _inputs(X, label, batch, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    X = check_embedding(X, len(label))
    label, _ = encode(label, len(X), "label")
    batch, names = (None, []) if batch is None else encode(batch, len(X), "batch")
    fold = grouped_folds(batch) if len(names) > 1 else stratified_folds(label, seed=seed)
    return X, label, fold


def _square(weights: np.ndarray, truth: np.ndarray, found: np.ndarray, n: int) -> np.ndarray:
    """Confusion tables of shape (n_resamples, n, n), rows the truth."""
    padded = np.vstack(
        [weights, np.zeros((1, weights.shape[1]))]
    )  # one cell of no weight, to have all classes
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
    height = max(1, ROWS // X.shape[1])
    for first in range(0, len(X), height):
        rows = torch.from_numpy(X[first : first + height]).to(center.device, torch.float64)
        yield (rows - center) / scale
