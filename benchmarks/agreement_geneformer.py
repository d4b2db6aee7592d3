"""Geneformer at full size: agreement with transformers, and with the published files; the tokenizer's speed.

    python benchmarks/agreement_geneformer.py            about two minutes and 5 GB of memory on two cores
    python benchmarks/agreement_geneformer.py --speed    kang, from a file to token ids, about a minute

The weights are random, biases and norms included, so that nothing that is mixed up goes unseen. Both
exit with 1 where a bound is missed.
"""

import argparse
import gc
import os
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np
import torch
from scipy import sparse

from zslib import datasets
from zslib.frozen.geneformer import files as geneformer_files
from zslib.frozen.geneformer import network as geneformer
from zslib.frozen.geneformer import read_dictionaries

NETWORKS = {
    # name: sizes, bytes of the published model.safetensors, lengths of the cells compared
    "V1-10M": (geneformer.V1_10M, 41_183_536, (512, 200, 31, 1)),
    "V2-104M": (geneformer.V2_104M, 417_571_156, (256, 90, 1)),
}
TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-10}
DATA = Path(os.environ.get("ZSLIB_TEST_DATA", Path(__file__).parents[1].parent / "shared/data"))


def agreement(name: str) -> bool:
    """Write a checkpoint, read it with both libraries, compare every layer and the logits."""
    import transformers

    config, published, lengths = NETWORKS[name]
    model = geneformer.Geneformer.untrained(config, seed=0)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.02 * torch.randn(weight.shape, generator=generator)
    good = True
    with tempfile.TemporaryDirectory() as folder:
        size = geneformer_files.save(model, folder).stat().st_size
        n = len(geneformer_files.expected_tensors(config))
        good &= size == published
        print(f"{name}: {n} tensors, {size:,} bytes; the published file has {published:,}")
        del model
        ours = geneformer_files.load(folder)
        # Its attention written out, so that the kernel is compared too.
        theirs = transformers.BertForMaskedLM.from_pretrained(folder, attn_implementation="eager").eval()
    mask = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]  # (B, L)
    tokens = torch.randint(4, config.vocab_size, mask.shape, generator=generator) * mask
    for dtype, bound in TOLERANCE.items():
        ours, theirs = ours.to(dtype), theirs.to(dtype)
        with torch.inference_mode():
            expected = theirs(tokens, attention_mask=mask.long(), output_hidden_states=True)
            layers = [
                float((ours.hidden(tokens, mask, i) - hidden)[mask].abs().max())
                for i, hidden in enumerate(expected.hidden_states)
            ]
            logits = float((ours.logits(tokens, mask) - expected.logits)[mask].abs().max())
            hidden = expected.hidden_states[-2]
            mean = torch.stack([h[m].mean(dim=0) for h, m in zip(hidden, mask, strict=True)])
            embedding = float((ours.pooled(tokens, mask) - mean).abs().max())
        good &= max(*layers, logits, embedding) < bound
        print(
            f"  {str(dtype).removeprefix('torch.')}: largest difference of {len(layers)} hidden states "
            f"{max(layers):.1e}, of logits {logits:.1e} (largest logit {expected.logits[mask].abs().max():.1f}), "
            f"of embeddings {embedding:.1e}; bound {bound:.0e}"
        )
        del expected
        gc.collect()
    return good


def read(path: Path) -> sparse.csr_matrix:
    """Counts of an h5ad file."""
    with h5py.File(path) as file:
        group = file["layers/counts"]
        parts = (group["data"][:], group["indices"][:], group["indptr"][:])
        return sparse.csr_matrix(parts, shape=tuple(group.attrs["shape"]))


def row_loop(counts, tokens, medians, room):
    """Chunks of 512 cells normalized at once, then each cell a row of a sparse matrix, as is published."""
    cells, known = [], np.flatnonzero(tokens > 0)
    tokens, medians = tokens[known], medians[known]
    totals = counts.sum(axis=1).A1
    for start in range(0, counts.shape[0], 512):
        stop = min(start + 512, counts.shape[0])
        X = sparse.csr_matrix(counts[start:stop][:, known].multiply(1 / totals[start:stop, None]))
        X = sparse.csr_matrix((X * 10_000).multiply(1 / medians))
        cells += [tokens[X[i].indices][np.argsort(-X[i].data)][:room] for i in range(X.shape[0])]
    return cells


def speed(folder: str, max_length: int, path: Path, var) -> None:
    """Time each way, file to token ids: seconds of one core, the least of five runs taken in turn."""
    dictionaries = read_dictionaries(DATA / folder)
    ids = dictionaries.map(var)
    encoder = dictionaries.encoder(max_length)
    # The published loop takes no notice of repeated genes, so it gets each gene once.
    first = np.zeros(len(ids), dtype=bool)
    first[np.unique(ids, return_index=True)[1]] = True
    tokens = np.array([dictionaries.tokens.get(g, 0) if f else 0 for g, f in zip(ids, first, strict=True)])
    tokens = tokens.astype(np.int64)
    medians = np.array([dictionaries.medians.get(g, np.nan) for g in ids])
    room = max_length - len(encoder.special)
    ways = {
        "read alone": lambda: read(path),
        "encode": lambda: encoder.encode(read(path), ids),
        "as published": lambda: row_loop(read(path), tokens, medians, room),
    }
    best = dict.fromkeys(ways, np.inf)
    for _ in range(5):
        for name, way in ways.items():
            start = time.process_time()
            result = way()
            best[name] = min(best[name], time.process_time() - start)
    n = len(result)
    for name, seconds in best.items():
        print(f"  {name:12} {seconds:6.2f} s of one core, {n / seconds:9,.0f} cells/s", end="")
        print(f"; encode is {seconds / best['encode']:.1f} times as fast" if name == "as published" else "")


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--speed", action="store_true", help="time the tokenizer instead")
    arguments = parser.parse_args()
    if not arguments.speed:
        return 0 if sum(map(agreement, NETWORKS)) == len(NETWORKS) else 1
    kang = datasets.load("kang")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "kang.h5ad")
        kang.write_h5ad(path)
        for name, most in (("geneformer_v1_gc30M", 2048), ("geneformer_v2_gc104M", 4096)):
            print(f"{name}: {kang.n_obs} cells × {kang.n_vars} genes, {path.stat().st_size / 1e6:.0f} MB")
            speed(name, most, path, kang.var)
    return 0


if __name__ == "__main__":
    sys.exit(main())
