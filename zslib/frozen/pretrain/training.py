"""The training loop of both architectures: it can be killed at any moment and goes on to the same end.

All that is random at a step (which cells, what is hidden, which features drop out) follows from the seed
and the number of the step, and not from what was drawn before. A run that goes on from its last checkpoint
therefore does, number for number, what an undisturbed one does.
"""

import dataclasses
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch

from zslib.core.errors import DataError
from zslib.core.store import atomic

CHECKPOINT = "training.pt"
EVALUATION = 2**31
"""Stands for the step in the seed of what is hidden from held-out cells: the same at every evaluation."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How to train."""

    steps: int = 3000
    """Most steps."""
    batch_size: int = 32
    learning_rate: float = 1e-3
    """At its highest, after warming up; it ends at zero by a cosine."""
    warm_up: float = 0.05
    """Share of the steps."""
    weight_decay: float = 0.01
    """Of matrices; biases and norms do not decay."""
    clip: float = 1.0
    """Largest norm of a gradient."""
    evaluate_every: int = 100
    """Steps between two looks at the held-out cells, after each of which a checkpoint is written."""
    evaluate_cells: int = 512
    """Most held-out cells to look at then."""
    patience: int = 10
    """Looks without a new lowest held-out loss after which to stop."""
    seed: int = 0

    def __post_init__(self):
        for name in ("steps", "batch_size", "evaluate_every", "evaluate_cells", "patience"):
            if getattr(self, name) < 1:
                raise DataError(f"{name} is {getattr(self, name)}; it must be 1 or more.")
        if not (self.learning_rate > 0 and self.clip > 0 and 0 <= self.warm_up < 1):
            raise DataError("learning_rate and clip must be positive, and warm_up a share below 1.")

    def rate(self, step: int) -> float:
        """Learning rate of a step, counted from 0."""
        warm = math.ceil(self.warm_up * self.steps)
        if step < warm:
            return self.learning_rate * (step + 1) / warm
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * (step - warm) / (self.steps - warm)))


class Trained(NamedTuple):
    """A trained network and how it came about."""

    model: torch.nn.Module
    """With the weights of the lowest held-out loss, in evaluation mode, on the CPU."""
    curve: pd.DataFrame
    """One row a look at the held-out cells: step, train, held_out, learning_rate."""
    best_step: int


def rows_of(step: int, train: np.ndarray, batch_size: int, seed: int) -> np.ndarray:
    """Rows that a step trains on: a new random order of the cells for each time through them, shape (batch_size,)."""
    place = np.arange(step * batch_size, (step + 1) * batch_size)
    epochs = place // len(train)
    orders = {epoch: np.random.default_rng([seed, int(epoch)]).permutation(train) for epoch in set(epochs)}
    return np.array([orders[epoch][i] for epoch, i in zip(epochs, place % len(train), strict=True)])


def train(
    model: torch.nn.Module,
    objective,
    schedule: Schedule,
    *,
    folder: str | Path | None = None,
    identity: dict | None = None,
    device: torch.device | str = "cpu",
    say: Callable[[str], None] | None = None,
) -> Trained:
    """Train a network in place, or go on where a killed run of the same training left off.

    Parameters
    ----------
    objective
        See :class:`zslib.frozen.pretrain.masked_rank.MaskedRank` and :class:`zslib.frozen.pretrain.generation.Generation`.
    folder
        Where the checkpoint lies while the training lasts; without one, none is kept.
    identity
        What makes this training the one it is. A checkpoint of another is refused.
    device
        Where to compute; on a GPU in mixed precision.
    say
        Is told a line at each look at the held-out cells.

    Raises
    ------
    DataError
        If the checkpoint in the folder is of another training, or the loss is no number any more.
    """
    device = torch.device(device)
    identity = json.dumps([identity, dataclasses.asdict(schedule)], sort_keys=True)
    path = None if folder is None else Path(folder) / CHECKPOINT
    model = model.to(device)
    groups = [
        {"params": [p for p in model.parameters() if (p.ndim > 1) == decays], "weight_decay": decay}
        for decays, decay in ((True, schedule.weight_decay), (False, 0.0))
    ]
    optimizer = torch.optim.AdamW(groups, lr=schedule.learning_rate, betas=(0.9, 0.98), fused=True)
    state = _State()
    if path is not None and path.is_file():
        state = _resume(path, identity, model, optimizer, device)
    began, losses = time.perf_counter(), []
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        while state.step < schedule.steps and state.stale < schedule.patience:
            losses.append(_step(model, objective, optimizer, schedule, state.step, device))
            state.step += 1
            if state.step % schedule.evaluate_every and state.step < schedule.steps:
                continue
            how = {"device": device, "most": schedule.evaluate_cells}
            held_out = float(evaluate(model, objective, schedule.seed, **how)["loss"].mean())
            state.record(model, float(torch.stack(losses).mean()), held_out, schedule.rate(state.step - 1))
            losses = []
            if path is not None:
                _save(path, identity, state, model, optimizer)
            if say is not None:
                _, loss, held_out, rate = state.curve[-1]
                losses_now = f"loss {loss:.4f}  held out {held_out:.4f}  rate {rate:.1e}"
                seconds = time.perf_counter() - began
                say(f"step {state.step}/{schedule.steps}  {losses_now}  {seconds:.0f} s")
    model.load_state_dict(state.best)
    columns = ["step", "train", "held_out", "learning_rate"]
    return Trained(model.cpu().eval(), pd.DataFrame(state.curve, columns=columns), state.best_step)


