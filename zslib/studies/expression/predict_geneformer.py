"""Ask a Geneformer: for the genes it was shown, and for those behind ``<mask>``.

It says of each position how likely each gene is there. Where it is asked for a gene instead, this is read
the other way round: the position of a gene is the mean over the masked positions, weighted by how likely the
gene is at each.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import torch

from zslib.frozen.geneformer.network import Geneformer
from zslib.frozen.tokens import Tokens
from zslib.studies.expression.baselines import Prediction, residuals
from zslib.studies.expression.masking import MaskedGenes
from zslib.studies.expression.networks import alike, entries
from zslib.studies.expression.scores import Parts, hits

MASK = 1
"""Id of ``<mask>``, in every version."""
KS = (1, 10)
FEWEST = 1e-200
"""Expected positions of a gene below which its likely position is found from logarithms."""


@torch.inference_mode()
def published(model: Geneformer, tokens: Tokens, *, device="cpu", batch_size: int = 4) -> np.ndarray:
    """Name the likeliest gene at every position of cells that are shown whole: ids, one for each of ``tokens.flat``."""
    model = model.to(device).eval()
    found = np.empty(len(tokens.flat), dtype=np.int64)
    for rows in alike(tokens.lengths, batch_size):
        table, mask = (torch.from_numpy(a).to(device) for a in tokens.padded(rows))
        likeliest = model.logits(table.long(), mask, at=mask).argmax(dim=1)
        found[entries(tokens, rows)] = likeliest.cpu().numpy()
    return found


def without_special(tokens: Tokens, predicted, special) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tokens, offsets and predictions of the genes alone, without ``<cls>`` and ``<eos>``."""
    keep = ~np.isin(tokens.flat, special)
    offsets = np.concatenate([[0], np.cumsum(keep)])[tokens.offsets]
    return tokens.flat[keep], offsets, np.asarray(predicted)[keep]


def ranked(values: np.ndarray) -> np.ndarray:
    """Genes of a cell from the highest value down, shape (n_expressed,)."""
    expressed = np.flatnonzero(values > 0)
    return expressed[np.argsort(-values[expressed], kind="stable")]


def scaled_ranks(tokens, offsets, ids) -> np.ndarray:
    """Values of cells for a :class:`~zslib.studies.expression.masking.MaskedGenes`: 1 for the top gene, 1 / n for the last.

    Parameters
    ----------
    tokens, offsets
        Genes of the cells from the highest rank down.
    ids
        Token of each column, shape (n_genes,); cells are read without the others.

    Returns
    -------
    float32 of shape (n_cells, n_genes), 0 where a gene is not in the cell.
    """
    keep = np.isin(tokens, ids)
    tokens, offsets = tokens[keep], np.concatenate([[0], np.cumsum(keep)])[offsets]
    lengths = np.diff(offsets)
    cell = np.repeat(np.arange(len(lengths)), lengths)
    order = np.argsort(ids)
    column = order[np.searchsorted(ids, tokens, sorter=order)]
    out = np.zeros((len(lengths), len(ids)), dtype=np.float32)
    out[cell, column] = 1 - (np.arange(len(tokens)) - offsets[:-1][cell]) / lengths[cell]
    return out


def hidden(
    model: Geneformer, ids, masked: MaskedGenes, *, special=(), device="cpu", batch_size: int = 8
) -> tuple[Prediction, Parts]:
    """Predict hidden genes through ``<mask>``.

    Parameters
    ----------
    model
        The network.
    ids
        Token of each gene, shape (n_genes,).
    masked
        What is hidden, in scaled ranks.
    special
        Ids of ``<cls>`` and ``<eos>``, where the network has them around a cell.

    Returns
    -------
    The answer, NaN where nothing was asked, and the parts of top-1 and top-10 accuracy. A gene's expected
    value is its likely position times the number of positions at which the gene is expected, at most 1.
    """
    return _read(
        masked, _logits(model.to(device).eval(), np.asarray(ids), masked, special, device, batch_size)
    )


