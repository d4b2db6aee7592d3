"""Compare zslib's scGPT with the reference package, and tokenization with its loop over cells.

    python benchmarks/agreement_scgpt.py            # the network at full size, two to five minutes
    python benchmarks/agreement_scgpt.py --speed    # all cells of kang to token ids

The reference is the wheel scgpt 0.2.4, fetched and checked like a dataset's, and read from the archive:
nothing is installed. Weights are random; settings and vocabulary are the real ones where
``ZSLIB_TEST_DATA`` (or ``../shared/data``) holds them.
"""

import argparse
import contextlib
import dataclasses
import importlib
import json
import logging
import os
import sys
import tempfile
import time
import types
import warnings
from pathlib import Path

import numpy as np
import torch

from zslib import datasets
from zslib.datasets import cache
from zslib.frozen.scgpt import files as scgpt_files
from zslib.frozen.scgpt import network as scgpt
from zslib.frozen.scgpt.binning import bin_values
from zslib.frozen.scgpt.build import PACKAGE
from zslib.frozen.scgpt.tokenizer import authors

DATA = Path(os.environ.get("ZSLIB_TEST_DATA", Path(__file__).parents[1].parent / "shared/data"))
OFFICIAL = DATA / "scgpt_whole_human"
TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-10}
BATCH = 64  # as the reference


def reference(*modules: str) -> list[types.ModuleType]:
    """Import modules of the reference without its `__init__`, which asks for torchtext and much else."""
    archive = cache.fetch(PACKAGE)
    stand_ins = {}
    for name in ("scgpt", "scgpt.model"):
        stand_ins[name] = types.ModuleType(name)
        stand_ins[name].__path__ = [f"{archive}/{name.replace('.', '/')}"]
    stand_ins["scgpt"].logger = logging.getLogger("scgpt")
    sys.modules.update(stand_ins)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that flash_attn is not installed
            return [importlib.import_module(f"scgpt.{name}") for name in modules]
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == "scgpt"]:
            del sys.modules[name]


def compare(config: scgpt.Config, vocab: dict[str, int], lengths: list[int]) -> dict:
    """Largest differences on cells of these lengths, by precision and output, relative to its scale.

    The reference's random weights go through a file in its own layout, with `in_proj` and the
    classifier, so that the strict reader is part of what is compared.
    """
    (module,) = reference("model.model")
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = module.TransformerModel(
            ntoken=config.ntoken,
            d_model=config.embsize,
            nhead=config.nheads,
            d_hid=config.d_hid,
            nlayers=config.nlayers,
            vocab=vocab,
            pad_token=config.pad_token,
            pad_value=config.pad_value,
            do_mvc=True,
        ).eval()
    with torch.no_grad():  # all layers, norms and biases start alike, and a mix-up would not show
        for weight in theirs.parameters():
            weight += 0.02 * torch.randn_like(weight)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        scgpt_files.save(scgpt.ScGPT.untrained(config, seed=0), folder, vocab)  # for args.json and vocab.json
        torch.save(theirs.state_dict(), folder / "best_model.pt")
        ours = scgpt_files.load(folder)
        found = {}
        for dtype in TOLERANCE:
            found[dtype] = differences(theirs.to(dtype), ours.to(dtype), cells(config, vocab, lengths, dtype))
    return found


def cells(config: scgpt.Config, vocab: dict[str, int], lengths: list[int], dtype: torch.dtype):
    """Random cells: genes, values and mask, each (B, L); one value is beyond where values are cut."""
    rng = np.random.default_rng(0)
    mask = np.arange(max(lengths)) < np.array(lengths)[:, None]
    special = {vocab["<pad>"], vocab["<cls>"]}
    allowed = np.array([i for i in vocab.values() if i not in special])
    genes = np.where(mask, rng.choice(allowed, mask.shape), vocab["<pad>"])
    values = np.where(mask, rng.integers(1, config.n_bins, mask.shape), config.pad_value)
    genes[:, 0], values[:, 0], values[0, 1] = vocab["<cls>"], config.pad_value, 600
    return torch.from_numpy(genes), torch.from_numpy(values).to(dtype), torch.from_numpy(mask)


