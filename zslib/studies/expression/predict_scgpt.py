"""Ask a scGPT: for the bins it was shown, and for genes that it was not.

Hidden genes are asked on the path that the network learned, where a gene to predict carries a flag and no
value. Two other ways are there to compare: from the cell alone, and with the value −1 in place of the
hidden one, which is done in places although the released checkpoints were never trained with it.
"""

import numpy as np
import torch

from zslib.frozen.scgpt.network import ScGPT
from zslib.frozen.tokens import Tokens
from zslib.studies.expression.baselines import Prediction
from zslib.studies.expression.masking import MaskedGenes
from zslib.studies.expression.networks import alike, entries

WAYS = ("", "from the cell", "value −1")
"""What is put after the name of a network: generation path; GEPC, from <cls> alone; off distribution."""


@torch.inference_mode()
def published(model: ScGPT, tokens: Tokens, *, device="cpu", batch_size: int = 16) -> dict[str, np.ndarray]:
    """Predict the bins of cells from these very bins, nothing hidden.

    Returns
    -------
    ``GEP``, from each token, and ``GEPC``, from the cell: float64 of shape (n_tokens,), one number for each
    of ``tokens.values``, of which that at ``<cls>`` has no meaning.
    """
    model = model.to(device).eval()
    found = {name: np.empty(len(tokens.flat)) for name in ("GEP", "GEPC")}
    for rows in alike(tokens.lengths, batch_size):
        genes, values, mask = (torch.from_numpy(a).to(device) for a in tokens.padded(rows))
        x = model.hidden(genes.long(), values, mask)  # (B, L, D)
        said = {"GEP": model.decode(x), "GEPC": model.decode_cell(x[:, 0], genes.long())}
        for name, table in said.items():
            found[name][entries(tokens, rows)] = table[mask].double().cpu().numpy()
    return found


@torch.inference_mode()
def hidden(
    model: ScGPT, ids, masked: MaskedGenes, *, cls_id: int, pad_id: int, device="cpu", batch_size: int = 16
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
    cls_id, pad_id
        Its tokens that are no genes, whose value is that of padding, as in pre-training.

    Returns
    -------
    An answer for each way, NaN where nothing was asked. The network has but one number for a gene, so that
    its expectation at all and its expectation if expressed are the same.
    """
    model, ids, visible = model.to(device).eval(), np.asarray(ids), masked.visible
    pad_value, mask_value = float(model.config.pad_value), float(model.config.mask_value)
    said = {way: np.full(masked.scored.shape, np.nan) for way in WAYS}
    for rows in alike((visible > 0).sum(axis=1), batch_size):
        rows = np.sort(rows)
        shown, asked = visible[rows] > 0, masked.scored[rows]
        seen = np.insert(_left(ids[~masked.hidden], shown, pad_id), 0, cls_id, axis=1)
        bins = np.insert(_left(visible[rows], shown, pad_value), 0, pad_value, axis=1)
        wanted = _left(ids[masked.hidden], asked, pad_id)
        genes, values, targets = (torch.from_numpy(a).to(device) for a in (seen, bins, wanted))
        mask = genes != pad_id
        x, y = model.generate(genes, values, targets, mask)
        marks = torch.full(targets.shape, mask_value, device=device)
        both = torch.cat([genes, targets], dim=1), torch.cat([values, marks], dim=1)
        off = model.hidden(*both, torch.cat([mask, targets != pad_id], dim=1))[:, genes.shape[1] :]
        answers = model.decode(y), model.decode_cell(x[:, 0], targets), model.decode(off)
        at = _first(asked.sum(axis=1))
        for way, answer in zip(WAYS, answers, strict=True):
            part = np.full(asked.shape, np.nan)
            part[asked] = answer.double().cpu().numpy()[at]
            said[way][rows] = part
    return {way: Prediction(table, table) for way, table in said.items()}


def _first(lengths: np.ndarray) -> np.ndarray:
    """Mark the first entries of each row, as many as its length."""
    return np.arange(lengths.max(initial=0)) < lengths[:, None]


def _left(values: np.ndarray, where: np.ndarray, fill) -> np.ndarray:
    """Push the marked entries of each row to the left, and fill up: (n_rows, most in a row)."""
    left = _first(where.sum(axis=1))
    out = np.full(left.shape, fill, dtype=np.int64 if isinstance(fill, int) else np.float32)
    out[left] = np.broadcast_to(values, where.shape)[where]
    return out