@torch.inference_mode()
def _logits(model, ids, masked, special, device, batch_size) -> Iterator[tuple[int, torch.Tensor]]:
    """Of each cell with hidden genes its row, and scores of all hidden genes at each of their positions."""
    candidates = torch.from_numpy(ids[masked.hidden].astype(np.int64)).to(device)
    cells = [np.where(masked.hidden[c], MASK, ids[c]) for c in map(ranked, masked.truth)]
    cells = [[*special[:1], *cell, *special[1:]] for cell in cells]
    flat = np.concatenate(cells).astype(np.int64)  # cells without genes have no numbers
    tokens = Tokens(flat, np.cumsum([0, *map(len, cells)]))
    for rows in alike(tokens.lengths, batch_size):
        table, mask = tokens.padded(rows)
        at = table == MASK
        if not at.any():
            continue
        arrays = (torch.from_numpy(a).to(device) for a in (table, mask, at))
        logits = model.logits(*arrays, among=candidates).double().cpu()  # (n_masked, n_hidden)
        yield from zip(rows, logits.split(at.sum(axis=1).tolist()), strict=True)


def baseline(
    masked: MaskedGenes, prediction: Prediction, *, by_gene: bool = True
) -> tuple[Prediction, Parts]:
    """Let a baseline answer as a Geneformer does, told at which ranks the hidden genes stand.

    Where the masks are says much: of a cell with one hidden gene it says all. The likelihood of a gene at a rank
    is how often it is expressed, by the baseline, times a normal density around where the baseline puts it.

    Parameters
    ----------
    masked, prediction
        What was asked, and what the baseline says without knowing where the masks are.
    by_gene
        Whether the width of the density is that of the gene's own ranks in training cells, or that of all.

    Returns
    -------
    As :func:`hidden`.
    """
    spread = _spread(masked.train, by_gene)[masked.hidden]  # (n_hidden,)
    often = np.log(np.clip(prediction.level / np.maximum(prediction.given, 1e-9), 1e-4, 1))
    # Of a rank v the likelihood is a + b v + c v², gene by gene: a product of two small matrices.
    a = often - np.log(spread) - prediction.given**2 / (2 * spread**2)  # (n_test, n_hidden)
    b, c = prediction.given / spread**2, -1 / (2 * spread**2)

    def scored() -> Iterator[tuple[int, torch.Tensor]]:
        for row, values in enumerate(masked.target):
            v = values[ranked(values)].astype(np.float64)
            powers = np.stack([np.ones(len(v)), v, v**2], axis=1)
            yield row, torch.from_numpy(powers @ np.stack([a[row], b[row], c]))

    return _read(masked, scored())


def _read(masked: MaskedGenes, scored: Iterable[tuple[int, torch.Tensor]]) -> tuple[Prediction, Parts]:
    """Expected ranks and hits, from scores of shape (n_masked, n_hidden) of each cell, highest position first."""
    level, given = (np.full(masked.scored.shape, np.nan) for _ in range(2))
    found, times = {k: np.zeros(len(level)) for k in KS}, np.zeros(len(level))
    for row, scores in scored:
        genes = ranked(masked.target[row])
        if len(genes):
            times[row] = len(genes)
            for k, n_found in hits(scores.numpy(), genes, KS).items():
                found[k][row] = n_found
            given[row], level[row] = _placed(scores, masked.target[row, genes])
    level[~masked.scored], given[~masked.scored] = np.nan, np.nan
    return Prediction(level, given), {f"top{k}": (found[k], times) for k in KS}


def _placed(scores: torch.Tensor, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Expected scaled rank of each gene if it is there, and at all, from scores (n_masked, n_hidden).

    The softmax over the genes gives how likely each is at a position.
    """
    place = torch.from_numpy(np.asarray(place, np.float64))
    chance = scores.softmax(dim=1)
    times = chance.sum(dim=0)
    given = place @ chance / times
    rare = (times < FEWEST).nonzero().squeeze(1)  # so unlikely everywhere that little or nothing is left
    given[rare] = place @ scores.log_softmax(dim=1)[:, rare].softmax(dim=0)
    return given.numpy(), (given * times.clamp(max=1)).numpy()


def _spread(train: np.ndarray, by_gene: bool) -> np.ndarray:
    """Standard deviation of each gene's ranks where it is expressed, drawn towards that of all genes."""
    off = residuals(train)
    times = (train > 0).sum(axis=0)
    pooled = (off**2).sum() / max(times.sum(), 1)
    variance = ((off**2).sum(axis=0) + pooled) / (times + 1) if by_gene else np.full(len(times), pooled)
    return np.sqrt(np.maximum(variance, 1e-6))
