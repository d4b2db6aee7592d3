"""Cells that are made up, so that the truth is known."""

from typing import NamedTuple

import numpy as np

from zslib.core.errors import DataError

TYPES = ("T cell", "B cell", "NK cell", "monocyte", "dendritic cell", "platelet", "mast cell", "plasma cell")


class Cells(NamedTuple):
    """Simulated cells."""

    X: np.ndarray
    """Coordinates, shape (n_cells, n_dims)."""
    label: np.ndarray
    """Cell type of each cell, shape (n_cells,)."""
    batch: np.ndarray
    """Batch of each cell, shape (n_cells,)."""
    technology: np.ndarray | None = None
    """Technology of each cell, where batches are its replicates."""


def simulate_cells(
    n_cells: int = 600,
    *,
    n_types: int = 4,
    n_batches: int = 2,
    n_dims: int = 20,
    separation: float = 2.0,
    batch_shift: float = 2.0,
    seed: int = 0,
) -> Cells:
    """Make cells of several types in several batches: a center a type, a shift a batch, and normal noise.

    Parameters
    ----------
    n_cells
        How many, shared out evenly among types and batches.
    n_types, n_batches, n_dims
        How many types (at most 8), batches and dimensions.
    separation
        Standard deviation of the types' centers in each dimension; that of a cell around its center is 1.
    batch_shift
        Standard deviation of the batches' shifts in each dimension; a shift is the same for all types.
    seed
        Of everything that is random.

    Returns
    -------
    The cells, in no order of type.

    Raises
    ------
    DataError
        If there are more types than names for them, or too few cells for all types and batches.
    """
    if not 1 <= n_types <= len(TYPES) or n_cells < 2 * n_types * n_batches:
        raise DataError(
            f"there are names for 1 to {len(TYPES)} types, and it takes two cells of each in each batch: {n_cells} cells "
            f"do not make {n_types} types in {n_batches} batches"
        )
    rng = np.random.default_rng(seed)
    code = rng.permutation(np.arange(n_cells) % (n_types * n_batches))
    kind, batch = code % n_types, code // n_types
    centers = separation * rng.standard_normal((n_types, n_dims))
    shifts = batch_shift * rng.standard_normal((n_batches, n_dims))
    X = centers[kind] + shifts[batch] + rng.standard_normal((n_cells, n_dims))
    return Cells(X, np.array(TYPES)[kind], np.array([f"batch {b + 1}" for b in batch]))


def simulate_nested_batches(
    n_cells: int = 600,
    *,
    n_technologies: int = 2,
    n_replicates: int = 2,
    technology_shift: float = 3.0,
    replicate_shift: float = 0.0,
    seed: int = 0,
) -> Cells:
    """Make cells of three types and several technologies, each with replicates; every replicate is a batch.

    Parameters
    ----------
    n_cells
        How many, shared out evenly among types and batches.
    n_technologies, n_replicates
        How many technologies, and replicates of each.
    technology_shift, replicate_shift
        Standard deviation, in each dimension, of the shift that all cells of a technology share, and of the one
        that those of a replicate share. That of a cell around its center is 1.
    seed
        Of everything that is random.

    Notes
    -----
    The case in which batch ASW is blind: Rautenstrauch and Ohler 2025, doi:10.1038/s41587-025-02743-4.
    """
    sizes = {"n_types": 3, "n_batches": n_technologies * n_replicates}
    flat = simulate_cells(n_cells, **sizes, batch_shift=replicate_shift, seed=seed)
    technology = (np.array([int(b.split()[1]) for b in flat.batch]) - 1) // n_replicates
    shape = n_technologies, flat.X.shape[1]
    shifts = technology_shift * np.random.default_rng([seed, 1]).standard_normal(shape)
    names = np.array([f"technology {t + 1}" for t in range(n_technologies)])
    return flat._replace(X=flat.X + shifts[technology], technology=names[technology])
