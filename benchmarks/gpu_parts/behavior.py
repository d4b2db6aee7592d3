"""What must hold when memory is short, a run is killed, precisions change, or two jobs want the card."""

import contextlib
import dataclasses
import json
import multiprocessing
import re
import tempfile
import time
from pathlib import Path

import torch

from gpu_parts.given import V1, Given, apart, embed
from gpu_parts.record import Record
from zslib.core import store
from zslib.core.device import device_name, pick_device

SAME = 1e-4  # largest distance of two embeddings of a cell in float32, by their length
ROOM = 1 << 30  # bytes left to the network where memory is made short


def run(given: Given, record: Record) -> None:
    """Try each."""
    record.attempt("device='auto'", picks_the_card, given, record)
    record.attempt("one job at a time", takes_turns, given, record)
    model = record.attempt(V1, given.model, V1)
    if model is None:
        return
    cells = given.some(given.pick(1500, 80))
    expected, _ = embed(model, cells, given.device, "float32")
    arguments = (given, record, model, cells, expected)
    record.attempt("out of memory", halves_the_budget, *arguments)
    record.attempt("killed", goes_on, *arguments)
    record.attempt("two precisions", keeps_precisions_apart, *arguments)


def picks_the_card(given: Given, record: Record) -> None:
    """Ask for any device."""
    found = pick_device("auto")
    there = "cuda" if torch.cuda.is_available() else "cpu"
    record.check(
        "device='auto'", "picks the card where there is one", found.type == there, device_name(str(found))
    )


def takes_turns(given: Given, record: Record) -> None:
    """Every rule of the grid that is told a device must ask for the card, of which Snakemake is told there is one."""
    workflow = store.ROOT / "zslib" / "workflow"
    rules = re.split(r"^rule ", (workflow / "Snakefile").read_text(), flags=re.MULTILINE)[1:]
    using = [rule for rule in rules if "device=grid.device" in rule]
    free = [rule.split(":")[0] for rule in using if "grid.gpus(" not in rule]
    record.check(
        "one job at a time",
        "each rule that is told a device waits for the card",
        using and not free,
        ", ".join(free),
    )
    told = '"--resources", "gpu=1"' in (workflow / "running.py").read_text()
    record.check("one job at a time", "Snakemake is told that there is one card", told)
    if given.device == "cuda":
        seen = Path("/dev/nvidiactl").exists()
        record.check("one job at a time", "the grid sees the card without loading torch", seen)


def halves_the_budget(given: Given, record: Record, model, cells, expected) -> None:
    """Ask for batches that do not fit: on a card with little memory left, elsewhere by raising what a card would."""
    asked = given.pick(1 << 22, 1 << 16)
    if given.device == "cuda":
        torch.cuda.empty_cache()
        total = torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved() + ROOM) / total)
        short = model
    else:

        def full(network, tokens, mask):
            if tokens.numel() > asked // 16:
                raise torch.OutOfMemoryError("out of memory, as a card would say")
            return model.run(network, tokens, mask)

        short = dataclasses.replace(model, run=full)
    try:
        found, report = embed(short, cells, given.device, "float32", budget=asked)
    finally:
        if given.device == "cuda":
            torch.cuda.set_per_process_memory_fraction(1.0)
    record.check(
        "out of memory",
        "the budget was halved",
        report["token_budget"] < asked,
        f"{asked} to {report['token_budget']} tokens",
    )
    record.add("out of memory", "all cells come out as before", apart(found, expected), bound=SAME)


def goes_on(given: Given, record: Record, model, cells, expected) -> None:
    """Kill a process in the middle of a run, and run again."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "killed.npy"
        child = multiprocessing.get_context("spawn").Process(
            target=_slowly, args=(given, cells.n_cells, path)
        )
        child.start()
        until = time.monotonic() + 120
        while _done(path) == 0 and child.is_alive() and time.monotonic() < until:
            time.sleep(0.01)
        child.kill()
        child.join()
        there = _done(path)
        found, report = embed(model, cells, given.device, "float32", partial=path)
        record.check(
            "killed", "what was done is not done again", 0 < report["cells_found_done"] == there < cells.n_cells,
            f"{report['cells_found_done']} of {cells.n_cells} cells were there",
        )  # fmt: skip
        record.add("killed", "all cells come out as before", apart(found, expected), bound=SAME)


def keeps_precisions_apart(given: Given, record: Record, model, cells, expected) -> None:
    """Stop a run in half precision, and go on in float32 with the same file."""
    calls = []

    def stops(network, *arrays):
        calls.append(None)
        if len(calls) > stop:
            raise KeyboardInterrupt
        return model.run(network, *arrays)

    with tempfile.TemporaryDirectory() as folder:
        path, chunk = Path(folder) / "half.npy", cells.n_cells // 4
        # Two batches compare the precisions, and then each chunk is one batch.
        stop, budget = 4, chunk * 4096
        stopping = dataclasses.replace(model, run=stops)
        with contextlib.suppress(KeyboardInterrupt):
            embed(stopping, cells, given.device, "bfloat16", partial=path, chunk=chunk, budget=budget)
        there = _done(path)
        found, report = embed(model, cells, given.device, "float32", partial=path)
        record.check(
            "two precisions", "rows in half precision are not gone on from in float32",
            there > 0 and report["cells_found_done"] == 0, f"{there} rows in bfloat16 were there",
        )  # fmt: skip
        record.add("two precisions", "all cells come out as in float32", apart(found, expected), bound=SAME)


def _done(path: Path) -> int:
    try:
        return json.loads(Path(f"{path}.json").read_text())["done"]
    except (FileNotFoundError, ValueError):
        return 0


def _slowly(given: Given, n_cells: int, path: Path) -> None:
    """Embed in another process, with time to be killed in."""
    model = given.model(V1)

    def slow(network, *arrays):
        time.sleep(0.2)
        return model.run(network, *arrays)

    slowed, chunk = dataclasses.replace(model, run=slow), n_cells // 10
    embed(slowed, given.some(n_cells), given.device, "float32", partial=path, chunk=chunk)
