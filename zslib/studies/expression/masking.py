"""What is hidden, from whom, and what is asked: the same for a network and for every baseline.

Values are a dense table of cells × genes, 0 where a gene is not expressed: scGPT's bins 1 … 50, or, for
Geneformer, the rank scaled so that the top gene of a cell has 1 and the last one 1 / n.
"""

from dataclasses import dataclass, replace

import numpy as np

from zslib.core.errors import DataError


@dataclass(frozen=True, eq=False)
class MaskedGenes:
    """Some genes hidden in all evaluated cells, as if they had not been measured.

    Attributes
    ----------
    train
        Values of cells that a baseline may learn from, whole, shape (n_train, n_genes).
    truth
        Values of the evaluated cells, shape (n_test, n_genes).
    hidden
        Which genes are hidden, bool of shape (n_genes,).
    asked
        Which hidden genes are asked of which cell, bool of shape (n_test, n_hidden): all that the cell
        expresses, and as many that it does not, or all of those if there are fewer.
    """

    train: np.ndarray
    truth: np.ndarray
    hidden: np.ndarray
    asked: np.ndarray

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
        return replace(self, truth=self.truth[:n], asked=self.asked[:n])


def mask(train, truth, fraction: float, seed: int) -> MaskedGenes:
    """Hide a share of the genes at random, and choose what to ask.

    Parameters
    ----------
    train, truth
        Values as in :class:`MaskedGenes`.
    fraction
        Share of the genes to hide, above 0 and below 1; at least one is hidden and one left.
    seed
        Of which genes, and of which unexpressed ones are asked.

    Raises
    ------
    DataError
        If the fraction is out of range, the tables do not fit, or a value is negative or not finite.
    """
    train, truth = np.asarray(train, np.float32), np.asarray(truth, np.float32)
    if not 0 < fraction < 1:
        raise DataError(f"The share of hidden genes is {fraction}; it must lie between 0 and 1.")
    n_genes = truth.shape[1]
    if train.shape[1] != n_genes or n_genes < 2:
        raise DataError(f"Training cells have {train.shape[1]} genes and evaluated cells {n_genes}.")
    for name, values in (("training", train), ("evaluated", truth)):
        if not (np.isfinite(values).all() and (values >= 0).all()):
            raise DataError(f"Values of {name} cells must be finite and not negative, 0 where unexpressed.")
    rng = np.random.default_rng(seed)
    hidden = np.zeros(n_genes, dtype=bool)
    hidden[rng.permutation(n_genes)[: int(np.clip(round(fraction * n_genes), 1, n_genes - 1))]] = True
    expressed = truth[:, hidden] > 0
    chance = np.where(expressed, 2.0, rng.random(expressed.shape))  # expressed genes are never drawn as zeros
    place = chance.argsort(axis=1).argsort(axis=1)
    asked = expressed | ((place < expressed.sum(axis=1, keepdims=True)) & ~expressed)
    return MaskedGenes(train, truth, hidden, asked)


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
        test, train = order[: -(-n // 3)], order[-(-n // 3) :]
    else:
        dealt = rng.permutation(len(names))[:-1]
        upto = np.cumsum(np.bincount(code)[dealt])
        held = dealt[: int(np.searchsorted(upto, n / 3)) + 1]
        test, train = order[np.isin(code[order], held)], order[~np.isin(code[order], held)]
    return np.sort(train[:n_train]), np.sort(test[:n_test])
