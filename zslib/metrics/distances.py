"""Every pairwise distance, looked at once.

Silhouettes, the neighbor graph and all that asks for the nearest cells (of any kind, of the same type, or
among the cells a probe has learned from) follow from the distances between all pairs of cells. They
are computed here a block of rows at a time, reduced at once to what is needed, and forgotten, so that
memory grows with the number of cells and not with its square.
"""

from dataclasses import dataclass

import numpy as np

from zslib.core.device import pick_device
from zslib.core.errors import DataError
from zslib.metrics import pairs
from zslib.metrics.projection import stretches

BLOCK = 2**26
"""Distances held at a time: 512 MB of float64, 64 rows of a million cells, of fewer of which a product waits for memory."""


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """What one pass over pairwise Euclidean distances leaves behind."""

    rows: np.ndarray
    """Which cells were measured against all cells, shape (n_rows,); all of them, unless some were asked for."""
    indices: np.ndarray
    """Rows of the nearest cells of each that was measured, itself excluded, nearest first; shape (n_rows, k)."""
    distances: np.ndarray
    """Their distances, ascending; shape (n_rows, k)."""
    label: np.ndarray
    """Label code of each cell; shape (n_cells,)."""
    label_sums: np.ndarray | None
    """Sum of each cell's distances to the cells of each label, if labels were given; (n_rows, n_labels)."""
    batch: np.ndarray | None
    """Batch code of each cell, if batches were given; shape (n_cells,)."""
    batch_sums: np.ndarray | None
    """Sum of each cell's distances to the cells of its own label in each batch; (n_rows, n_batches)."""
    own_indices: np.ndarray
    """Rows of the nearest cells of its own label, itself excluded; (n_rows, k_own), −1 where there are fewer."""
    own_distances: np.ndarray
    """Their distances, infinite where there are fewer; shape (n_rows, k_own)."""
    other_indices: np.ndarray | None
    """Rows of the nearest cells of other folds, if folds were given; shape (n_rows, k_other)."""


