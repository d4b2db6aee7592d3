"""The reconstruction test as published: how well a network gives back the very input it was shown.

Kedzierska et al., Genome Biology 26:101 (2025), doi:10.1186/s13059-025-03574-x. Nothing is hidden here, so
a good score may be no more than copying; :mod:`zslib.studies.expression.masking` asks the harder question. What is
averaged over what, and what happens to genes that are missing on one side, follows the published code.
"""

from dataclasses import dataclass

import numpy as np

from zslib.core.errors import DataError


def bin_errors(true, predicted, cell) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Errors of predicted bins, as sums over each cell, so that cells can be resampled.

    Parameters
    ----------
    true
        Bins that were shown, shape (n_entries,); entries that are not above 0 are passed over.
    predicted
        What the network says, shape (n_entries,).
    cell
        Cell of each entry, integer codes of shape (n_entries,), 0 to the largest.

    Returns
    -------
    For ``mse``, ``mae`` and ``mre`` the sum of errors and the number of entries of each cell, two arrays
    of shape (n_cells,); the published score is the ratio of their sums, lower is better. ``mre`` is the
    absolute error over the *predicted* bin: so the published code has it, which favors predicting much, and
    so come its numbers about (an error of 12.3 around a mean bin of 25.2 is its 0.49). Where a prediction is
    negative, so is this error.

    Raises
    ------
    DataError
        If no entry is above 0, or a prediction of one is not finite.
    """
    true, predicted, cell = np.asarray(true, np.float64), np.asarray(predicted, np.float64), np.asarray(cell)
    n_cells, kept = int(cell.max(initial=-1)) + 1, true > 0
    true, predicted, cell = true[kept], predicted[kept], cell[kept]
    if not len(true):
        raise DataError("No bin is above 0, so there is nothing to reconstruct.")
    if not np.isfinite(predicted).all():
        raise DataError(f"{(~np.isfinite(predicted)).sum()} of {len(predicted)} predictions are not finite.")
    off = np.abs(predicted - true)
    n = np.bincount(cell, minlength=n_cells).astype(np.float64)
    kinds = {"mse": off**2, "mae": off, "mre": off / (predicted + 1e-6)}  # the published small number
    return {name: (np.bincount(cell, weights=error, minlength=n_cells), n) for name, error in kinds.items()}


@dataclass(frozen=True, eq=False)
class Ranks:
    """Ranks of genes in cells, one row for each gene that stands in a cell's input or in its output.

    Attributes
    ----------
    cell, token
        Cell and gene of each row, shape (n_rows,).
    shown
        Scaled rank in the input, 1 at the top and 0 at the end; 0 where the gene is not in the input.
    predicted
        Mean of the scaled ranks at which the network puts the gene; 0 where it never does.
    average
        Mean of the gene's rank in the input over the cells that show it, leaving out where it came last,
        since a rank of 0 counts as missing; 0 where no cell shows it.
    own
        Whether the gene stands in the cell's input, bool.
    """

    cell: np.ndarray
    token: np.ndarray
    shown: np.ndarray
    predicted: np.ndarray
    average: np.ndarray
    own: np.ndarray


def ranks(tokens, offsets, predicted) -> Ranks:
    """Bring shown and predicted ranks together, as published.

    Parameters
    ----------
    tokens
        Genes of the cells from the highest rank down, one cell after another, shape (n_tokens,).
    offsets
        Where each cell starts, and the end: shape (n_cells + 1,).
    predicted
        The likeliest gene at each position, shape (n_tokens,). One may stand at several positions.

    Raises
    ------
    DataError
        If a cell has fewer than two genes: a scaled rank has no meaning there.
    """
    tokens, predicted, lengths = np.asarray(tokens), np.asarray(predicted), np.diff(offsets)
    if (lengths < 2).any():
        raise DataError(
            f"{int((lengths < 2).sum())} of {len(lengths)} cells have fewer than two genes (first in row "
            f"{int((lengths < 2).argmax())}), so their genes have no rank. Leave these cells out."
        )
    cell = np.repeat(np.arange(len(lengths)), lengths)
    last = (lengths - 1)[cell]
    rank = 1 - (np.arange(len(tokens)) - np.asarray(offsets)[cell]) / last
    width = int(max(tokens.max(), predicted.max())) + 1
    here, there = cell.astype(np.int64) * width + tokens, cell.astype(np.int64) * width + predicted
    keys = np.unique(np.concatenate([here, there]))
    shown, own = np.zeros(len(keys)), np.isin(keys, here)
    shown[np.searchsorted(keys, here)] = rank
    at = np.searchsorted(keys, there)
    times = np.bincount(at, minlength=len(keys))
    said = np.bincount(at, weights=rank, minlength=len(keys)) / np.maximum(times, 1)
    token, counted = keys % width, shown > 0
    seen = np.bincount(token[counted], minlength=width)
    average = np.bincount(token[counted], weights=shown[counted], minlength=width) / np.maximum(seen, 1)
    return Ranks(keys // width, token, shown, said, average[token], own)


def rank_correlations(found: Ranks) -> dict[str, np.ndarray]:
    """Pearson correlation with the ranks shown, for each cell.

    Returns
    -------
    Three arrays of shape (n_cells,), in [-1, 1], higher is better, NaN where a side is constant:
    ``network``; ``mean rank``, the published baseline, which is judged on the same rows, those of genes
    that only the network named included; and ``mean rank, own genes``, the same baseline on the genes of the
    cell alone, which does not depend on what the network said.
    """
    n_cells = int(found.cell.max()) + 1
    own = found.own
    return {
        "network": _pearson(found.shown, found.predicted, found.cell, n_cells),
        "mean rank": _pearson(found.shown, found.average, found.cell, n_cells),
        "mean rank, own genes": _pearson(found.shown[own], found.average[own], found.cell[own], n_cells),
    }


def _pearson(x: np.ndarray, y: np.ndarray, group: np.ndarray, n_groups: int) -> np.ndarray:
    """Correlation of x and y within each group, NaN where one of them is constant."""

    def mean(v):
        return np.bincount(group, weights=v, minlength=n_groups) / np.bincount(group, minlength=n_groups)

    dx, dy = x - mean(x)[group], y - mean(y)[group]
    spread = mean(dx**2) * mean(dy**2)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = mean(dx * dy) / np.sqrt(spread)
    return np.where(spread > 1e-24, found, np.nan)
