"""Run a frozen model over cells: sorted by length, read ahead, and able to go on after a kill."""

import copy
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Literal

import numpy as np

from zslib.core.device import keep_threads, one_thread_each, pick_device
from zslib.core.errors import DataError
from zslib.frozen.cells import Cells
from zslib.frozen.model import FrozenModel
from zslib.frozen.partial import Partial
from zslib.frozen.tokens import Tokens

CHUNK = 4096  # cells tokenized, sorted and written at a time
# Tokens of a batch, padding included; on a CPU they must fit its cache.
BUDGET = {"cpu": 1024, "cuda": 1 << 17}
COMPARED = 64  # cells on which half precision is compared with single
MOST_ROWS = 1000  # rows of cells without a gene that are listed

Precision = Literal["auto", "float32", "bfloat16", "float16"]


def embed(
    model: FrozenModel,
    cells: Cells,
    *,
    device: str = "auto",
    precision: Precision = "auto",
    budget: int | None = None,
    chunk: int = CHUNK,
    partial: str | Path | None = None,
    progress: bool = False,
) -> tuple[np.ndarray, dict]:
    """Embed cells with a frozen model.

    The embedding of a cell does not depend on the cells it is in a batch with, but for rounding.

    Parameters
    ----------
    model, cells
        What to run, on what.
    device
        ``"auto"`` takes a GPU if there is one.
    precision
        ``"auto"`` is single precision on a CPU and bfloat16 on a GPU (float16 on one that has no
        bfloat16). With less than single precision the error is measured on the first cells.
    budget
        Most tokens in a batch, padding included. Where a GPU's memory does not suffice it is halved.
    chunk
        Cells tokenized and written at a time, while the next ones are read.
    partial
        Path to write to as it goes. If that file is there and of the same model, cells and precision, what
        it holds is not computed again. None keeps all in memory.
    progress
        Show a bar in the terminal.

    Returns
    -------
    embedding
        float32 of shape (n_cells, n_dims); with `partial` a read-only map of that file. NaN for a cell that expresses
        no gene of which the model has a token.
    report
        Precision and its error, the budget that sufficed, tokens, cells that were found done, and the cells that the
        model cannot read, with the first of their rows.

    Raises
    ------
    DataError
        If it can read none, if a single cell does not fit into the device's memory, or an embedding is not finite.
    """
    from tqdm import tqdm

    keep_threads()
    runner = _Runner(model, pick_device(device), precision, budget)
    started, n_tokens, error = time.perf_counter(), 0, None
    shape = (cells.n_cells, model.n_dims)
    identity = f"{model.digest} {cells.identity} {runner.precision}"
    sink = Partial(partial, shape, identity)
    already = sink.done
    starts = range(already, cells.n_cells, chunk)

    def read(start: int) -> Tokens:
        return model.tokenize(cells.read(start, min(start + chunk, cells.n_cells)))

    bar = tqdm(total=cells.n_cells, initial=already, unit=" cells", disable=not progress)
    with ThreadPoolExecutor(1) as ahead, bar:
        following = ahead.submit(read, starts[0]) if starts else None
        for i, start in enumerate(starts):
            tokens = following.result()
            following = ahead.submit(read, starts[i + 1]) if i + 1 < len(starts) else None
            readable = tokens.lengths > model.special
            rows = np.flatnonzero(readable)
            if error is None and runner.precision != "float32" and len(rows):
                error = runner.reduce(tokens, rows)
            found = runner.embed(tokens, rows, bar.update)
            if (bad := ~np.isfinite(found).all(axis=1) & readable).any():
                raise DataError(
                    f"The embedding of {bad.sum()} cells, first that in {cells.named(start + bad.argmax())}, is not finite "
                    f"in {runner.precision}. Use precision='float32'; if that does not help, the weights are damaged."
                )
            n_tokens += int(tokens.lengths[rows].sum())
            sink.write(start, found)
    unread = _unread(sink.result(), chunk)
    if cells.n_cells and len(unread) == cells.n_cells:
        raise DataError(
            "No cell expresses a gene that the model has a token for: it has nothing to say about them."
        )
    report = {
        "precision": runner.precision,
        "error_against_float32": error,
        "token_budget": runner.budget,
        "tokens": n_tokens,
        "tokens_per_second": n_tokens / (time.perf_counter() - started),
        "cells_found_done": already,
        "cells_not_readable": len(unread),
    }
    if len(unread):
        report |= {"first_of_these": cells.named(unread[0]), "rows": unread[:MOST_ROWS].tolist()}
    return sink.result(), report | model.report


