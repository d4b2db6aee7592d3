"""Pre-training of a mini: the same steps on both devices, and then as many as go into a minute."""

import dataclasses
import time

import numpy as np

from gpu_parts.given import CELLS, Given
from gpu_parts.record import Record
from zslib.frozen.pretrain.recipe import Recipe
from zslib.frozen.pretrain.training import Schedule, Trained, evaluate, train

WHAT = "mini with Geneformer's architecture"
CLOSE = (
    0.05  # difference of the losses, by the CPU's: other genes drop out, and the card computes in bfloat16
)


def run(given: Given, record: Record) -> None:
    """Train."""
    record.attempt(WHAT, both, given, record)


def both(given: Given, record: Record) -> None:
    """Compare equal steps, then train for a minute."""
    recipe = Recipe(architecture="geneformer", corpus=(CELLS,), n_cells=given.pick(None, 200))
    objective = recipe.objective(recipe.gather())
    seconds_cpu, seconds, size = given.pick((20.0, 60.0, 32), (0.5, 0.5, 4))

    def fit(steps: int, device: str) -> tuple[Trained, float]:
        # No end before its time: what is asked is how fast and how alike.
        schedule = Schedule(
            steps=steps, batch_size=size, learning_rate=3e-3, evaluate_every=max(1, steps // 5), evaluate_cells=256, patience=99
        )  # fmt: skip
        network = dataclasses.replace(recipe, schedule=schedule).network(objective)
        started = time.perf_counter()
        return train(network, objective, schedule, device=device), time.perf_counter() - started

    def steps_in(seconds: float, device: str) -> int:
        fit(5, device)  # to warm up
        less, more = 5, given.pick(55, 10)
        # Both look at the held-out cells equally often, so that the difference is of steps alone.
        few, many = (fit(n, device)[1] for n in (less, more))
        return max(10, int((seconds - few) / max((many - few) / (more - less), 1e-3)))

    steps = steps_in(seconds_cpu, "cpu")
    here, took = fit(steps, "cpu")
    record.add(WHAT, "CPU", steps / took, "steps/s", note=f"{size} cells a step")
    there, took = fit(steps, given.device)
    record.add(WHAT, "device", steps / took, "steps/s", note=f"{size} cells a step")
    losses = [float(found.curve["held_out"].iloc[-1]) for found in (here, there)]
    for name, loss in zip(("CPU", "device"), losses, strict=True):
        record.add(WHAT, f"held-out loss after {steps} steps, {name}", loss, "nats")
    off = abs(losses[1] - losses[0]) / losses[0]
    record.add(WHAT, "difference of the two, by the CPU's", off, bound=CLOSE)

    steps = steps_in(min(seconds, record.seconds_left), given.device)
    trained, took = fit(steps, given.device)
    unigram = evaluate(objective.baselines()["unigram"], objective, 0, most=256)["loss"].mean()
    record.add(
        WHAT,
        f"lowest held-out loss in {took:.0f} s, device",
        trained.curve["held_out"].min(),
        "nats",
        note=f"{steps} steps",
    )
    record.add(WHAT, "loss of the genes' frequencies alone", np.float64(unigram), "nats")