def evaluate(model, objective, seed: int, *, device="cpu", most: int | None = None) -> dict[str, np.ndarray]:
    """Every measure of the objective on held-out cells, the same genes hidden each time.

    Parameters
    ----------
    model
        A network of the objective, or one of its baselines.
    objective
        With its corpus.
    seed
        Of what is hidden, and of the order of the cells.
    device
        Where to compute.
    most
        Most cells; all if None.

    Returns
    -------
    Mean of each measure over the hidden genes of a cell, shape (n_cells,), in a random order; cells of
    which nothing was hidden are left out.
    """
    rows = np.random.default_rng([seed, EVALUATION]).permutation(objective.corpus.test)[:most]
    network = isinstance(model, torch.nn.Module)
    if network:
        was_training, device = model.training, torch.device(device)
        model.to(device).eval()
    found: dict[str, list[np.ndarray]] = {}
    for number, start in enumerate(range(0, len(rows), 64)):
        batch = objective.batch(rows[start : start + 64], np.random.default_rng([seed, EVALUATION, number]))
        cell, n = objective.cell_of(batch), len(rows[start : start + 64])
        if network:
            with torch.inference_mode(), _precision(device):
                measured = objective.measure(model, tuple(part.to(device) for part in batch))
        else:
            measured = model(batch)
        size = np.bincount(cell, minlength=n)
        for name, values in measured.items():
            total = np.bincount(cell, weights=values, minlength=n)
            found.setdefault(name, []).append(total[size > 0] / size[size > 0])
    if network:
        model.train(was_training)
    return {name: np.concatenate(values) for name, values in found.items()}


def _step(model, objective, optimizer, schedule: Schedule, step: int, device) -> torch.Tensor:
    """One step; its loss, not yet waited for."""
    _seed((schedule.seed << 32) + step, device)
    rows = rows_of(step, objective.corpus.train, schedule.batch_size, schedule.seed)
    batch = objective.batch(rows, np.random.default_rng([schedule.seed, step, 1]))
    for group in optimizer.param_groups:
        group["lr"] = schedule.rate(step)
    model.train()
    with _precision(device):
        loss = objective.loss(model, tuple(part.to(device) for part in batch), step)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), schedule.clip)
    optimizer.step()
    return loss.detach()


def _seed(seed: int, device: torch.device) -> None:
    # torch.manual_seed also notes the seed, with a traceback, for every kind of device that is not there.
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)


def _precision(device: torch.device):
    """Mixed precision on a GPU; bfloat16 has the range of float32 and needs no scaling of the loss."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")


@dataclass
class _State:
    """Where a training stands."""

    step: int = 0
    curve: list = dataclasses.field(default_factory=list)
    best: dict = dataclasses.field(default_factory=dict)
    best_loss: float = math.inf
    best_step: int = 0
    stale: int = 0
    """Evaluations since the lowest held-out loss."""

    def record(self, model, train: float, held_out: float, rate: float) -> None:
        """Record an evaluation on the held-out cells; keep the weights if they are the best so far."""
        if not (math.isfinite(train) and math.isfinite(held_out)):
            raise DataError(f"The loss is no number any more at step {self.step}: lower the learning rate.")
        self.curve.append((self.step, train, held_out, rate))
        self.stale += 1
        if held_out < self.best_loss:
            self.best_loss, self.best_step, self.stale = held_out, self.step, 0
            self.best = {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}


def _save(path: Path, identity: str, state: _State, model, optimizer) -> None:
    content = {"identity": identity, **vars(state)}
    content |= {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    with atomic(path) as temporary:
        torch.save(content, temporary)


def _resume(path: Path, identity: str, model, optimizer, device) -> _State:
    found = torch.load(path, map_location=device, weights_only=True)
    if found.pop("identity") != identity:
        raise DataError(
            f"{path} is the checkpoint of another training (other cells, sizes or settings). Give another folder, "
            "or remove it to start anew."
        )
    model.load_state_dict(found.pop("model"))
    optimizer.load_state_dict(found.pop("optimizer"))
    return _State(**found)
