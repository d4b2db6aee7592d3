"""Ask a scGPT: for the bins it was shown, and for genes that it was not.

Hidden genes are asked on the path that the network learned, where a gene to predict carries a flag and no
value. Two other ways are there to compare: from the cell alone, and with the value −1 in place of the
hidden one, which is done in places although the released checkpoints were never trained with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from zslib.frozen.scgpt.network import ScGPT
from zslib.frozen.tokens import ValueTokens
from zslib.studies.expression.baselines import Prediction
from zslib.studies.expression.masking import MaskedGenes

WAYS = {"": "generation path", "from the cell": "GEPC, from <cls> alone", "value −1": "off distribution"}
"""What is put after the name of a network, and what it means."""


@dataclass(frozen=True, kw_only=True)
class Specials:
    """Ids and values of the tokens that are no genes, as in pre-training."""

    cls_id: int
    pad_id: int
    cls_value: float = -2
    pad_value: float = -2


@torch.inference_mode()
def published(
    model: ScGPT, tokens: ValueTokens, *, device="cpu", batch_size: int = 16
) -> dict[str, np.ndarray]:
    """Predict the bins of cells from these very bins, nothing hidden.

    Returns
    -------
    ``GEP``, from each token, and ``GEPC``, from the cell: float64 of shape (n_tokens,), one number for each
    of ``tokens.values``, of which that at ``<cls>`` has no meaning.
    """
    model = model.to(device).eval()
    found = {name: np.empty(len(tokens.genes)) for name in ("GEP", "GEPC")}
    order = np.argsort(tokens.lengths, kind="stable")  # cells of like length go together
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        genes, values, mask = (torch.from_numpy(a).to(device) for a in tokens.padded(rows))
        x = model.hidden(genes.long(), values, mask)  # (B, L, D)
        said = {"GEP": model.decode(x), "GEPC": model.decode_cell(x[:, 0], genes.long())}
        for name, table in said.items():
            for row, line in zip(rows, table.double().cpu().numpy(), strict=True):
                at = slice(tokens.offsets[row], tokens.offsets[row + 1])
                found[name][at] = line[: tokens.lengths[row]]
    return found


@torch.inference_mode()
def hidden(
    model: ScGPT, ids, masked: MaskedGenes, special: Specials, *, device="cpu", batch_size: int = 16
) -> dict[str, Prediction]:
    """Predict hidden genes in each of the :data:`WAYS`.

    Parameters
    ----------
    model
        The network.
    ids
        Token of each gene, shape (n_genes,).
    masked
        What is hidden and asked, in bins.
    special
        The other tokens of the network.

    Returns
    -------
    An answer for each way, NaN where nothing was asked. The network has but one number for a gene, so that
    its expectation at all and its expectation if expressed are the same.
    """
    model, ids = model.to(device).eval(), np.asarray(ids)
    said = {way: np.full(masked.asked.shape, np.nan) for way in WAYS}
    for rows, seen, bins, targets, asked in _batches(ids, masked, special, batch_size):
        genes, values, targets = (torch.from_numpy(a).to(device) for a in (seen, bins, targets))
        mask = genes != special.pad_id
        x, y = model.generate(genes, values, targets, mask)
        mask_values = torch.full(targets.shape, float(model.config.mask_value), device=device)
        both = torch.cat([genes, targets], dim=1), torch.cat([values, mask_values], dim=1)
        off = model.hidden(*both, torch.cat([mask, targets != special.pad_id], dim=1))[:, genes.shape[1] :]
        answers = model.decode(y), model.decode_cell(x[:, 0], targets), model.decode(off)
        for way, answer in zip(WAYS, answers, strict=True):
            part = np.full(asked.shape, np.nan)
            part[asked] = answer.double().cpu().numpy()[_left(asked.sum(axis=1))]
            said[way][rows] = part
    return {way: Prediction(level=table, given=table) for way, table in said.items()}


def _batches(ids, masked: MaskedGenes, special: Specials, batch_size: int) -> Iterator[tuple]:
    """Rows; perceived ids and bins, ``<cls>`` first; targets; what was asked of these rows."""
    visible = masked.visible
    order = np.argsort((visible > 0).sum(axis=1), kind="stable")
    for start in range(0, len(order), batch_size):
        rows = np.sort(order[start : start + batch_size])
        shown, asked = visible[rows] > 0, masked.asked[rows]
        names, targets = ids[~masked.hidden], ids[masked.hidden]
        seen = _table(np.broadcast_to(names, shown.shape), shown, special.pad_id, np.int64)
        bins = _table(visible[rows], shown, special.pad_value, np.float32)
        seen = np.insert(seen, 0, special.cls_id, axis=1)
        bins = np.insert(bins, 0, special.cls_value, axis=1)
        wanted = _table(np.broadcast_to(targets, asked.shape), asked, special.pad_id, np.int64)
        yield rows, seen, bins, wanted, asked


def _left(lengths: np.ndarray) -> np.ndarray:
    """Mark the first entries of each row, as many as its length."""
    return np.arange(lengths.max(initial=0)) < lengths[:, None]


def _table(values: np.ndarray, where: np.ndarray, fill, dtype) -> np.ndarray:
    """Push the marked entries of each row to the left, and fill up: (n_rows, most in a row)."""
    left = _left(where.sum(axis=1))
    out = np.full(left.shape, fill, dtype=dtype)
    out[left] = values[where]
    return out
