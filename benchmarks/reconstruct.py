"""Ask full-size networks with untrained weights for hidden genes, and check a part of it by plain loops.

    python benchmarks/reconstruct.py            # kang, a few minutes on two cores

Twenty cells, a quarter of the genes hidden. R² of scGPT's generation path, and top-1 accuracy of Geneformer, are
computed a second time cell by cell, without batches or padding, and must agree. Exits with 1 if they do not.
"""

import sys
import time

import numpy as np
import torch

from zslib import datasets
from zslib.datasets import prepare
from zslib.studies.expression import networks, protocol, scales
from zslib.studies.expression.baselines import predict
from zslib.studies.expression.cards import Settings
from zslib.studies.expression.masking import mask, split
from zslib.studies.expression.predict_geneformer import ranked

SETTINGS = Settings(n_train=400, n_cells=20, n_large=20, fractions=(0.25,), draws=1, n_boot=20, epochs=0)


def plain_r2(network, ids, masked) -> float:
    """R² against the per-gene mean, a cell at a time."""
    usual = predict("gene mean", masked).given
    error = reference = 0.0
    for row, cell in enumerate(masked.truth):
        shown = np.flatnonzero(~masked.hidden & (cell > 0))
        asked = np.flatnonzero(masked.hidden & (cell > 0))
        genes = torch.tensor([[network.vocab["<cls>"], *ids[shown]]])
        values = torch.tensor([[float(network.model.config.pad_value), *cell[shown]]])
        _, y = network.model.generate(genes, values, torch.from_numpy(ids[asked].astype(np.int64))[None])
        said = network.model.decode(y)[0].numpy()
        error += float(((said - cell[asked]) ** 2).sum())
        means = usual[row, np.searchsorted(np.flatnonzero(masked.hidden), asked)]
        reference += float(((means - cell[asked]) ** 2).sum())
    return 1 - error / reference


def plain_top1(network, ids, masked) -> float:
    """Share of hidden genes named right at their position, a cell at a time."""
    hit = n = 0
    for cell in masked.truth:
        order = ranked(cell)
        tokens = torch.tensor([[1 if masked.hidden[g] else int(ids[g]) for g in order]])
        logits = network.model.logits(tokens)[0][:, ids[masked.hidden]].numpy()
        for p in np.flatnonzero(masked.hidden[order]):
            hit += int(ids[masked.hidden][logits[p].argmax()] == ids[order[p]])
            n += 1
    return hit / n


@torch.inference_mode()
def main() -> int:
    """Run and compare."""
    adata = prepare.prepare(datasets.load("kang"), n_cells=1000)
    loaded, _ = networks.load(["scgpt-random", "geneformer-random"], adata)
    counts, batch = adata.layers["counts"], adata.obs["batch"]
    start = time.perf_counter()
    scored = protocol.evaluate(counts, batch, loaded, SETTINGS).scores
    print(f"both networks, 20 cells: {time.perf_counter() - start:.0f} s")
    train, test = (counts[rows] for rows in split(batch, 400, 20, 0))
    binned, ranking = loaded
    bins = scales.bins(train, test, [binned], n_genes=SETTINGS.n_genes, seed=0)
    (ranks,) = scales.ranks(train, test, [ranking], window=SETTINGS.window)
    good = True
    for scale, network, score, plain in (
        (bins, binned, "r2", plain_r2),
        (ranks, ranking, "top1", plain_top1),
    ):
        want = plain(network, scale.ids[network.name], mask(scale.train, scale.truth, 0.25, 0))
        row = scored[(scored["predictor"] == network.name) & (scored["score"] == score)]
        found = float(row["value"].iloc[0])
        good &= bool(np.isclose(found, want, atol=1e-4))
        print(f"{network.name}, {score}: {found:.5f}, in plain loops {want:.5f}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
