"""Embed real cells with zslib's engine and with the published recipes, side by side.

    python benchmarks/embedding.py [--cells 64] [--repeats 3] [--threads 2]

The references: for Geneformer, transformers' BertForMaskedLM with all hidden states, 24 cells a batch, longest first;
for scGPT, the network of the wheel scgpt 0.2.4, by the paper's recipe (64 cells a batch, padded to 1,200 tokens) and by
the authors' (64 cells a batch, padded to the longest). Both in single precision. Weights are random, of full size. The
two take turns; printed are medians, their ratio, and how far the embeddings are apart.
"""

import argparse
import dataclasses
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parent))
from agreement_scgpt import reference

from zslib import datasets, frozen
from zslib.frozen import geneformer as ranks
from zslib.frozen import scgpt as values
from zslib.frozen.geneformer import files as geneformer_files
from zslib.frozen.geneformer import network as geneformer


def geneformer_loop(network, tokens, *, special=False, device="cpu"):
    """The published extraction: everything is computed, the last layer and the head too; V2 has `special` tokens."""
    import transformers

    with tempfile.TemporaryDirectory() as folder:
        geneformer_files.save(network, folder)
        bert = transformers.BertForMaskedLM.from_pretrained(folder, output_hidden_states=True)
    bert = bert.to(device).eval()
    order = np.argsort(-tokens.lengths)

    def run() -> np.ndarray:
        out = np.empty((len(order), network.config.hidden_size), np.float32)
        with torch.no_grad():
            for start in range(0, len(order), 24):
                rows = order[start : start + 24]
                ids, mask = (torch.from_numpy(a).to(device) for a in tokens.padded(rows))
                hidden = bert(input_ids=ids.long(), attention_mask=mask.long()).hidden_states[-2]
                if special:  # the first and the last token of each cell are no genes
                    mask[torch.arange(len(mask), device=device), mask.sum(1) - 1] = mask[:, 0] = False
                weight = mask[:, :, None].float()
                out[rows] = ((hidden * weight).sum(1) / weight.sum(1)).cpu().numpy()
        return out

    return run


def scgpt_loop(network, vocab, tokens, *, width: int | None, device="cpu"):
    """The published extraction: cells as they come, padded to `width` or to the longest of the batch."""
    (module,) = reference("model.model")
    config = network.config
    theirs = module.TransformerModel(
        config.ntoken, config.embsize, config.nheads, config.d_hid, config.nlayers, vocab=vocab,
        pad_token="<pad>", pad_value=config.pad_value, do_mvc=True, n_input_bins=config.n_bins, use_fast_transformer=False,
    ).eval()  # fmt: skip
    state = {name.replace("Wqkv.", "in_proj_"): t for name, t in network.state_dict().items()}
    known = theirs.state_dict()
    theirs.load_state_dict({k: state.get(k, v) for k, v in known.items()})
    theirs.to(device)
    missing = [k for k in known if k not in state and not k.startswith("cls_decoder")]
    if missing:
        raise SystemExit(f"the reference has tensors of its own: {missing}")

    def run() -> np.ndarray:
        out = np.empty((len(tokens), config.embsize), np.float32)
        with torch.no_grad():
            for start in range(0, len(tokens), 64):
                rows = np.arange(start, min(start + 64, len(tokens)))
                genes, bins, mask = tokens.padded(rows)
                more = max(0, (width or 0) - genes.shape[1])
                genes = np.pad(genes, ((0, 0), (0, more)), constant_values=vocab["<pad>"])
                bins = np.pad(bins, ((0, 0), (0, more)), constant_values=config.pad_value)
                mask = np.pad(mask, ((0, 0), (0, more)))
                genes, bins, padding = (torch.from_numpy(a).to(device) for a in (genes, bins, ~mask))
                cell = theirs._encode(genes.long(), bins, padding)[:, 0].cpu().numpy()
                out[rows] = cell / np.linalg.norm(cell, axis=1, keepdims=True)
        return out

    return run


def compare(name: str, theirs, model: frozen.FrozenModel, cells: frozen.Cells, repeats: int) -> None:
    """Let the two take turns, and print what came of it."""

    def ours() -> np.ndarray:
        return frozen.embed(model, cells, device="cpu", precision="float32")[0]

    spent = {"theirs": [], "ours": []}
    for _ in range(repeats):
        for who, run in (("theirs", theirs), ("ours", ours)):
            started = time.perf_counter()
            found = run()
            spent[who].append(time.perf_counter() - started)
            if who == "theirs":
                expected = found
    a, b = (cells.n_cells / statistics.median(spent[who]) for who in ("theirs", "ours"))
    apart = np.abs(found - expected).max()
    print(
        f"{name:22s} reference {a:7.2f} cells/s   zslib {b:7.2f} cells/s   {b / a:5.1f}×   apart {apart:.1e}"
    )


def main() -> None:
    """Run all three."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cells", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    kang = datasets.load("kang")
    rows = np.random.default_rng(0).choice(kang.n_obs, arguments.cells, replace=False)
    counts = kang.layers["counts"]
    some = kang[rows].copy()
    cells = frozen.in_memory(some)
    print(f"{arguments.cells} cells of kang, {arguments.threads} threads, medians of {arguments.repeats}")

    dictionaries = ranks.own_dictionaries(counts, kang.var)
    network = geneformer.Geneformer.untrained(
        dataclasses.replace(geneformer.V1_10M, vocab_size=max(dictionaries.tokens.values()) + 1), 0
    )
    model = ranks.frozen(network, dictionaries, cells, "random")
    tokens = model.tokenize(some.layers["counts"])
    compare("Geneformer V1-10M", geneformer_loop(network, tokens), model, cells, arguments.repeats)

    vocab = values.vocabulary()
    network = values.untrained(vocab, 0)
    everyone = frozen.in_memory(kang)  # among whom the paper chooses variable genes
    for recipe, width in (("paper", 1200), ("authors", None)):
        model = values.frozen(network, vocab, everyone, "random", recipe=recipe)
        tokens = model.tokenize(some.layers["counts"])
        theirs = scgpt_loop(network, vocab, tokens, width=width)
        compare(f"scGPT, {recipe}", theirs, model, cells, arguments.repeats)


if __name__ == "__main__":
    main()
