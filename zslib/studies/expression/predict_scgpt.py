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
    model, ids = model.to(device).eval(), np.asarray(ids, np.int64)
    pad_value, mask_value = float(model.config.pad_value), float(model.config.mask_value)
    bins = np.insert(masked.visible, 0, pad_value, axis=1)
    shown = np.insert(masked.visible > 0, 0, True, axis=1)
    flat, offsets = _marked(np.insert(ids[~masked.hidden], 0, cls_id), shown)
    seen = Tokens(flat, offsets, bins[shown], pad_id, pad_value)
    wanted = Tokens(*_marked(ids[masked.hidden], masked.scored), pad_id=pad_id)
    said = {way: np.empty(len(wanted.flat)) for way in WAYS}
    for rows in alike(seen.lengths, batch_size):
        rows = np.sort(rows)
        arrays = *seen.padded(rows), *wanted.padded(rows)
        genes, values, mask, targets, asked = (torch.from_numpy(a).to(device) for a in arrays)
        x, y = model.generate(genes, values, targets, mask)
        marks = torch.full(targets.shape, mask_value, device=device)
        both = torch.cat([genes, targets], dim=1), torch.cat([values, marks], dim=1)
        off = model.hidden(*both, torch.cat([mask, asked], dim=1))[:, genes.shape[1] :]
        answers = model.decode(y), model.decode_cell(x[:, 0], targets), model.decode(off)
        for way, answer in zip(WAYS, answers, strict=True):
            said[way][entries(wanted, rows)] = answer[asked].double().cpu().numpy()
    found = {}
    for way, answer in said.items():
        table = np.full(masked.scored.shape, np.nan)
        table[masked.scored] = answer
        found[way] = Prediction(table, table)
    return found


def _marked(ids: np.ndarray, where: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ids of the marked genes, one cell after another, and where each cell starts."""
    return np.broadcast_to(ids, where.shape)[where], np.cumsum([0, *where.sum(axis=1)])