def token_batches(lengths: np.ndarray, budget: int, rows: np.ndarray | None = None) -> list[np.ndarray]:
    """Divide cells into batches of like length that hold at most so many tokens.

    Parameters
    ----------
    lengths
        Tokens of each cell, shape (n_cells,).
    budget
        Most tokens of a batch, padding included. A cell that is longer makes a batch of its own.
    rows
        The cells to divide; all of them if None.

    Returns
    -------
    Row numbers of each batch. The longest cells come first, so that memory that does not suffice shows at
    once.
    """
    rows = np.arange(len(lengths)) if rows is None else np.asarray(rows)
    rows = rows[np.argsort(-lengths[rows], kind="stable")]
    batches, start = [], 0
    while start < len(rows):
        stop = start + max(1, budget // max(1, int(lengths[rows[start]])))
        batches.append(rows[start:stop])
        start = stop
    return batches


def packed(network):
    """The same network to be run on a CPU, its linear layers laid out as oneDNN multiplies by them.

    PyTorch lays weights out anew for every product, and writes the bias down before it adds the product to it: on batches
    that fit into a cache, a tenth of the time of scGPT. All but the layout is shared with the network given.
    """
    import torch

    found = copy.copy(network)
    found._modules = {name: packed(module) for name, module in network.named_children()}
    if type(network) is torch.nn.Linear:
        weight, bias = torch.ops.mkldnn._reorder_linear_weight(network.weight.detach()), network.bias
        found.forward = lambda x: torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")
    return found


def _unread(embedding: np.ndarray, chunk: int) -> np.ndarray:
    """Rows without an embedding."""
    starts = range(0, len(embedding), chunk)
    rows = [start + np.flatnonzero(np.isnan(embedding[start : start + chunk, 0])) for start in starts]
    return np.concatenate([np.zeros(0, np.int64), *rows])


class _Runner:
    """The network on its device."""

    def __init__(self, model: FrozenModel, device, precision: Precision, budget: int | None):
        import torch

        if precision == "auto":
            half = "bfloat16" if device.type == "cuda" and torch.cuda.is_bf16_supported() else "float16"
            precision = "float32" if device.type == "cpu" else half
        if precision not in ("float32", "bfloat16", "float16"):
            raise DataError(f"precision is {precision!r}; it must be auto, float32, bfloat16 or float16.")
        if budget is not None and budget < 1:
            raise DataError(f"budget is {budget}; it must be 1 token or more.")
        self.model, self.device, self.precision = model, device, precision
        self.budget = budget or BUDGET.get(device.type, BUDGET["cpu"])
        self.network = model.network.to(device).eval()
        if device.type == "cpu" and precision == "float32" and torch.backends.mkldnn.is_available():
            self.network = packed(self.network)

    def embed(self, tokens: Tokens, rows: np.ndarray, advance) -> np.ndarray:
        """Embeddings of tokenized cells, float32 of shape (n_cells, n_dims), NaN where `rows` does not name them."""
        import torch

        out = np.full((len(tokens.lengths), self.model.n_dims), np.nan, dtype=np.float32)
        waiting, found = token_batches(tokens.lengths, self.budget, rows), []
        advance(len(out) - len(rows))
        with one_thread_each() if self.device.type == "cpu" else nullcontext(map) as mapped:
            while waiting:
                before, results = len(found), mapped(lambda r: self._run(tokens, r), waiting)
                try:
                    for rows, embedding in zip(waiting, results, strict=True):
                        # Left on the device, so that it need not wait for the copy.
                        found.append((rows, embedding))
                        advance(len(rows))
                    break
                except torch.OutOfMemoryError:
                    rows, *others = waiting[len(found) - before :]
                    self._make_room(len(rows), int(tokens.lengths[rows].max()))
                    waiting = token_batches(tokens.lengths, self.budget, np.concatenate([rows, *others]))
        for rows, embedding in found:
            out[rows] = embedding.float().cpu().numpy()
        return out

    def reduce(self, tokens: Tokens, rows: np.ndarray) -> dict[str, float]:
        """Go over to half precision, and measure on some of these cells how far it takes them from single precision.

        Returns
        -------
        ``relative``: largest distance between the two embeddings of a cell, by the norm in single precision;
        ``cosine``: smallest cosine between them; ``n_cells``: how many were compared.
        """
        import torch

        # Cells of every length, and no more than fit.
        n = max(1, min(COMPARED, self.budget // max(1, int(tokens.lengths[rows].max())), len(rows)))
        rows = rows[np.argsort(tokens.lengths[rows])[np.linspace(0, len(rows) - 1, n).astype(int)]]
        single = self._run(tokens, rows).double()
        # A copy: the caller's network keeps its weights.
        self.network = copy.deepcopy(self.network).to(getattr(torch, self.precision))
        half = self._run(tokens, rows).double()
        apart = (half - single).norm(dim=1) / single.norm(dim=1)
        cosine = torch.nn.functional.cosine_similarity(half, single, dim=1)
        return {"relative": float(apart.max()), "cosine": float(cosine.min()), "n_cells": n}

    def _run(self, tokens: Tokens, rows: np.ndarray):
        import torch

        *arrays, mask = tokens.padded(rows)
        whole = bool(mask.all())
        with torch.inference_mode():
            moved = [self._moved(array) for array in arrays]
            return self.model.run(self.network, *moved, None if whole else self._moved(mask))

    def _moved(self, array: np.ndarray):
        import torch

        tensor = torch.from_numpy(array)
        if self.device.type != "cuda":
            return tensor
        return tensor.pin_memory().to(self.device, non_blocking=True)

    def _make_room(self, n_cells: int, length: int) -> None:
        import torch

        if n_cells == 1:
            raise DataError(
                f"One cell of {length} tokens does not fit into the memory of {self.device}. Free some, take another "
                "device, or give the model a smaller max_length."
            )
        self.budget = max(1, min(self.budget, n_cells * length) // 2)
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
