"""Cells per second of each network and precision, beside the published loop; and where the time goes."""

import dataclasses
import re
import time

import numpy as np
import torch
from embedding import geneformer_loop, scgpt_loop

from gpu_parts.given import MODELS, PRECISIONS, SCGPT, SCGPT_ALL, V1, V2, Given, apart, embed, release, wait
from gpu_parts.record import Record, one_line
from zslib.frozen import scgpt as values

HALF = 989e12  # H100 SXM and H200, dense
DATA_SHEET = {
    # FLOP/s by NVIDIA's data sheets; float32 without TF32, which PyTorch leaves off
    r"H100 PCIe": {"float32": 51e12, "bfloat16": 756e12, "float16": 756e12},
    r"H100|H200|GH200": {"float32": 67e12, "bfloat16": HALF, "float16": HALF},
    r"A100": {"float32": 19.5e12, "bfloat16": 312e12, "float16": 312e12},
}
KINDS = {
    "attention": r"attention|flash|fmha",
    "matrix products": r"gemm|nvjet|cutlass|cublas|xmma|wgmma|(add|b)?mm\b|linear",
    "copies": r"memcpy|memset|copy",
}
COMPILED = (SCGPT, V2)
MOST = 30_000  # cells of one measurement


def run(given: Given, record: Record) -> None:
    """Measure each network in turn."""
    peak = {}
    for precision in PRECISIONS:
        record.attempt(f"peak in {precision}", peaks, given, record, precision, peak)
    for name in MODELS:
        model = record.attempt(name, given.model, name)
        if model is None:
            continue
        for precision in PRECISIONS:
            record.attempt(f"{name}, {precision}", engine, given, record, name, model, precision, peak)
        record.attempt(f"{name}: reference", reference, given, record, name, model)
        record.attempt(f"{name}: where the time goes", breakdown, given, record, name, model)
        if name in COMPILED:
            record.attempt(f"{name}: torch.compile", compiled, given, record, name, model)
        model.network.to("cpu")
        del model
        release(given.device)


def peaks(given: Given, record: Record, precision: str, peak: dict) -> None:
    """Measure what one large matrix product reaches, which is the peak of a card whose data sheet is not known."""
    n, times = (8192, 10) if given.device == "cuda" else (256, 3)
    a = torch.randn((n, n), device=given.device, dtype=getattr(torch, precision))
    a @ a
    wait(given.device)
    started = time.perf_counter()
    for _ in range(times):
        a @ a
    wait(given.device)
    rate = 2 * n**3 * times / (time.perf_counter() - started)
    record.add(f"one product of {n} × {n}", precision, rate / 1e12, "TFLOP/s")
    if given.device == "cpu":
        return
    card = torch.cuda.get_device_name()
    sheet = [known[precision] for name, known in DATA_SHEET.items() if re.search(name, card)]
    peak[precision] = sheet[0] if sheet else rate
    if sheet:
        record.add("the card's peak", precision, sheet[0] / 1e12, "TFLOP/s", note="data sheet, dense")


def flops(network, lengths: np.ndarray) -> float:
    """Operations that the embeddings of cells of these lengths need, padding not counted."""
    config, L = network.config, lengths.astype(np.float64)
    if hasattr(config, "embsize"):
        D, wide, layers = config.embsize, config.d_hid, config.nlayers - 1
        ends = 2 * L * 3 * D**2 + 2 * L * D**2  # of the last layer all tokens are projected, and one goes on
    else:
        D, wide, layers, ends = config.hidden_size, config.intermediate_size, config.num_hidden_layers - 1, 0
    return float((layers * (2 * L * (4 * D**2 + 2 * D * wide) + 4 * L**2 * D) + ends).sum())


def timed(given: Given, function) -> tuple[float, object]:
    """Seconds, and what the function returned."""
    wait(given.device)
    started = time.perf_counter()
    found = function()
    wait(given.device)
    return time.perf_counter() - started, found


def enough(given: Given, prepare) -> tuple[int, float, object]:
    """Time `prepare(n_cells)()` on as many cells as a few seconds are enough for, warmed up on a few."""
    few = given.pick(64, 8)
    once = prepare(few)
    once()
    seconds, _ = timed(given, once)
    n = int(np.clip(given.pick(4.0, 0.1) / seconds * few, few, given.pick(MOST, 32)))
    return n, *timed(given, prepare(n))


