"""Wall time and peak memory of the metrics, each size in a process of its own."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from gpu_parts.given import Given
from gpu_parts.record import Record

SIZES = [(n, d) for n in (10_000, 100_000, 500_000) for d in (50, 512)]
WHAT = {
    "distances": "all distances: neighbors, and sums to types and batches",
    "scores": "every metric in both spaces, no intervals",
}
# What is short comes first, so that a size that takes too long costs few others.
ORDER = [
    *(("scores", size) for size in SIZES[:2]),
    *(("distances", size) for size in SIZES[2:5]),
    ("scores", SIZES[2]),
    ("distances", SIZES[5]),
    *(("scores", size) for size in SIZES[3:]),
]


def run(given: Given, record: Record) -> None:
    """Measure as many sizes as the time allows."""
    for what, size in given.pick(ORDER, [("distances", (400, 20)), ("scores", (400, 60))]):
        record.attempt(f"{size[0]:,} × {size[1]}", measure, given, record, what, *size)


def measure(given: Given, record: Record, what: str, n: int, d: int) -> None:
    """Run one size in another process, and stop it when this part's time is up."""
    command = [sys.executable, __file__, what, str(n), str(d), given.device]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    size, limit = f"{n:,} × {d}", record.seconds_left
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired:
        record.leave(size, WHAT[what], f"not done in the {limit:.0f} s that were left")
        return
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["no word of why"])[-1])
    found = json.loads(done.stdout.strip().splitlines()[-1])
    record.add(size, WHAT[what], found["seconds"], "s", note="without start and imports")
    record.add(size, f"{what}: peak memory of the process", found["host"] / 1e9, "GB")
    if given.device == "cuda":
        record.add(size, f"{what}: peak memory on the card", found["card"] / 1e9, "GB")


def main(what: str, n: int, d: int, device: str) -> None:
    """Measure in this process, and print what was found."""
    import resource

    import torch
    from metrics import cells

    from zslib import metrics

    made = cells(n, d)
    if device == "cuda":
        torch.zeros(1, device=device)
    started = time.perf_counter()
    if what == "scores":
        before = metrics.pca(made["before"], 50, device=device)
        only = [name for name, card in metrics.CARDS.items() if card.family != "discovery"]
        given = {"unintegrated": before, "only": only, "n_boot": 0, "device": device}
        metrics.score(made["X"], made["label"], made["batch"], **given)
    else:
        label, batch = (np.unique(made[name], return_inverse=True)[1] for name in ("label", "batch"))
        metrics.measure_geometry(made["X"], label, batch, k=89, k_own=89, fold=batch, device=device)
    found = {
        "seconds": time.perf_counter() - started,
        "host": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "card": torch.cuda.max_memory_allocated() if device == "cuda" else 0,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    sys.path.remove(str(Path(__file__).parent))
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
