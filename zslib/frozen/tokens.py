"""Tokens of cells of different lengths, one cell after another, and as padded batches."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Tokens:
    """Genes of cells of different lengths, one cell after another, and their values where a network reads these too."""

    flat: np.ndarray
    """Token ids, int32 of shape (n_tokens,): of a Geneformer from the highest value down, of a scGPT ``<cls>`` first."""
    offsets: np.ndarray
    """Where each cell starts, and the end of the last: int64 of shape (n_cells + 1,)."""
    values: np.ndarray | None = None
    """Their bins, float32 of shape (n_tokens,)."""
    pad_id: int = 0
    """Token that fills a table of cells of unequal length."""
    pad_value: float = 0.0
    """And its value."""

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> np.ndarray:
        """Number of tokens of each cell, special ones included, shape (n_cells,)."""
        return np.diff(self.offsets)

    def __getitem__(self, cell: int):
        """Ids of a cell, or its ids and values, each of shape (n_tokens of the cell,)."""
        cell = range(len(self))[cell]
        tokens = slice(self.offsets[cell], self.offsets[cell + 1])
        return self.flat[tokens] if self.values is None else (self.flat[tokens], self.values[tokens])

    def padded(self, rows) -> tuple[np.ndarray, ...]:
        """Some cells as a table, as wide as the longest of them, padded on the right.

        Parameters
        ----------
        rows
            The cells, by number, as a slice or as a bool mask.

        Returns
        -------
        Ids (int32), values (float32) if there are any, and the mask that is True at real tokens, each of shape
        (n_rows, n_tokens of the longest).
        """
        starts, lengths = self.offsets[:-1][rows], self.lengths[rows]
        position = np.arange(lengths.max(initial=0))
        source, mask = starts[:, None] + position, position < lengths[:, None]
        table = np.where(mask, self.flat.take(source, mode="clip"), np.int32(self.pad_id))
        if self.values is None:
            return table, mask
        return table, np.where(mask, self.values.take(source, mode="clip"), np.float32(self.pad_value)), mask