def measure_geometry(
    X,
    label=None,
    batch=None,
    *,
    k: int = 14,
    k_own: int = 0,
    fold=None,
    k_other: int = 15,
    number=None,
    rows=None,
    device: str = "auto",
    block: int = BLOCK,
) -> Geometry:
    """Go once through all pairwise Euclidean distances, or those of some cells to all, exactly, in float64.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims), finite.
    label
        Label codes of shape (n_cells,), from 0 without gaps; None for one label, and no sums.
    batch
        Batch codes of shape (n_cells,), from 0 without gaps; None to leave batches out.
    k
        How many neighbors to keep of each cell.
    k_own
        How many neighbors to keep among the cells of its own label.
    fold
        Fold of each cell, shape (n_cells,), for neighbors among the cells of other folds; None for none.
    k_other
        How many of those to keep; fewer come back if the cells outside the largest fold are fewer.
    number
        By which it is decided between cells equally far, shape (n_cells,); None for :func:`numbers`.
    rows
        Which cells to measure against all cells, ascending; None for all of them.
    device
        ``"auto"`` takes a CUDA device where there is one; it must know float64, which ``mps`` does not.
    block
        Most distances to hold at a time. It changes memory and speed, not the result.

    Returns
    -------
    Neighbors, and sums of distances to labels and batches. Time grows with
    n_rows × n_cells × (n_dims + n_labels).

    Raises
    ------
    DataError
        If there are not more than k cells.
    """
    n = len(X)
    if n <= k:
        raise DataError(f"{k} neighbors of a cell need at least {k + 1} cells; there are {n}")
    if number is None:
        number = numbers(X, *(np.asarray(codes) for codes in (label, batch) if codes is not None))
    summed = label is not None
    label = np.asarray(label) if summed else np.zeros(n, dtype=np.int64)

    # With the cells of a label side by side, the sums over one's own label need one slice of a row.
    order = np.argsort(label, kind="stable")
    back = np.empty(n, dtype=np.int64)
    back[order] = np.arange(n)
    rows = np.arange(n) if rows is None else np.asarray(rows)
    points = np.asarray(X, dtype=np.float64)[order]
    # ‖x − y‖² = ‖x‖² + ‖y‖² − 2x·y cancels badly far from the origin, so the origin is moved to the mean.
    points -= points.mean(axis=0)
    cells = pairs.Cells(
        points=points,
        squares=np.einsum("ij,ij->i", points, points),
        number=number[order],
        bounds=np.searchsorted(label[order], np.arange(label.max() + 2)),
        batch=None if batch is None else np.asarray(batch, dtype=np.int64)[order],
        fold=None if fold is None else np.asarray(fold, dtype=np.int64)[order],
        rows=np.sort(back[rows]),
    )
    found = pairs.PairStatistics.blank(
        len(rows),
        int(label.max()) + 1 if summed else 0,
        0 if batch is None else int(cells.batch.max()) + 1,
        near=k,
        own=k_own,
        other=0 if fold is None else min(k_other, n - int(np.bincount(cells.fold).max())),
    )
    device = pick_device(device)
    if device.type == "cpu":
        # numba takes a second to load, for which what measures nothing need not wait.
        from zslib.metrics import pairs_cpu

        pairs_cpu.measure(cells, found, block=block)
    else:
        pairs.measure(cells, found, device=device, block=block)

    back = np.searchsorted(cells.rows, back[rows])
    row = np.append(order, -1)  # −1 stays what it is
    return Geometry(
        rows=rows,
        indices=row[found.near[back]],
        distances=found.near_far[back],
        label=label,
        label_sums=found.label_sums[back] if summed else None,
        batch=None if batch is None else np.asarray(batch),
        batch_sums=None if batch is None else found.batch_sums[back],
        own_indices=row[found.own[back]],
        own_distances=found.own_far[back],
        other_indices=None if fold is None else row[found.other[back]],
    )


def numbers(X, *codes) -> np.ndarray:
    """Give cells random numbers that do not depend on the order of the cells, nor on how the embedding is turned.

    Parameters
    ----------
    X
        Embedding of shape (n_cells, n_dims).
    codes
        What tells cells that coincide, such as labels and batches, each of shape (n_cells,).

    Returns
    -------
    Different numbers from 1 to :data:`zslib.metrics.pairs.PRIME` − 1, int64 of shape (n_cells,). Of cells equally far
    from another that counts as nearer whose number, times the other's, is lower modulo the prime, so that coinciding
    cells have different neighbors. By rows, those of a file made of one batch after the other would all have
    neighbors in the first; and only cells that nothing tells apart change numbers where a file is sorted anew. They
    are dealt by how far a cell lies from the mean, and by its very digits where that is the same.
    """
    n, d = np.shape(X)
    rng = np.random.default_rng(0)
    factors = 2 * rng.integers(0, 2**63, d, dtype=np.uint64) + 1
    # In another unit of length, as far as that is exact, the same numbers.
    unit = -int(np.frexp(np.abs(X).max())[1])
    key, far = np.empty(n, dtype=np.uint64), np.empty(n)
    mean = np.ldexp(np.mean(X, axis=0, dtype=np.float64), unit)
    for some in stretches(X):
        rows = np.ldexp(np.asarray(X[some], dtype=np.float64), unit) + 0.0  # −0 is 0
        rows = np.ascontiguousarray(rows)
        key[some] = rows.view(np.uint64) @ factors  # exact, modulo 2⁶⁴
        far[some] = ((rows - mean) ** 2).sum(axis=1)
    found = np.empty(n, dtype=np.int64)
    found[np.lexsort((*codes, key, pairs.rounded(far)))] = 1 + rng.choice(pairs.PRIME - 1, n, replace=False)
    return found
