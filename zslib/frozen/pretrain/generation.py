"""scGPT's objective: perceive some genes of a cell with their values, generate the values of the others.

Cui et al., Nature Methods 21:1470 (2024), doi:10.1038/s41592-024-02201-0, as their code for pre-training
has it: a quarter, a half or three quarters of a cell's genes are to be generated, from the token (GEP)
and from the cell alone (GEPC). Later in the training a second pass sees, in place of ``<cls>``, what the
first one made of the cell.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import Tensor

from zslib.frozen.pretrain.corpus import Corpus
from zslib.frozen.scgpt.network import ScGPT
from zslib.frozen.scgpt.tokenizer import SPECIAL, authors

RATIOS = (0.25, 0.5, 0.75)
SECOND_PASS_FROM = 1000
"""Steps before the second pass begins."""


def split(genes: np.ndarray, real: np.ndarray, ratio: float, max_len: int, rng: np.random.Generator):
    """Deal the genes of cells into those perceived and those to generate.

    Parameters
    ----------
    genes, real
        Token ids, ``<cls>`` first, and True where they are no padding, shape (B, L) each.
    ratio
        Share of a cell's genes to generate; at least one is.
    max_len
        Most tokens of a cell; of a larger one, genes are left out at random.

    Returns
    -------
    Columns to perceive, 0 (``<cls>``) first, shape (B, P), and to generate, shape (B, G); −1 at padding.
    """
    B, L = genes.shape
    key = rng.random((B, L))
    key[:, 0] = 2  # never dealt
    key[~real] = 3
    order = np.argsort(key, axis=1)
    n = np.minimum(real.sum(axis=1) - 1, max_len - 1)[:, None]  # genes of each cell
    g = np.minimum(np.maximum(np.rint(n * ratio), 1), n).astype(np.int64)
    place = np.arange(L)
    generated = np.where(place < g, order, -1)[:, : g.max(initial=0)]
    perceived = np.where(place < n - g, np.take_along_axis(order, np.minimum(place + g, L - 1), axis=1), -1)
    perceived = perceived[:, : (n - g).max(initial=0)]
    return np.concatenate([np.zeros((B, 1), np.int64), perceived], axis=1), generated


class Generation:
    """The objective over one corpus, of which it reads so many tokens of a cell at most, ``<cls>`` included."""

    def __init__(self, corpus: Corpus, max_length: int):
        self.corpus, self.max_length = corpus, max_length
        self.vocab = {gene: i for i, gene in enumerate((*corpus.genes, *SPECIAL))}
        whole = corpus.counts.shape[1] + 1  # which genes a cell loses is dealt anew at every step
        self.cells = authors(corpus.genes, self.vocab, max_len=whole)(corpus.counts)

    def batch(self, rows: np.ndarray, rng: np.random.Generator) -> tuple[Tensor, ...]:
        """Some cells dealt out: genes, values and mask of what is perceived; of what is generated likewise."""
        genes, values, real = self.cells.padded(rows)
        seen, wanted = split(genes, real, rng.choice(RATIOS), self.max_length, rng)
        arrays = []
        for columns in (seen, wanted):
            at = np.maximum(columns, 0)
            arrays += [
                np.where(columns >= 0, np.take_along_axis(genes, at, axis=1), self.cells.pad_id),
                np.where(columns >= 0, np.take_along_axis(values, at, axis=1), self.cells.pad_value),
                columns >= 0,
            ]
        kinds = (np.int64, np.float32, bool) * 2
        return tuple(torch.from_numpy(a.astype(k)) for a, k in zip(arrays, kinds, strict=True))

    def loss(self, model: ScGPT, batch: tuple[Tensor, ...], step: int) -> Tensor:
        """Mean squared error of the bins generated, GEP plus GEPC, and GEP of the second pass."""
        targets, asked = batch[3], batch[5]
        (gep, gepc), cell = self._squares(model, batch)
        loss = gep.mean() + gepc.mean()
        if step >= SECOND_PASS_FROM:
            _, y = model.generate(batch[0], batch[1], targets, batch[2], cell=cell.detach())
            loss = loss + ((model.decode(y)[asked].float() - batch[4][asked]) ** 2).mean()
        return loss

    def measure(self, model: ScGPT, batch: tuple[Tensor, ...]) -> dict[str, np.ndarray]:
        """Squared errors of the bins generated, from the token (``gep``), the cell (``gepc``), and both (``loss``)."""
        (gep, gepc), _ = self._squares(model, batch)
        found = {"loss": gep + gepc, "gep": gep, "gepc": gepc}
        return {name: error.cpu().numpy() for name, error in found.items()}

    def cell_of(self, batch: tuple[Tensor, ...]) -> np.ndarray:
        """The cell of each number that :meth:`measure` gives."""
        return np.nonzero(batch[5].numpy())[0]

    def baselines(self) -> dict[str, Callable]:
        """What knows no context: the mean bin of all genes, and of each gene."""
        some = self.corpus.counts.shape[1]
        genes, values, real = self.cells.padded(self.corpus.train)
        real[:, 0] = False
        genes, values = genes[real], values[real]
        mean = values.mean(dtype=np.float64)
        total, n = np.bincount(genes, weights=values, minlength=some), np.bincount(genes, minlength=some)
        return {
            "mean bin": partial(_by_bin, bins=np.full(some, mean)),
            "gene mean": partial(_by_bin, bins=(total + mean) / (n + 1)),
        }

    @staticmethod
    def _squares(model: ScGPT, batch: tuple[Tensor, ...]) -> tuple[tuple[Tensor, Tensor], Tensor]:
        """Squared errors from the token and from the cell, one a gene that is asked; and the cell's features."""
        genes, values, mask, targets, truth, asked = batch
        x, y = model.generate(genes, values, targets, mask)
        said = model.decode(y), model.decode_cell(x[:, 0], targets)
        gep, gepc = ((each[asked].float() - truth[asked]) ** 2 for each in said)
        return (gep, gepc), x[:, 0]


def _by_bin(batch: tuple[Tensor, ...], bins: np.ndarray) -> dict[str, np.ndarray]:
    """As :meth:`Generation.measure`, of one bin for each gene, whatever the cell."""
    targets, truth, asked = (part.cpu().numpy() for part in batch[3:])
    error = (bins[targets[asked]] - truth[asked]) ** 2
    return {"loss": 2 * error, "gep": error, "gepc": error}
