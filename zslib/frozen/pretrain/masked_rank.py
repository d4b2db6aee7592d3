"""Geneformer's objective: hide genes of a ranked cell and have them named.

Theodoris et al., Nature 618:616 (2023), doi:10.1038/s41586-023-06139-9: 15 % of the tokens are chosen;
of these 80 % become ``<mask>``, 10 % another gene, and 10 % stay as they are.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own habit
from torch import Tensor

from zslib.frozen.geneformer.encoder import RankValueEncoder
from zslib.frozen.geneformer.genes import medians
from zslib.frozen.geneformer.network import Geneformer
from zslib.frozen.pretrain.corpus import Corpus

PAD, MASK, FIRST_GENE = 0, 1, 2
SHARE, HIDDEN, SWAPPED = 0.15, 0.8, 0.1


def hide(tokens: np.ndarray, real: np.ndarray, n_tokens: int, rng: np.random.Generator):
    """Choose the tokens to predict, and what stands in their place.

    Parameters
    ----------
    tokens, real
        Token ids, and True where they are no padding, shape (B, L) each.
    n_tokens
        Tokens of the vocabulary, special ones included.

    Returns
    -------
    What the network reads, and True where the token is to be predicted, at least once; shape (B, L) each.
    """
    chosen = (rng.random(tokens.shape) < SHARE) & real
    if not chosen.any():
        chosen.flat[rng.choice(np.flatnonzero(real))] = True
    fate = rng.random(tokens.shape)
    other = rng.integers(FIRST_GENE, n_tokens, tokens.shape)
    shown = np.where(chosen & (fate < HIDDEN), MASK, tokens)
    shown = np.where(chosen & (fate >= HIDDEN) & (fate < HIDDEN + SWAPPED), other, shown)
    return shown, chosen


class MaskedRank:
    """The objective over one corpus, of which it reads so many tokens of a cell at most."""

    def __init__(self, corpus: Corpus, max_length: int):
        self.corpus, self.max_length = corpus, max_length
        self.tokens = {"<pad>": PAD, "<mask>": MASK}
        self.tokens |= {gene: FIRST_GENE + i for i, gene in enumerate(corpus.genes)}
        train = corpus.train
        found = medians(corpus.counts[train], corpus.totals[train])
        self.medians = dict(zip(corpus.genes, found.tolist(), strict=True))
        encoder = RankValueEncoder(self.tokens, self.medians, max_length=max_length, special=False)
        self.cells = encoder.encode(corpus.counts, corpus.genes, corpus.totals)

    def batch(self, rows: np.ndarray, rng: np.random.Generator) -> tuple[Tensor, ...]:
        """Some cells with genes hidden: what is shown, real tokens, chosen tokens, and the truth at these."""
        tokens, real = self.cells.padded(rows)
        shown, chosen = hide(tokens, real, len(self.tokens), rng)
        arrays = (shown.astype(np.int64), real, chosen, tokens[chosen].astype(np.int64))
        return tuple(map(torch.from_numpy, arrays))

    def loss(self, model: Geneformer, batch: tuple[Tensor, ...], step: int) -> Tensor:
        """Mean cross-entropy of the chosen tokens, in nats."""
        shown, real, chosen, truth = batch
        return F.cross_entropy(model.logits(shown, real, at=chosen).float(), truth)

    def measure(self, model: Geneformer, batch: tuple[Tensor, ...]) -> dict[str, np.ndarray]:
        """Cross-entropy (``loss``) and whether the gene was named (``accuracy``), one number a token."""
        shown, real, chosen, truth = batch
        scores = model.logits(shown, real, at=chosen).float()
        return {
            "loss": F.cross_entropy(scores, truth, reduction="none").cpu().numpy(),
            "accuracy": (scores.argmax(dim=1) == truth).cpu().numpy(),
        }

    def cell_of(self, batch: tuple[Tensor, ...]) -> np.ndarray:
        """The cell of each number that :meth:`measure` gives."""
        return np.nonzero(batch[2].numpy())[0]

    def baselines(self) -> dict[str, Callable]:
        """What knows no context: how often each gene is there at all, and how often at each rank."""
        tokens, real = self.cells.padded(self.corpus.train)
        rank, n = np.nonzero(real)[1], len(self.tokens)
        return {
            "unigram": partial(_by_frequency, share=_shares(tokens[real], np.zeros_like(rank), n, 1)),
            "per-rank": partial(_by_frequency, share=_shares(tokens[real], rank, n, self.max_length)),
        }


def _shares(tokens, rank, n_tokens: int, n_ranks: int) -> np.ndarray:
    """How often each gene stands at each rank, (n_ranks, n_tokens), smoothed so that none is impossible.

    To each rank as many counts again are added, spread over genes as they are anywhere.
    """
    counts = np.zeros((n_ranks, n_tokens))
    np.add.at(counts, (rank, tokens), 1)
    anywhere = counts.sum(axis=0) + 1
    anywhere[:FIRST_GENE] = 0
    anywhere /= anywhere.sum()
    counts += (counts.sum(axis=1, keepdims=True) + 1) * anywhere
    return counts / counts.sum(axis=1, keepdims=True)


def _by_frequency(batch: tuple[Tensor, ...], share: np.ndarray) -> dict[str, np.ndarray]:
    """As :meth:`MaskedRank.measure`."""
    _, _, chosen, truth = (part.cpu().numpy() for part in batch)
    rank = np.minimum(np.nonzero(chosen)[1], len(share) - 1)
    return {"loss": -np.log(share[rank, truth]), "accuracy": share.argmax(axis=1)[rank] == truth}
