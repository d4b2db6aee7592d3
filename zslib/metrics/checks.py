"""What an embedding and its labels must be before anything is measured on them."""

import numpy as np
import pandas as pd
from scipy import sparse

from zslib.core.errors import DataError
from zslib.core.missing import is_missing
from zslib.metrics.projection import N_COMPS

ORDINARY = 1e9
"""Sizes up to it, and down to one over it, are measured as they are."""


def check_embedding(X, n_cells: int) -> np.ndarray:
    """Refuse an embedding that would yield a number without meaning.

    A single NaN cell or a handful of zero cells can leave every metric finite and wrong: coinciding
    cells, for instance, look perfectly mixed. So they are refused here rather than scored.

    Parameters
    ----------
    X
        Array of shape (n_cells, n_dims), real numbers.
    n_cells
        How many rows it must have.

    Returns
    -------
    The embedding as a dense float32 or float64 array of the same shape, copied only if it was neither.

    Raises
    ------
    DataError
        If it is sparse, not numeric, not two-dimensional, of another length or without dimensions; if it
        holds NaN or infinite values, cells whose vector is zero, or the same vector for every cell. The
        message names the first such cell by its row, and how many there are.
    """
    X = _matrix(X, n_cells, "the embedding")
    zero = ~X.any(axis=1)
    if zero.all():
        raise DataError("the embedding is zero for every cell; check the step that produced it")
    if zero.any():
        raise DataError(
            f"{_named(zero)} zero in every dimension of the embedding: the method had nothing to say about "
            f"them (none of their genes was selected or known to it). Leave these cells out for every "
            f"method, or select genes so that each cell expresses some."
        )
    if (X[0] == X).all():
        raise DataError(
            "the embedding is constant: every cell has the same vector, so there is nothing to measure; "
            "check the step that produced it"
        )
    return X


def check_pcs(X, n_cells: int, what: str) -> np.ndarray:
    """Refuse principal components that are not: the same checks of form, and at most 50 columns."""
    X = _matrix(X, n_cells, what)
    if X.shape[1] > N_COMPS:
        raise DataError(
            f"{what} has {X.shape[1]} columns where at most {N_COMPS} principal components "
            f"are expected; pass pca(X, n_comps={N_COMPS})"
        )
    return X


def encode(values, n_cells: int, what: str) -> tuple[np.ndarray, np.ndarray]:
    """Turn one name per cell into integer codes.

    Parameters
    ----------
    values
        Array-like of shape (n_cells,): names or numbers, categorical or not. NaN, None, empty text, and
        these as text (``"nan"``, ``"<NA>"``) are missing.
    n_cells
        How many there must be.
    what
        What they are called in an error message.

    Returns
    -------
    Codes of shape (n_cells,), and the sorted names they stand for; only names that occur are counted.

    Raises
    ------
    DataError
        If the length differs or a value is missing, naming the first such cell.
    """
    # An array made of a list turns what is missing into text.
    dtype = object if isinstance(values, list | tuple) else None
    values = pd.Series(np.asarray(values, dtype=dtype).ravel())
    if len(values) != n_cells:
        raise DataError(f"{what} has {len(values)} values for {n_cells} cells; give one per cell, in order")
    missing = is_missing(values).to_numpy()
    if missing.any():
        raise DataError(
            f"{_named(missing)} without a {what}; leave them out, or give them a name of their own"
        )
    names, codes = np.unique(values.astype(str).to_numpy(dtype=str), return_inverse=True)
    return codes, names


def in_units(X: np.ndarray) -> np.ndarray:
    """Numbers whose squares leave the range of float64, or end searches early, in a unit near their own size.

    The unit is a power of two, so that nothing is rounded; others are returned as they are.
    """
    size = float(np.abs(X).max(initial=0))
    if size == 0 or 1 / ORDINARY < size < ORDINARY:
        return X
    return np.ldexp(X.astype(np.float64), -int(np.frexp(size)[1]))


def _matrix(X, n_cells: int, what: str) -> np.ndarray:
    if sparse.issparse(X):
        raise DataError(f"{what} is a sparse matrix; pass a dense array (.toarray())")
    X = np.asarray(X)
    if X.dtype.kind not in "fiub":
        raise DataError(f"{what} holds {X.dtype} values; it must hold real numbers")
    if X.ndim != 2 or X.shape[1] == 0:
        raise DataError(f"{what} has shape {X.shape}; it must be (n_cells, n_dims)")
    if len(X) != n_cells:
        raise DataError(f"{what} has {len(X)} rows for {n_cells} cells; row i must be cell i")
    if X.dtype not in (np.float32, np.float64):
        X = X.astype(np.float32 if X.dtype.itemsize <= 2 else np.float64)
    if not X.flags.writeable or min(X.strides) < 0:  # torch takes neither
        X = X.copy()
    bad = ~np.isfinite(X).all(axis=1)
    if bad.any():
        raise DataError(
            f"{_named(bad)} NaN or infinite in {what}; check the method's output for these cells "
            f"(overflow in half precision and division by zero are the usual causes)"
        )
    return X


def _named(mask: np.ndarray) -> str:
    """Say how many cells of a mask are set, and which is the first."""
    count, first = int(mask.sum()), int(mask.argmax())
    if count == 1:
        return f"1 cell (row {first}) is"
    return f"{count} of {len(mask)} cells (the first is row {first}) are"
