"""How often the interval of a score holds what many draws of the same cells would give, with few cells a stratum and many.

    python benchmarks/intervals.py [--draws 200] [--cells 300]

Five types that overlap, dealt into batches so that each has 1, 2, 5 or 50 cells of a type; there is no batch effect.
The truth is the mean of the score over all draws. An entry is coverage / width: the share of the intervals that hold
the truth, and their mean width over that which holds 95 % of the draws. Both should be as with 50 cells, however few
there are. The last column is what comes of drawing within each stratum, small ones not merged. Novelty is covered more
than it must be, since its value is the mean of four splits and each resample sees one of them.

With 100 draws of 300 cells:

| cells of a type in a batch | asw_label | knn_purity | nmi_fixed | linear_probe | novelty_auroc | asw_label, not merged |
|---|---|---|---|---|---|---|
| 1 | 0.95 / 1.03 | 0.99 / 1.11 | 0.96 / 1.02 | 0.94 / 1.03 | 0.98 / 1.55 | 0.00 / 0.00 |
| 2 | 0.95 / 1.03 | 0.99 / 1.11 | 0.96 / 1.02 | 0.95 / 0.98 | 1.00 / 1.71 | 0.85 / 0.73 |
| 5 | 0.95 / 1.03 | 0.99 / 1.11 | 0.96 / 1.02 | 0.95 / 0.99 | 0.99 / 1.90 | 0.92 / 0.94 |
| 50 | 0.95 / 1.02 | 0.97 / 1.08 | 0.94 / 1.02 | 0.96 / 0.99 | 1.00 / 1.78 | 0.95 / 1.02 |
"""

import argparse
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from zslib import metrics
from zslib.core import stats

ONLY = ["asw_label", "knn_purity", "nmi_fixed", "linear_probe", "novelty_auroc"]
"""Metrics of different kinds."""
SIZES = 1, 2, 5, 50
"""Cells of a type in a batch."""


def drawn(seed: int, n: int, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One draw: an embedding, types, and batches that have `size` cells of each type."""
    rng = np.random.default_rng(seed)
    label = np.arange(n) % 5
    return rng.standard_normal((n, 6)) + 1.2 * np.eye(6)[label], label, np.arange(n) // 5 // size


def strict(seed: int, n: int, size: int, n_boot: int) -> tuple[float, float, float]:
    """Label ASW with its interval, cells drawn within each stratum however small."""
    X, label, batch = drawn(seed, n, size)
    statistic = metrics.asw_label.statistic(metrics.Space.of(X, label, device="cpu"))
    blocks = stats.bootstrap_weights(label * (batch.max() + 1) + batch, n_boot, seed=seed)
    value = statistic(np.ones((n, 1))).item()
    return value, *stats.interval(np.concatenate([statistic(w) for w in blocks]))


def row(values: np.ndarray, low: np.ndarray, high: np.ndarray) -> str:
    """Share of the intervals that hold the mean value, and how wide they are beside the spread of the values."""
    held = ((low <= values.mean()) & (values.mean() <= high)).mean()
    return f"{held:.2f} / {np.mean(high - low) / (3.92 * values.std(ddof=1)):.2f}"


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--draws", type=int, default=200)
    arguments.add_argument("--cells", type=int, default=300)
    arguments.add_argument("--resamples", type=int, default=200)
    given = arguments.parse_args()
    print(f"| cells of a type in a batch | {' | '.join(ONLY)} | asw_label, not merged |")
    print("|---" * (len(ONLY) + 2) + "|")
    for size in SIZES:
        options = {"only": ONLY, "spaces": ["native"], "n_boot": given.resamples, "device": "cpu"}
        found = [
            metrics.score(*drawn(seed, given.cells, size), **options, seed=seed).table.set_index("metric")
            for seed in range(given.draws)
        ]
        ends = {m: np.array([t.loc[m, ["value", "ci_low", "ci_high"]] for t in found], float).T for m in ONLY}
        within = np.array([strict(seed, given.cells, size, given.resamples) for seed in range(given.draws)]).T
        print(f"| {size} | {' | '.join(row(*ends[m]) for m in ONLY)} | {row(*within)} |", flush=True)


if __name__ == "__main__":
    main()
