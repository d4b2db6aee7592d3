"""All scores of an embedding of very many cells: time, memory and, where it can be had, how far from the exact ones.

    python benchmarks/scale.py                                      10,000 to 1,000,000 cells × 50 dimensions
    python benchmarks/scale.py --cells 200000 --n-boot 0 500
    python benchmarks/scale.py --cells 50000 --exact-up-to 20000    beside the exact scores of the same cells
    python benchmarks/scale.py --n-boot 0 --record benchmarks/scale.json

Every run is a process of its own. The cells are real ones, the 50 leading components of `kang`, each repeated with
noise a third as large as its distance to its nearest cell.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import recorded

DIMS = 50


def cells(n: int) -> dict[str, np.ndarray]:
    """Cells that are those of kang, repeated with noise; their components, types and batches."""
    import scanpy as sc

    from zslib import datasets, metrics

    kang = datasets.load("kang")
    X = kang.layers["counts"].astype(np.float32)
    X = sc.pp.log1p(sc.pp.normalize_total(sc.AnnData(X), target_sum=1e4, copy=True), copy=True).X
    top = np.sort(np.argsort(-(X.multiply(X).mean(axis=0).A1 - X.mean(axis=0).A1 ** 2))[:1000])
    pcs = metrics.pca(X[:, top].toarray(), DIMS).astype(np.float32)
    near = metrics.neighbors(pcs, device="cpu").distances[:, 0]
    rng = np.random.default_rng(0)
    rows = np.sort(rng.integers(0, len(pcs), n))
    noise = rng.standard_normal((n, DIMS), dtype=np.float32) * (near[rows, None] / 3 / np.sqrt(DIMS))
    label, batch = (kang.obs[column].to_numpy(str)[rows] for column in ("label", "batch"))
    before = pcs[rows] + noise
    shift = np.stack([pcs[kang.obs["batch"] == b].mean(axis=0) for b in np.unique(batch)])
    after = before - shift[np.unique(batch, return_inverse=True)[1]].astype(np.float32)
    return {"embedding": after, "unintegrated": before, "label": label, "batch": batch}


def run(n: int, n_boot: int, exact_up_to: int | None) -> dict:
    """Score them; wall and CPU seconds of the scores alone, peak memory, the table."""
    from zslib import metrics

    given = cells(n)
    asked = {} if exact_up_to is None else {"exact_up_to": exact_up_to}
    wall, cpu = time.monotonic(), time.process_time()
    found = metrics.score(
        **given, within_batch=given["unintegrated"][:, :10], n_boot=n_boot, device="cpu", **asked
    )
    return {
        "wall": time.monotonic() - wall,
        "cpu": time.process_time() - cpu,
        "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9,
        "recall": next(iter(found.spaces.values())).recall,
        "skipped": found.skipped,
        "table": found.table.query("space == 'native'").set_index("metric")[["value", "ci_low", "ci_high"]].T,
    }


def main() -> None:
    """Run each size in a process of its own; print what it took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cells", type=int, nargs="+", default=[10_000, 50_000, 200_000, 1_000_000])
    parser.add_argument("--n-boot", type=int, nargs="+", default=[0, 500])
    parser.add_argument("--exact-up-to", type=int)
    parser.add_argument("--record", type=Path, help="write the wall times down here")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        found = run(given.cells[0], given.n_boot[0], given.exact_up_to)
        print(json.dumps(found | {"table": found["table"].to_dict()}))
        return
    print("| cells | resamples | wall s | CPU s | peak GB | recall |\n|---|---|---|---|---|---|")
    tables, rows = {}, []
    for n in given.cells:
        for n_boot in given.n_boot:
            for up_to in [None] if given.exact_up_to is None else [given.exact_up_to, 10 * n]:
                command = [sys.executable, __file__, "--worker", "--cells", str(n), "--n-boot", str(n_boot)]
                command += [] if up_to is None else ["--exact-up-to", str(up_to)]
                done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
                one = json.loads(done.stdout.splitlines()[-1])
                tables[n, n_boot, up_to] = one["table"]
                rows += [
                    {"what": f"{n:,} cells", "value": round(one["wall"], 1), "unit": "s"},
                    {"what": f"{n:,} cells", "value": round(one["peak_gb"], 2), "unit": "GB"},
                ]
                numbers = f"{one['wall']:.0f} | {one['cpu']:.0f} | {one['peak_gb']:.2f} | {one['recall']:.3f}"
                print(f"| {n:,} | {n_boot} | {numbers} |", *map(str, one["skipped"].items()), flush=True)
    if given.record:
        recorded.write(
            given.record,
            f"all scores, {DIMS} dimensions, {given.n_boot[0]} resamples, in a fresh process",
            rows,
        )
    if given.exact_up_to is not None:
        print("\n| cells | resamples | score | sampled | exact |\n|---|---|---|---|---|")
        for (n, n_boot, up_to), table in tables.items():
            for name, ends in table.items() if up_to == given.exact_up_to else ():
                sampled = f"{ends['value']:.4f} ({ends['ci_low']:.4f} to {ends['ci_high']:.4f})"
                exact = tables[n, n_boot, 10 * n][name]["value"]
                print(f"| {n:,} | {n_boot} | {name} | {sampled} | {exact:.4f} |")


if __name__ == "__main__":
    main()
