"""Ask a Geneformer: for the genes it was shown, and for those behind ``<mask>``.

It says of each position how likely each gene is there. Where it is asked for a gene instead, this is read
the other way round: the position of a gene is the mean over the masked positions, weighted by how likely the
gene is at each.
"""

import numpy as np
import torch

from zslib.frozen.geneformer.network import Geneformer
from zslib.frozen.tokens import Tokens
from zslib.studies.expression.baselines import Prediction, given_means
from zslib.studies.expression.masking import MaskedGenes
from zslib.studies.expression.scores import Parts, hits

MASK = 1
"""Id of ``<mask>``, in every version."""
KS = (1, 10)
FEWEST = 1e-200
"""Expected positions of a gene below which its likely position is found from logarithms."""


@torch.inference_mode()
def published(model: Geneformer, tokens: Tokens, *, device="cpu", batch_size: int = 4) -> np.ndarray:
    """Name the likeliest gene at every position of cells that are shown whole.

    Returns
    -------
    Token ids of shape (n_tokens,), one for each of ``tokens.flat``.
    """
    model = model.to(device).eval()
    found = np.empty(len(tokens.flat), dtype=np.int64)
    order = np.argsort(tokens.lengths, kind="stable")
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        table, mask = (torch.from_numpy(a).to(device) for a in tokens.padded(rows))
        likeliest = model.logits(table.long(), mask, at=mask).argmax(dim=1).cpu().numpy()
        at = np.concatenate([np.arange(tokens.offsets[r], tokens.offsets[r + 1]) for r in rows])
        found[at] = likeliest
    return found


def without_special(tokens: Tokens, predicted, special) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Leave ``<cls>`` and ``<eos>`` out of cells and of what was predicted for them.

    Returns
    -------
    Tokens, offsets and predictions of the genes alone.
    """
    keep = ~np.isin(tokens.flat, special)
    cell = np.repeat(np.arange(len(tokens)), tokens.lengths)[keep]
    offsets = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=len(tokens)))])
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
        Genes of the cells from the highest rank down, without special tokens.
    ids
        Token of each column, shape (n_genes,); tokens that are not among them are an error of the caller.

    Returns
    -------
    float32 of shape (n_cells, n_genes), 0 where a gene is not in the cell.
    """
    lengths = np.diff(offsets)
    cell = np.repeat(np.arange(len(lengths)), lengths)
    order = np.argsort(ids)
    column = order[np.searchsorted(ids, tokens, sorter=order)]
    out = np.zeros((len(lengths), len(ids)), dtype=np.float32)
    out[cell, column] = 1 - (np.arange(len(tokens)) - offsets[:-1][cell]) / lengths[cell]
    return out


@torch.inference_mode()
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
    model, ids = model.to(device).eval(), np.asarray(ids)
    n, n_hidden = masked.asked.shape
    level, given = (np.full((n, n_hidden), np.nan) for _ in range(2))
    found = {k: np.zeros(n) for k in KS}
    times = np.zeros(n)
    number = np.cumsum(masked.hidden) - 1  # of each hidden gene among them
    candidates = torch.from_numpy(ids[masked.hidden].astype(np.int64)).to(device)
    before = 1 if len(special) else 0
    cells = [ranked(row) for row in masked.truth]
    order = np.argsort([len(c) for c in cells], kind="stable")
    for start in range(0, n, batch_size):
        rows = order[start : start + batch_size]
        table, mask, at = _masked([cells[r] for r in rows], ids, masked.hidden, special)
        if not at.any():
            continue
        arrays = (torch.from_numpy(a).to(device) for a in (table, mask, at))
        logits = model.logits(*arrays, among=candidates).double().cpu()  # (n_masked, n_hidden)
        ends = np.cumsum(at.sum(axis=1))
        for row, line, stop in zip(rows, at, ends, strict=True):
            cell, here = cells[row], logits[stop - line.sum() : stop]
            where = np.flatnonzero(line) - before
            if len(where):
                place = masked.truth[row, cell[where]]  # scaled rank of each masked position
                given[row], level[row] = _placed(here, place)
                times[row] = len(where)
                for k, n_found in hits(here.numpy(), number[cell[where]], KS).items():
                    found[k][row] = n_found
    blank = ~masked.asked
    level[blank], given[blank] = np.nan, np.nan
    return Prediction(level, given), {f"top{k}": (found[k], times) for k in KS}


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
    number = np.cumsum(masked.hidden) - 1
    found, times = {k: np.zeros(len(masked.truth)) for k in KS}, np.zeros(len(masked.truth))
    level, given = (np.full(masked.asked.shape, np.nan) for _ in range(2))
    often = np.log(np.clip(prediction.level / np.maximum(prediction.given, 1e-9), 1e-4, 1))
    # Of a rank v the likelihood is a + b v + c v², gene by gene: a product of two small matrices.
    a = often - np.log(spread) - prediction.given**2 / (2 * spread**2)  # (n_test, n_hidden)
    b, c = prediction.given / spread**2, -1 / (2 * spread**2)
    for row, values in enumerate(masked.truth):
        cell = ranked(values)
        cell = cell[masked.hidden[cell]]
        if len(cell):
            v = values[cell].astype(np.float64)
            scores = np.stack([np.ones(len(v)), v, v**2], axis=1) @ np.stack([a[row], b[row], c])
            times[row] = len(cell)
            for k, n_found in hits(scores, number[cell], KS).items():
                found[k][row] = n_found
            given[row], level[row] = _placed(torch.from_numpy(scores), v)
    blank = ~masked.asked
    level[blank], given[blank] = np.nan, np.nan
    return Prediction(level, given), {f"top{k}": (found[k], times) for k in KS}


def _masked(cells, ids, hidden, special) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tokens, real ones, and masked ones: (B, L) each."""
    first, last = (list(special[:1]), list(special[1:])) if len(special) else ([], [])
    rows = [[*first, *np.where(hidden[c], MASK, ids[c]), *last] for c in cells]
    lengths = np.array([len(row) for row in rows])
    mask = np.arange(lengths.max()) < lengths[:, None]
    table = np.zeros(mask.shape, dtype=np.int64)
    table[mask] = np.concatenate(rows)
    return table, mask, table == MASK


def _placed(scores: torch.Tensor, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Expected scaled rank of each gene if it is there, and at all, from scores (n_masked, n_hidden).

    The softmax over the genes gives how likely each is at a position.
    """
    place = torch.from_numpy(np.asarray(place, np.float64))
    chance = scores.softmax(dim=1)
    times = chance.sum(dim=0)
    given = place @ chance / times
    rare = (times < FEWEST).nonzero().squeeze(1)  # so unlikely everywhere that little or nothing is left
    weight = scores.log_softmax(dim=1)[:, rare].softmax(dim=0) if len(rare) else chance[:, rare]
    given[rare] = place @ weight
    return given.numpy(), (given * times.clamp(max=1)).numpy()


def _spread(train: np.ndarray, by_gene: bool) -> np.ndarray:
    """Standard deviation of each gene's ranks where it is expressed, drawn towards that of all genes."""
    off = np.where(train > 0, train - given_means(train), 0.0)
    times = (train > 0).sum(axis=0)
    pooled = (off**2).sum() / max(times.sum(), 1)
    variance = ((off**2).sum(axis=0) + pooled) / (times + 1) if by_gene else np.full(len(times), pooled)
    return np.sqrt(np.maximum(variance, 1e-6))
