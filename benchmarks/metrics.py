"""Ours, scib-metrics and scib on the same embedding: wall time, CPU time, peak memory, and the values side by side.

    python benchmarks/metrics.py                                   10,000 cells × 50 dimensions, all three
    python benchmarks/metrics.py --cells 10000 50000 200000 --dims 30 512 2000 --limit 7200
    python benchmarks/metrics.py --cells 200000 --dims 30 --tools zslib
    python benchmarks/metrics.py --n-boot 500                      ours with its intervals, which the others lack

Every run is a process of its own, so that imports and compilation count, as they do in practice. A run that
is not done within the limit is stopped, and the table says so. The cells are made up: ten types, of which one is
missing in one of five batches. Each tool runs what it offers at its defaults: scib-metrics its Benchmarker; scib its
metrics of an embedding, Leiden at the best of its resolutions included, without kBET, which needs R; ours all its
scores but those of discovery and scGraph, which needs counts, and so much more than either.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

TOOLS = ("zslib", "scib-metrics", "scib")


def cells(n: int, d: int) -> dict[str, np.ndarray]:
    """Cells of ten types in five batches, before and after a part of the batch effect is gone."""
    rng = np.random.default_rng(0)
    types, batches = 10, 5
    label = rng.choice(types, n, p=[0.3, 0.2, 0.15, 0.1, 0.08, 0.06, 0.05, 0.03, 0.02, 0.01])
    batch = np.where(label == types - 1, rng.integers(0, batches - 1, n), rng.integers(0, batches, n))
    place, shift = rng.standard_normal((types, d)), 0.4 * rng.standard_normal((batches, d))
    noise = 1.2 * rng.standard_normal((n, d), dtype=np.float32)
    after = (place[label] + shift[batch]).astype(np.float32) + noise
    before = after + (2 * shift[batch]).astype(np.float32)
    return {"X": after, "before": before[:, :50], "label": label.astype(str), "batch": batch.astype(str)}


def zslib(given, n_boot: int) -> dict[str, float]:
    """Every score of ours, in the native space and, where it differs, in pca50."""
    from zslib import metrics

    before = metrics.pca(given["before"], 50)
    only = [name for name, card in metrics.CARDS.items() if card.family != "discovery"]
    found = metrics.score(
        given["X"], given["label"], given["batch"], only=only, unintegrated=before, n_boot=n_boot
    ).table
    return dict(found[found["space"] == "native"].set_index("metric")["value"])


def scib_metrics(given, n_boot: int) -> dict[str, float]:
    """The Benchmarker at its defaults."""
    from scib_metrics.benchmark import Benchmarker

    adata = _anndata(given)
    run = Benchmarker(adata, "batch", "label", ["X_emb"], pre_integrated_embedding_obsm_key="X_before")
    run.benchmark()
    return dict(run.get_results(clean_names=False).loc["X_emb"].astype(float))


def scib(given, n_boot: int) -> dict[str, float]:
    """What scib offers for an embedding, one after the other."""
    import scanpy as sc
    import scib
    from anndata import AnnData

    adata, keys = _anndata(given), {"label_key": "label", "batch_key": "batch"}
    sc.pp.neighbors(adata, use_rep="X_emb")
    scib.cl.cluster_optimal_resolution(adata, label_key="label", cluster_key="cluster")
    before = AnnData(given["before"], obs=adata.obs)
    quiet = {"verbose": False}
    measures = {
        "nmi": lambda: scib.me.nmi(adata, "cluster", "label"),
        "ari": lambda: scib.me.ari(adata, "cluster", "label"),
        "silhouette_label": lambda: scib.me.silhouette(adata, "label", "X_emb"),
        "silhouette_batch": lambda: scib.me.silhouette_batch(adata, "batch", "label", "X_emb", **quiet),
        "isolated_labels_asw": lambda: scib.me.isolated_labels_asw(adata, embed="X_emb", **keys, **quiet),
        "isolated_labels_f1": lambda: scib.me.isolated_labels_f1(adata, embed=None, **keys, **quiet),
        "graph_connectivity": lambda: scib.me.graph_connectivity(adata, "label"),
        "pcr_comparison": lambda: scib.me.pcr_comparison(before, adata, "batch", embed="X_emb"),
        "ilisi": lambda: scib.me.ilisi_graph(adata, "batch", type_="embed", use_rep="X_emb"),
        "clisi": lambda: scib.me.clisi_graph(adata, "label", type_="embed", use_rep="X_emb"),
    }
    found = {}
    for name, measure in measures.items():
        try:
            found[name] = float(measure())
        except Exception as error:  # its LISI runs a binary that not every system can
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
    return found


SAME = {
    # ours: the names in scib-metrics and in scib, where the definition is the same but for the search for neighbors
    "asw_label": ("silhouette_label", "silhouette_label"),
    "asw_batch": (None, "silhouette_batch"),
    "bras": ("bras", None),
    "isolated_asw": ("isolated_labels", "isolated_labels_asw"),
    "isolated_f1": (None, "isolated_labels_f1"),
    "nmi_leiden": (None, "nmi"),
    "ari_leiden": (None, "ari"),
    "clisi": ("clisi_knn", "clisi"),
    "ilisi": ("ilisi_knn", "ilisi"),
    "kbet_per_label": ("kbet_per_label", None),
    "graph_connectivity": ("graph_connectivity", "graph_connectivity"),
    "pcr_comparison": ("pcr_comparison", "pcr_comparison"),
}


def measure(tool: str, folder: Path, limit: float, n_boot: int) -> dict:
    """Run a tool in a process of its own; seconds, memory and values, or why there are none."""
    out = folder / "values.json"
    out.unlink(missing_ok=True)
    command = [sys.executable, __file__, "--worker", tool, "--folder", str(folder), "--n-boot", str(n_boot)]
    start = time.monotonic()
    with open(folder / "log.txt", "w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() - start > limit:
                process.kill()
                os.wait4(process.pid, 0)
                return {"outcome": f"not finished within {limit:,.0f} s"}
            time.sleep(0.05)
    if status:
        return {"outcome": "failed: " + (folder / "log.txt").read_text().strip().splitlines()[-1]}
    return {
        "outcome": "done",
        "wall": time.monotonic() - start,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak_gb": usage.ru_maxrss / (1e9 if sys.platform == "darwin" else 1e9 / 1024),
        "values": json.loads(out.read_text()),
    }


def report(n: int, d: int, runs: dict[str, dict]) -> None:
    """Print what each tool took, and the values that mean the same."""
    print(
        f"\n{n:,} cells × {d:,} dimensions\n\n| tool | wall s | CPU s | peak GB | wall over ours |\n|---|---|---|---|---|"
    )
    ours = runs.get("zslib", {}).get("wall")
    for tool, run in runs.items():
        if run["outcome"] != "done":
            print(f"| {tool} | {run['outcome']} | | | |")
            continue
        times = f"{run['wall'] / ours:.1f}" if ours else ""
        print(f"| {tool} | {run['wall']:.1f} | {run['cpu']:.1f} | {run['peak_gb']:.2f} | {times} |")
    values = {tool: run.get("values", {}) for tool, run in runs.items()}
    print("\n| score | zslib | scib-metrics | scib |\n|---|---|---|---|")
    for name, (one, other) in SAME.items():
        row = [values.get(t, {}).get(key) for t, key in zip(TOOLS, (name, one, other), strict=True)]
        print(f"| {name} | " + " | ".join("–" if v is None else f"{v:.4f}" for v in row) + " |")


def main() -> None:
    """Read the command line; measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cells", type=int, nargs="+", default=[10_000])
    parser.add_argument("--dims", type=int, nargs="+", default=[50])
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=list(TOOLS))
    parser.add_argument("--limit", type=float, default=3600, help="seconds a run may take")
    parser.add_argument("--n-boot", type=int, default=0, help="resamples behind our intervals")
    parser.add_argument("--json", type=Path, help="write all numbers here too")
    parser.add_argument("--worker", choices=TOOLS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        tool = {"zslib": zslib, "scib-metrics": scib_metrics, "scib": scib}[given.worker]
        with np.load(given.folder / "cells.npz") as cells_:
            found = tool(dict(cells_), given.n_boot)
        (given.folder / "values.json").write_text(json.dumps({k: float(v) for k, v in found.items()}))
        return
    everything = []
    for n in given.cells:
        for d in given.dims:
            with tempfile.TemporaryDirectory() as folder:
                np.savez(Path(folder) / "cells.npz", **cells(n, d))
                runs = {tool: measure(tool, Path(folder), given.limit, given.n_boot) for tool in given.tools}
            report(n, d, runs)
            everything.append({"n_cells": n, "n_dims": d, "n_boot": given.n_boot, "runs": runs})
    if given.json:
        given.json.write_text(json.dumps(everything, indent=1))


def _anndata(given):
    import pandas as pd
    from anndata import AnnData

    obs = pd.DataFrame({name: pd.Categorical(given[name]) for name in ("label", "batch")})
    obs.index = obs.index.astype(str)
    return AnnData(given["X"], obs=obs, obsm={"X_emb": given["X"], "X_before": given["before"]})


if __name__ == "__main__":
    main()
