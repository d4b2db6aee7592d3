"""How often the 95 % interval of a headline score holds the mean of the score over fresh draws of cells, embedded anew.

    python benchmarks/coverage_anew.py [--kang 16] [--simulated 40] [--halves 12]   # writes benchmarks/coverage_anew.csv

From kang 2,000 of 13,576 cells are drawn again and again, stratified as the book draws them; simulated cells, 400 of
five types in three batches, are made anew each time. Each draw is prepared, embedded by the cheap baselines and scored.
Three intervals are asked whether they hold the mean over all draws:

- resampled: the bootstrap of the cells, the embedding as it is;
- drawn anew: from random halves of the cells, embedded anew, as the book has it for these methods;
- widened: the bootstrap, widened by what the halves of the *other* methods ask for, as the book has it for methods that
  are not run again.

An entry pools methods and the native space. ``width`` is the mean width of an interval over that which holds 95 % of the
draws by their standard deviation: 1 is right, and Student's t with few halves has to be wider by a tenth.
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from zslib import datasets, metrics
from zslib.core import stats
from zslib.datasets import prepare
from zslib.results import embedding, robustness
from zslib.results.redrawn import HALF, Redrawn

METHODS = "hvg", "hvg-pca", "harmony"
METRICS = "avg_bio", "asw_label", "nmi_louvain", "ari_louvain", "avg_batch"
KINDS = "resampled", "drawn anew", "widened"


def simulated(seed: int):
    """Cells of five types that overlap, in three batches that differ, from one fixed population."""
    fixed, rng = np.random.default_rng(0), np.random.default_rng(seed + 1)
    n, genes = 400, 1200
    rate = 0.1 + fixed.gamma(0.4, 0.6, genes)
    profile = rate * np.exp(fixed.normal(0, 0.35, (5, genes)) * (fixed.random((5, genes)) < 0.15))
    shift = np.exp(fixed.normal(0, 0.12, (3, genes)))
    kind, batch = np.arange(n) % 5, np.arange(n) // 5 % 3
    depth = rng.lognormal(0, 0.3, (n, 1))
    counts = sparse.csr_matrix(rng.poisson(profile[kind] * shift[batch] * depth).astype(np.float32))
    obs = pd.DataFrame({"label": kind.astype(str), "batch": batch.astype(str)}, dtype="category")
    obs.index = [f"cell {i}" for i in range(n)]
    var = pd.DataFrame({"symbol": [f"G{i}" for i in range(genes)]}, index=[f"G{i}" for i in range(genes)])
    return prepare.prepare(AnnData(obs=obs, var=var, layers={"counts": counts}), n_cells=None)


def intervals(adata, halves: int, n_boot: int) -> list[tuple]:
    """Method, metric, kind of interval, value, and both ends, on one draw."""
    asked = {method: {} for method in METHODS}
    label, batch = (adata.obs[c].to_numpy() for c in ("label", "batch"))
    found = {}
    for method in METHODS:
        array, _ = embedding.compute(adata, method, device="cpu")
        given = {"unintegrated": adata.obsm["X_unintegrated"], "spaces": ["native"], "device": "cpu"}
        found[method] = metrics.score(array, label, batch, only=METRICS, n_boot=n_boot, **given)
    again = robustness.compute(adata, asked, only=[HALF], draws=halves, device="cpu")
    own = {m: one.replicates for m, one in found.items()}
    rows = []
    for method, one in found.items():
        known = Redrawn.of(again, own), Redrawn.of(again[again["method"] != method], own)
        tables = own[method], *(redrawn.widened(method, own[method]) for redrawn in known)
        for kind, table in zip(KINDS, tables, strict=True):
            for entry in one.table.itertuples():
                ends = stats.interval(table[f"native/{entry.metric}"].to_numpy())
                rows.append((method, entry.metric, kind, entry.value, *map(float, ends)))
    return rows


def table(rows: pd.DataFrame) -> pd.DataFrame:
    """Coverage and width of each kind of interval, a row a dataset and metric."""
    of_score = rows.groupby(["data", "method", "metric", "kind"])["value"]
    rows = rows.assign(mean=of_score.transform("mean"), spread=of_score.transform("std"))
    # A score at the end of its range in every draw, such as a PCR comparison of 0, has nothing to cover.
    rows = rows[rows["spread"] > 1e-6]
    held = (rows["low"] <= rows["mean"]) & (rows["mean"] <= rows["high"])
    width = (rows["high"] - rows["low"]) / (3.92 * rows["spread"])
    found = rows.assign(coverage=held, width=width).groupby(["data", "metric", "kind"], sort=False)
    return found.agg(intervals=("value", "size"), coverage=("coverage", "mean"), width=("width", "mean"))


def main() -> None:
    """Print the table, and keep it beside this file."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    given.add_argument("--kang", type=int, default=16, help="draws of 2,000 cells")
    given.add_argument("--simulated", type=int, default=40, help="draws of 400 cells")
    given.add_argument("--halves", type=int, default=robustness.DRAWS)
    given.add_argument("--resamples", type=int, default=200)
    given.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".csv"))
    given = given.parse_args()
    whole = datasets.load("kang") if given.kang else None
    draws = {
        "kang": (given.kang, lambda seed: prepare.prepare(whole, n_cells=2000, seed=seed)),
        "simulated": (given.simulated, simulated),
    }
    columns = ["data", "seed", "method", "metric", "kind", "value", "low", "high"]
    rows = []
    for data, (n, draw) in draws.items():
        for seed in range(n):
            rows += [
                (data, seed, *row) for row in intervals(draw(1000 + seed), given.halves, given.resamples)
            ]
            found = table(pd.DataFrame(rows, columns=columns)).round(2).reset_index()
            found.to_csv(given.out, index=False)  # what a run that is stopped has found is kept
            print(data, seed + 1, "of", n, flush=True)
    print(found.to_string())


if __name__ == "__main__":
    main()