def engine(given: Given, record: Record, name: str, model, precision: str, peak: dict) -> None:
    """Run from counts to embeddings."""

    def prepare(n: int):
        cells = given.some(n)
        return lambda: embed(model, cells, given.device, precision)

    n, seconds, _ = enough(given, prepare)
    lengths = model.tokenize(given.some(n).read(0, n)).lengths
    note = f"{n} cells, {lengths.mean():.0f} tokens each"
    record.add(name, f"zslib, {precision}", n / seconds, "cells/s", note=note)
    if precision in peak:
        share = 100 * flops(model.network, lengths) / seconds / peak[precision]
        record.add(name, f"share of the card's peak, {precision}", share, "%")


def reference(given: Given, record: Record, name: str, model) -> None:
    """Run the published loop in float32: transformers, 24 cells a batch; scGPT's network, 64 cells a batch."""
    tokens = model.tokenize(given.some(given.pick(MOST, 32)).read(0, given.pick(MOST, 32)))

    def prepare(n: int):
        some = _First(tokens, n)
        if name in (SCGPT, SCGPT_ALL):
            width = 1200 if name == SCGPT else None
            return scgpt_loop(model.network, values.vocabulary(), some, width=width, device=given.device)
        return geneformer_loop(model.network, some, special=name != V1, device=given.device)

    n, seconds, found = enough(given, prepare)
    record.add(name, "published loop, float32", n / seconds, "cells/s", note=f"{n} cells, tokens at hand")
    few = given.pick(64, 8)
    ours, _ = embed(model, given.some(few), given.device, "float32")
    record.add(name, "zslib against published loop, float32", apart(ours, found[:few]), bound=1e-4)


class _First:
    """The first cells of some tokens."""

    def __init__(self, tokens, n: int):
        self.lengths, self.padded = tokens.lengths[:n], tokens.padded

    def __len__(self) -> int:
        return len(self.lengths)


def breakdown(given: Given, record: Record, name: str, model) -> None:
    """Shares of the time of a run in bfloat16: by kind of kernel, idle, and how long tokenizing alone takes."""
    from torch.profiler import ProfilerActivity, profile

    n = given.pick(1000, 16)
    cells = given.some(n)

    def once():
        return embed(model, cells, given.device, "bfloat16")

    once()
    wall, _ = timed(given, once)
    cuda = given.device == "cuda"
    with profile(activities=[ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if cuda else [])]) as seen:
        timed(given, once)
    spent = dict.fromkeys([*KINDS, "everything else"], 0.0)
    for event in seen.key_averages():
        if cuda and event.device_type != torch.autograd.DeviceType.CUDA:
            continue  # the kernels themselves, and not a second time what launched them
        kinds = [kind for kind, pattern in KINDS.items() if re.search(pattern, event.key.lower())]
        took = event.self_device_time_total if cuda else event.self_cpu_time_total
        spent[kinds[0] if kinds else "everything else"] += took / 1e6
    if not sum(spent.values()):
        record.leave(name, "share of the time, bfloat16", "the profiler saw no kernel")
        return
    if cuda:
        spent["device idle"] = max(0.0, wall - sum(spent.values()))
    total = sum(spent.values())
    for kind, seconds in spent.items():
        record.add(name, f"share of the time, bfloat16: {kind}", 100 * seconds / total, "%")
    seconds, tokens = timed(given, lambda: model.tokenize(cells.read(0, n)))
    record.add(name, "tokenizing alone", n / seconds, "cells/s", note="of one thread, beside the network")
    record.add(name, "tokens a cell", tokens.lengths.mean())


def compiled(given: Given, record: Record, name: str, model) -> None:
    """Compile the network, and say from how many cells on that pays."""
    n = given.pick(3000, 16)
    cells = given.some(n)

    def once(network):
        return timed(given, lambda: embed(network, cells, given.device, "bfloat16"))

    once(model)
    plain, (expected, _) = once(model)
    # For a check on machines without a compiler the tracing alone will do.
    options = given.pick({"dynamic": True}, {"dynamic": True, "backend": "eager"})
    faster = dataclasses.replace(model, run=torch.compile(model.run, **options))
    try:
        first, (found, _) = once(faster)
        second, _ = once(faster)
    except Exception as error:  # no compiler on the machine is no fault of ours
        record.leave(name, "torch.compile", one_line(error))
        return
    finally:
        torch._dynamo.reset()
    record.add(name, "torch.compile: compiled over plain", plain / second, "times as fast")
    record.add(name, "torch.compile: seconds to compile", first - second, "s")
    record.add(name, "torch.compile: compiled against plain", apart(found, expected))
    if second < plain:
        pays = n * (first - second) / (plain - second)
        record.add(name, "torch.compile: pays from", pays, "cells in one run")
    else:
        record.leave(name, "torch.compile: pays from", "never: compiled it is no faster")
