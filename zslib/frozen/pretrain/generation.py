"""scGPT's objective: perceive some genes of a cell with their values, generate the values of the others.

Cui et al., Nature Methods 21:1470 (2024), doi:10.1038/s41592-024-02201-0, as their code for pre-training
has it: a quarter, a half or three quarters of a cell's genes are to be generated, from the token (GEP)
and from the cell alone (GEPC). Later in the training a second pass sees, in place of ``<cls>``, what the
first one made of the cell.
"""

from dataclasses import dataclass

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
    genes
        Token ids, ``<cls>`` first, shape (B, L).
    real
        True at tokens, False at padding, same shape.
    ratio
        Share of a cell's genes to generate; at least one is.
    max_len
        Most tokens of a cell; of a larger one, genes are left out at random.
    rng
        Source of chance.

    Returns
    -------
    perceived
        Columns of `genes` to perceive, 0 (``<cls>``) first, shape (B, P), −1 at padding.
    generated
        Columns to generate, shape (B, G), −1 at padding.
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
    """The objective over one corpus.

    Parameters
    ----------
    corpus
        The cells.
    max_length
        Most tokens of a cell, ``<cls>`` included.
    n_bins
        Bins of expression, that of zero included.
    """

    def __init__(self, corpus: Corpus, max_length: int, n_bins: int = 51):
        self.corpus, self.max_length = corpus, max_length
        self.vocab = {gene: i for i, gene in enumerate((*corpus.genes, *SPECIAL))}
        whole = corpus.counts.shape[1] + 1  # which genes a cell loses is dealt anew at every step
        self.cells = authors(corpus.genes, self.vocab, n_bins=n_bins, max_len=whole)(corpus.counts)

    @property
    def dictionary(self) -> dict[str, int]:
        """What a network that is trained on this names genes by."""
        return self.vocab

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
        targets, truth, asked = batch[3:]
        x, y = perceive_and_generate(model, *batch[:4])
        cell, truth = x[:, 0], truth[asked]
        loss = _squares(model.decode(y)[asked], truth) + _squares(
            model.decode_cell(cell, targets)[asked], truth
        )
        if step >= SECOND_PASS_FROM:
            _, y = perceive_and_generate(model, *batch[:4], cell=cell.detach())
            loss = loss + _squares(model.decode(y)[asked], truth)
        return loss

    def measure(self, model: ScGPT, batch: tuple[Tensor, ...]) -> dict[str, np.ndarray]:
        """Squared errors of the bins generated, from the token (``gep``), the cell (``gepc``), and both (``loss``)."""
        targets, truth, asked = batch[3:]
        x, y = perceive_and_generate(model, *batch[:4])
        gep = (model.decode(y)[asked].float() - truth[asked]) ** 2
        gepc = (model.decode_cell(x[:, 0], targets)[asked].float() - truth[asked]) ** 2
        return {
            "loss": (gep + gepc).cpu().numpy(),
            "gep": gep.cpu().numpy(),
            "gepc": gepc.cpu().numpy(),
        }

    def cell_of(self, batch: tuple[Tensor, ...]) -> np.ndarray:
        """The cell of each number that :meth:`measure` gives."""
        return np.nonzero(batch[5].numpy())[0]

    def baselines(self) -> dict[str, "MeanBins"]:
        """What knows no context: the mean bin of all genes, and of each gene."""
        some = self.corpus.counts.shape[1]
        rows = self.corpus.train
        genes, values, real = self.cells.padded(rows)
        real[:, 0] = False
        genes, values = genes[real], values[real]
        mean = values.mean(dtype=np.float64)
        n = np.bincount(genes, minlength=some)
        by_gene = (np.bincount(genes, weights=values, minlength=some) + mean) / (n + 1)
        return {"mean bin": MeanBins(np.full(some, mean)), "gene mean": MeanBins(by_gene)}


@dataclass(frozen=True, eq=False)
class MeanBins:
    """One bin for each gene, whatever the cell."""

    bins: np.ndarray
    """Shape (n_genes,)."""

    def measure(self, batch: tuple[Tensor, ...]) -> dict[str, np.ndarray]:
        """As :meth:`Generation.measure`."""
        targets, truth, asked = (part.cpu().numpy() for part in batch[3:])
        error = (self.bins[targets[asked]] - truth[asked]) ** 2
        return {"loss": 2 * error, "gep": error, "gepc": error}


def perceive_and_generate(model, genes, values, mask, targets, *, cell: Tensor | None = None):
    """As :meth:`ScGPT.generate`, where `cell` (B, D), if given, takes the place of what goes in at ``<cls>``."""
    if cell is None:
        return model.generate(genes, values, targets, mask)
    x = model.encoder(genes) + model.value_encoder(values)  # (B, P, D)
    x = torch.cat([cell[:, None].to(x.dtype), x[:, 1:]], dim=1)
    y = model.encoder(targets) + model.flag_encoder.weight[1]  # (B, G, D)
    for layer in model.layers:
        x, y = layer.generate(x, y, mask[:, None, None, :])
    return x, y


def _squares(predicted: Tensor, truth: Tensor) -> Tensor:
    return ((predicted.float() - truth) ** 2).mean()
