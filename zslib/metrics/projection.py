"""Principal components, exact and with a fixed sign; and directions alone.

scikit-learn's are the same up to sign, and need all cells in float64 at once; these take some rows at a time, on a GPU
where there is one.
"""

from collections.abc import Iterator

import numpy as np
import torch
from scipy import linalg
from scipy.sparse.linalg import LinearOperator, svds

from zslib.core.device import pick_device

N_COMPS = 50
"""Of the space in which embeddings of any size are compared."""
DENSE = 6000
"""Up to this many dimensions or cells the smaller square matrix is decomposed directly."""
ROWS = 2**22
"""Elements of the data, or of an embedding, converted to float64 at a time."""


def pca(X, n_comps: int = N_COMPS, *, device: str = "auto") -> np.ndarray:
    """Project onto the leading principal components.

    Parameters
    ----------
    X
        Data of shape (n_cells, n_dims), finite.
    n_comps
        How many components; fewer come back if there are fewer dimensions, or cells less one.
    device
        Where to multiply.

    Returns
    -------
    Scores of shape (n_cells, n_comps), float64, in order of falling variance, unscaled. Exact to rounding,
    not randomized: the eigenvectors of the covariance (or of the cells' products, whichever is smaller),
    by ARPACK where both are large. The entry of largest size in each component's loadings is positive, so
    the same data always gives the same signs.
    """
    X = np.asarray(X)
    n, d = X.shape
    n_comps = max(1, min(n_comps, d, n - 1))
    device = pick_device(device)
    center = torch.from_numpy(np.asarray(X.mean(axis=0, dtype=np.float64))).to(device)
    if d <= min(n, DENSE):
        covariance = sum(rows.T @ rows for rows in centered_rows(X, center)).cpu().numpy()
        loadings = linalg.eigh(covariance, subset_by_index=(d - n_comps, d - 1))[1][:, ::-1]
    elif n <= DENSE:
        rows = torch.cat(list(centered_rows(X, center)))
        products = (rows @ rows.T).cpu().numpy()
        variances, scores = linalg.eigh(products, subset_by_index=(n - n_comps, n - 1))
        loadings = (rows.T @ torch.from_numpy(scores[:, ::-1].copy()).to(device)).cpu().numpy()
        loadings /= np.maximum(np.sqrt(np.maximum(variances[::-1], 0)), np.finfo(float).tiny)
    else:
        loadings = _arpack(X, center.cpu().numpy(), n_comps)
    top = np.abs(loadings).argmax(axis=0)
    loadings = loadings * np.where(loadings[top, np.arange(n_comps)] < 0, -1.0, 1.0)
    loadings = torch.from_numpy(np.ascontiguousarray(loadings)).to(device)
    return torch.cat([rows @ loadings for rows in centered_rows(X, center)]).cpu().numpy()


def stretches(X: np.ndarray) -> Iterator[slice]:
    """Slices of the rows of X that hold :data:`ROWS` elements, one after the other."""
    n, d = np.shape(X)
    height = max(1, ROWS // d)
    return (slice(start, start + height) for start in range(0, n, height))


def centered_rows(X: np.ndarray, center: torch.Tensor) -> Iterator[torch.Tensor]:
    """Yield the rows of X less their mean, in float64, some at a time."""
    for some in stretches(X):
        rows = np.array(X[some], dtype=np.float64, order="C")  # torch takes no negative strides
        yield torch.from_numpy(rows).to(center.device) - center


def _arpack(X: np.ndarray, center: np.ndarray, n_comps: int) -> np.ndarray:
    X = np.asarray(X, dtype=np.float64)
    operator = LinearOperator(
        X.shape,
        dtype=np.float64,
        matvec=lambda v: X @ v.ravel() - center @ v.ravel(),
        rmatvec=lambda u: X.T @ u.ravel() - center * u.sum(),
    )
    start = np.random.default_rng(0).standard_normal(min(X.shape))
    _, _, right = svds(operator, k=n_comps, v0=start)
    return right[::-1].T


def unit(X: np.ndarray) -> np.ndarray:
    """Cells as vectors of length one, float64 of shape (n_cells, n_dims)."""
    X = np.asarray(X, dtype=np.float64)
    # Scaled first, since squares of very small or large numbers leave the range of float64.
    X = X / np.abs(X).max(axis=1, keepdims=True)
    return X / np.sqrt(np.einsum("ij,ij->i", X, X))[:, None]
