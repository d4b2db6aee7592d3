"""Embed real cells with zslib's engine and with the published recipes, side by side.

    python benchmarks/embedding.py                           48 cells, two threads, nothing beside it
    python benchmarks/embedding.py --busy 2                  beside two processes that do nothing but compute
    python benchmarks/embedding.py --busy 0 2 --record benchmarks/embedding.json      what the book shows

The references: for Geneformer, transformers' BertForMaskedLM with all hidden states, 24 cells a batch, longest first;
for scGPT, the network of the wheel scgpt 0.2.4, by the paper's recipe (64 cells a batch, padded to 1,200 tokens) and by
the authors' (64 cells a batch, padded to the longest). Both in single precision. Weights are random, of full size. The
two take turns; printed are medians of wall and of CPU time, their ratios, and how far the embeddings are apart. CPU
time counts all threads, and other work on the machine hardly moves it. The floor is what the additions and
multiplications of the layers that an embedding needs would take, were each as fast as in a product of large matrices.
"""

import argparse
import contextlib
import dataclasses
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

sys.path.insert(0, str(Path(__file__).parent))
from agreement_scgpt import reference
from recorded import write

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


@contextlib.contextmanager
def busy(n: int):
    """So many processes beside this one that do nothing but compute."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(n)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def turns(runs: dict, repeats: int) -> tuple[dict, dict]:
    """Let functions take turns: the medians of the wall and the CPU seconds of each, and what each returned last."""
    wall, cpu, found = {name: [] for name in runs}, {name: [] for name in runs}, {}
    for _ in range(repeats):
        for name, run in runs.items():
            started = time.perf_counter(), time.process_time()
            found[name] = run()
            wall[name].append(time.perf_counter() - started[0])
            cpu[name].append(time.process_time() - started[1])
    return {name: (median(wall[name]), median(cpu[name])) for name in runs}, found


def floor(model: frozen.FrozenModel, tokens) -> float:
    """CPU seconds that the arithmetic of an embedding takes at the speed of one thread in a large product."""
    plain = sdpa_kernel(SDPBackend.MATH)  # the fused attention is not counted
    with torch.no_grad(), plain, FlopCounterMode(display=False) as counted:
        for cell in range(len(tokens)):
            *arrays, _ = tokens.padded([cell])
            model.run(model.network, *map(torch.from_numpy, arrays), None)
    square, seconds = torch.randn(2048, 2048), []
    for _ in range(5):
        started = time.process_time()
        square @ square
        seconds.append(time.process_time() - started)
    return counted.get_total_flops() * min(seconds) / (2 * 2048**3)


def compare(name: str, theirs, model: frozen.FrozenModel, cells: frozen.Cells, tokens, repeats: int) -> dict:
    """Let the two take turns, print what came of it, and return it."""
    runs = {
        "reference": theirs,
        "zslib": lambda: frozen.embed(model, cells, device="cpu", precision="float32")[0],
    }
    spent, found = turns(runs, repeats)
    n = cells.n_cells
    row = {
        "network": name,
        **{f"{who}_per_second": n / wall for who, (wall, _) in spent.items()},
        **{f"{who}_cpu_seconds": cpu / n for who, (_, cpu) in spent.items()},
        "floor_cpu_seconds": floor(model, tokens) / n,
        "apart": float(np.abs(found["zslib"] - found["reference"]).max()),
    }
    print(
        f"{name:22s} cells/s {row['reference_per_second']:6.2f} → {row['zslib_per_second']:6.2f}"
        f"  {row['zslib_per_second'] / row['reference_per_second']:4.1f}×"
        f"   CPU s/cell {row['reference_cpu_seconds']:.3f} → {row['zslib_cpu_seconds']:.3f}"
        f"  {row['reference_cpu_seconds'] / row['zslib_cpu_seconds']:4.1f}×"
        f"   floor {row['floor_cpu_seconds']:.3f}   apart {row['apart']:.1e}",
        flush=True,
    )
    return row


def recorded(row: dict, busy: int) -> list[dict]:
    """What the book shows of a comparison."""
    found = []
    for unit, key in (("cells/s", "per_second"), ("CPU s a cell", "cpu_seconds")):
        one = {
            "what": row["network"],
            "value": row[f"zslib_{key}"],
            "unit": unit,
            "beside": f"{busy} busy processes" * (busy > 0),
        }
        found.append(one | {"other": row[f"reference_{key}"], "than": "the published loop"})
    return [found[0], found[1] | {"most": row["floor_cpu_seconds"]}]


def cases(n_cells: int):
    """Every network: its name, the published loop, ours, and the cells as its tokens."""
    kang = datasets.load("kang")
    rows = np.random.default_rng(0).choice(kang.n_obs, n_cells, replace=False)
    some = kang[rows].copy()
    cells = frozen.in_memory(some)

    dictionaries = ranks.own_dictionaries(kang.layers["counts"], kang.var)
    network = geneformer.Geneformer.untrained(
        dataclasses.replace(geneformer.V1_10M, vocab_size=max(dictionaries.tokens.values()) + 1), 0
    )
    model = ranks.frozen(network, dictionaries, cells, "random")
    tokens = model.tokenize(some.layers["counts"])
    yield "Geneformer V1-10M", geneformer_loop(network, tokens), model, cells, tokens

    vocab = values.vocabulary()
    network = values.untrained(vocab, 0)
    everyone = frozen.in_memory(kang)  # among whom the paper chooses variable genes
    for recipe, whose, width in (("paper", "paper's", 1200), ("authors", "authors'", None)):
        model = values.frozen(network, vocab, everyone, "random", recipe=recipe)
        tokens = model.tokenize(some.layers["counts"])
        theirs = scgpt_loop(network, vocab, tokens, width=width)
        yield f"scGPT, {whose} recipe", theirs, model, cells, tokens


def main() -> None:
    """Run all three."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cells", type=int, default=48)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--busy", type=int, nargs="+", default=[0], help="processes that compute beside it")
    parser.add_argument("--only", default=".", help="networks whose name this pattern finds")
    parser.add_argument("--record", type=Path, help="the JSON file to write")
    given = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(given.threads)  # which the engine keeps to
    torch.set_num_threads(given.threads)
    asked, rows = [case for case in cases(given.cells) if re.search(given.only, case[0])], []
    for n in given.busy:
        print(f"{given.cells} cells, {given.threads} threads, medians of {given.repeats}, {n} busy beside")
        with busy(n):
            for case in asked:
                rows += recorded(compare(*case, given.repeats), n)
    if given.record:
        measured = f"{given.cells} cells, {given.threads} threads, medians of {given.repeats} turns"
        write(given.record, measured, rows)


if __name__ == "__main__":
    main()
