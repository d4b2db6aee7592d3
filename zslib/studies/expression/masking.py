"""What is hidden, from whom, and what is asked: the same for a network and for every baseline.

Values are a dense table of cells × genes, 0 where a gene is not expressed: scGPT's bins 1 … 50, or, for
Geneformer, the rank scaled so that the top gene of a cell has 1 and the last one 1 / n.
"""

from dataclasses import dataclass, replace

import numpy as np

from zslib.core.errors import DataError


@dataclass(frozen=True, eq=False)
class MaskedGenes:
    """Some genes hidden in all evaluated cells, as if they had not been measured."""

    train: np.ndarray
    """Values of cells that a baseline may learn from, whole, shape (n_train, n_genes)."""
    truth: np.ndarray
    """Values of the evaluated cells, shape (n_test, n_genes)."""
    hidden: np.ndarray
    """Which genes are hidden, bool of shape (n_genes,)."""
    scored: np.ndarray
    """Which hidden genes are scored in which cell, bool of shape (n_test, n_hidden): all that the cell expresses, and as
    many that it does not, or all of those if there are fewer."""

    @property
    def visible(self) -> np.ndarray:
        """All that anyone is shown of the evaluated cells, shape (n_test, n_genes - n_hidden)."""
        return self.truth[:, ~self.hidden]

    @property
    def target(self) -> np.ndarray:
        """What is to be found, shape (n_test, n_hidden)."""
        return self.truth[:, self.hidden]

    def first(self, n: int) -> "MaskedGenes":
        """The same of the first `n` evaluated cells only."""
        return replace(self, truth=self.truth[:n], scored=self.scored[:n])


def mask(train, truth, fraction: float, seed: int) -> MaskedGenes:
    """Hide a share of the genes at random, at least one and not all, and choose what to ask."""
    train, truth = np.asarray(train, np.float32), np.asarray(truth, np.float32)
    n_genes = truth.shape[1]
    rng = np.random.default_rng(seed)
    hidden = np.zeros(n_genes, dtype=bool)
    hidden[rng.permutation(n_genes)[: int(np.clip(round(fraction * n_genes), 1, n_genes - 1))]] = True
    expressed = truth[:, hidden] > 0
    chance = np.where(expressed, 2.0, rng.random(expressed.shape))  # expressed genes are never drawn as zeros
    place = chance.argsort(axis=1).argsort(axis=1)
    return MaskedGenes(train, truth, hidden, expressed | (place < expressed.sum(axis=1, keepdims=True)))


def split(batch, n_train: int, n_test: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Choose cells to learn from and cells to evaluate, of different batches where there are several.

    Batches are dealt out whole, in random order, until the evaluated side has at least a third of the
    cells, but never all batches; then cells are picked at random on either side.

    Parameters
    ----------
    batch
        Batch of each cell, shape (n_cells,).
    n_train, n_test
        Most cells of each kind.
    seed
        Of the order of batches and of cells.

    Returns
    -------
    Rows of training and of evaluated cells, in rising order; no cell is in both.

    Raises
    ------
    DataError
        If there are fewer than four cells.
    """
    names, code = np.unique(np.asarray(batch).astype(str), return_inverse=True)
    n = len(code)
    if n < 4:
        raise DataError(f"{n} cells cannot be split into some to learn from and some to evaluate.")
    rng = np.random.default_rng(seed)
    order = rng.permutation(n)
    if len(names) == 1:
        held = np.arange(n) < -(-n // 3)
    else:
        dealt = rng.permutation(len(names))[:-1]
        upto = np.cumsum(np.bincount(code)[dealt])
        held = np.isin(code[order], dealt[: int(np.searchsorted(upto, n / 3)) + 1])
    return np.sort(order[~held][:n_train]), np.sort(order[held][:n_test])