def differences(theirs, ours: scgpt.ScGPT, batch) -> dict[str, float]:
    """Largest difference of each output at real tokens, relative to the largest magnitude of it."""
    genes, values, mask = batch
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        want = theirs(genes, values, src_key_padding_mask=~mask, MVC=True)
        x = ours.hidden(genes, values, mask)
        norm = want["cell_emb"].norm(dim=1, keepdim=True)
        pairs = {
            "cell embedding": (ours.pooled(genes, values, mask), want["cell_emb"] / norm),
            "GEP": (ours.decode(x)[mask], want["mlm_output"][mask]),
            "GEPC": (ours.decode_cell(x[:, 0], genes)[mask], want["mvc_output"][mask]),
        }
    return {name: float((a - b).abs().max() / b.abs().max().clamp(min=1)) for name, (a, b) in pairs.items()}


def official() -> tuple[scgpt.Config, dict[str, int]]:
    """The published settings and vocabulary, or a vocabulary of the same size."""
    if OFFICIAL.is_dir():
        return scgpt_files.read_config(OFFICIAL), scgpt_files.read_vocab(OFFICIAL)
    config = scgpt.Config()
    names = [*(f"GENE{i}" for i in range(config.ntoken - 3)), "<pad>", "<cls>", "<eoc>"]
    return config, {name: i for i, name in enumerate(names)}


def speed() -> None:
    """Time the reference's loop over the cells of kang against zslib's tokenization."""
    preprocess, collator = reference("preprocess", "data_collator")
    adata = datasets.load("kang")
    counts, genes = adata.layers["counts"], adata.var_names.tolist()
    vocab = json.loads((OFFICIAL / "vocab.json").read_text()) if OFFICIAL.is_dir() else None
    vocab = vocab or {name: i for i, name in enumerate([*genes, "<pad>", "<cls>", "<eoc>"])}
    tokenizer = authors(genes, vocab)
    known = np.flatnonzero(tokenizer.ids >= 0)
    X, ids = counts[:, known], tokenizer.ids[known]
    collate = collator.DataCollator(
        pad_token_id=vocab["<pad>"], pad_value=-2, do_mlm=False, do_binning=True, max_length=1200
    )

    def their_bins():
        for start, end in zip(X.indptr[:-1], X.indptr[1:], strict=True):
            preprocess.binning(X.data[start:end], 51)

    def their_tokens():
        for first in range(0, X.shape[0], BATCH):
            rows, examples = X[first : first + BATCH].toarray(), []
            for row in rows:
                (found,) = row.nonzero()
                tokens = np.insert(ids[found], 0, vocab["<cls>"])
                values = np.insert(row[found], 0, -2)
                pair = {"genes": torch.from_numpy(tokens).long(), "expressions": torch.from_numpy(values)}
                examples.append(pair)
            collate(examples)

    def our_tokens(padded=True):
        tokens = tokenizer(counts)
        for first in range(0, len(tokens) if padded else 0, BATCH):
            tokens.padded(slice(first, first + BATCH))

    print(
        f"kang: {counts.shape[0]} cells, {counts.nnz} counts, {tokenizer.matched} of {len(genes)} genes known"
    )
    X_genes, indptr = ids[X.indices], X.indptr
    logs = np.log1p(X.data)
    bins = best(lambda: bin_values(X.data, X_genes, indptr))
    floats = best(lambda: bin_values(logs, X_genes, indptr))
    plain, padded = best(lambda: our_tokens(padded=False)), best(our_tokens)
    loop, pipeline = best(their_bins, 2), best(their_tokens, 2)
    for what, ours, theirs in (
        ("bins of counts", bins, loop),
        ("bins of logarithms", floats, loop),
        ("counts to tokens", plain, pipeline),
        ("counts to padded batches", padded, pipeline),
    ):
        print(f"{what:26s} reference {theirs:6.2f} s   zslib {ours:6.3f} s   ratio {theirs / ours:5.1f}")


def best(run, n: int = 5) -> float:
    """Seconds of the fastest of some runs."""
    found = []
    for _ in range(n):
        start = time.process_time()
        run()
        found.append(time.process_time() - start)
    return min(found)


def main() -> None:
    """Run one of the two, and fail where the networks do not agree."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--speed", action="store_true", help="time tokenization instead")
    if parser.parse_args().speed:
        return speed()
    config, vocab = official()
    print(", ".join(f"{key} {value}" for key, value in dataclasses.asdict(config).items()))
    failed = False
    for dtype, found in compare(config, vocab, lengths=[1200, 701, 64, 2]).items():
        for name, value in found.items():
            failed |= value > TOLERANCE[dtype]
            print(f"{dtype!s:14s} {name:15s} largest difference {value:.1e} (at most {TOLERANCE[dtype]:.0e})")
    return sys.exit("the networks differ") if failed else None


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
