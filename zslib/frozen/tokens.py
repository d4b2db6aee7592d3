"""Tokens of cells of different lengths, one cell after another, and as padded batches."""

from dataclasses import dataclass

import numpy as np


class _Cells:
    """Cells one after another, told apart by where each starts."""

    offsets: np.ndarray

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> np.ndarray:
        """Number of tokens of each cell, special ones included, shape (n_cells,)."""
        return np.diff(self.offsets)

    def _table(self, rows) -> tuple[np.ndarray, np.ndarray]:
        """Where each token of some cells stands, and which are real: (n_rows, n_tokens of the longest) each."""
        starts, lengths = self.offsets[:-1][rows], self.lengths[rows]
        position = np.arange(lengths.max(initial=0))
        return starts[:, None] + position, position < lengths[:, None]


@dataclass(frozen=True, eq=False)
class Tokens(_Cells):
    """Token ids of cells of different lengths, one cell after another."""

    flat: np.ndarray
    """Token ids, int32 of shape (n_tokens,)."""
    offsets: np.ndarray
    """Where each cell starts, and the end, int64 of shape (n_cells + 1,)."""

    def __getitem__(self, cell: int) -> np.ndarray:
        """Tokens of a cell from the highest value down, shape (n_tokens of the cell,)."""
        cell = range(len(self))[cell]
        return self.flat[self.offsets[cell] : self.offsets[cell + 1]]

    def padded(self, rows) -> tuple[np.ndarray, np.ndarray]:
        """Tokens of some cells as a batch.

        Parameters
        ----------
        rows
            The cells, by number, as a slice or as a bool mask.

        Returns
        -------
        tokens
            int32 of shape (n_rows, L), L the length of the longest; padding, 0, on the right.
        mask
            True at tokens, same shape.
        """
        source, mask = self._table(rows)
        return np.where(mask, self.flat.take(source, mode="clip"), np.int32(0)), mask


@dataclass(frozen=True, eq=False)
class ValueTokens(_Cells):
    """Cells as genes with values, one after the other, ``<cls>`` first in each."""

    genes: np.ndarray
    """Ids of tokens, int32 of shape (n_tokens,)."""
    values: np.ndarray
    """Their bins, float32 of shape (n_tokens,)."""
    offsets: np.ndarray
    """Where each cell starts, and the end of the last: int64 of shape (n_cells + 1,)."""
    pad_id: int
    """Token that fills a table of cells of unequal length."""
    pad_value: float
    """And its value."""

    def __getitem__(self, cell: int) -> tuple[np.ndarray, np.ndarray]:
        """Ids and values of a cell, each of shape (n_tokens of the cell,)."""
        cell = range(len(self))[cell]
        tokens = slice(self.offsets[cell], self.offsets[cell + 1])
        return self.genes[tokens], self.values[tokens]

    def padded(self, rows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Some cells as a table, as wide as the longest of them.

        Parameters
        ----------
        rows
            The cells, by number, as a slice or as a bool mask.

        Returns
        -------
        Ids (int32), values (float32) and the mask that is True at real tokens, each of shape
        (n_rows, n_tokens of the longest).
        """
        source, mask = self._table(rows)
        genes = np.where(mask, self.genes.take(source, mode="clip"), np.int32(self.pad_id))
        values = np.where(mask, self.values.take(source, mode="clip"), np.float32(self.pad_value))
        return genes, values, mask
