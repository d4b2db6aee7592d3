"""From a file of a million cells to its pages: time and peak memory of each stage on the way.

    python benchmarks/million.py [--cells 1000000] [--genes 20000] [--folder DIR] [--stages prepare,hvg-pca,...]

The file holds cells of kang and baron: a cell of it is two cells of one type and batch together, of whose molecules each is
kept with chance one half. It is made once, some cells at a time, and takes under three gigabytes for a million cells; what
is made of it takes twenty-five more for a while. What is run is a report on all cells (``zslib report --cells 0``), by the very
steps that the grid takes, each stage in a process of its own. What is stored is not computed again.

Prints wall seconds, processor seconds and peak memory of each stage, and writes them down, see ``--out``. Ends with 1 where a
stage fails or takes more than 8 GB, or all together more than 90 minutes.
"""

import argparse
import os
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import recorded
from scipy import sparse

from zslib import datasets
from zslib.core import store
from zslib.datasets import parts, prepare
from zslib.results import Run, stages
from zslib.workflow import grid, report, steps

MOST_GB, MOST_MINUTES = 8, 90
METHODS = {"hvg-pca": "HVG → PCA", "geneformer-mini-kang": "a small Geneformer"}
SCORES = {f"scores of {method}": method for method in METHODS}
STAGES = {
    "file": "writing the file",
    "prepare": "preparing",
    **METHODS,
    **{stage: f"scores of {METHODS[method]}" for stage, method in SCORES.items()},
    "pages": "pages",
}
SOURCES = ("kang", "baron")
N_BOOT = 500


def cells(n_genes: int):
    """Real cells of several studies, with the genes that most molecules are of: counts, names of genes, and obs."""
    import anndata as ad

    found = ad.concat(
        {name: datasets.load(name) for name in SOURCES}, join="outer", fill_value=0, label="study"
    )
    total = np.asarray(found.layers["counts"].sum(axis=0)).ravel()
    genes = np.sort(np.argsort(-total, kind="stable")[:n_genes])
    obs = found.obs.reset_index(drop=True).astype(str)
    obs = pd.DataFrame({name: obs["study"] + ": " + obs[name] for name in ("label", "batch")})
    return sparse.csr_matrix(found.layers["counts"])[:, genes], found.var_names[genes], obs


def make(path: Path, n_cells: int, n_genes: int) -> None:
    """Write the file."""
    import h5py
    from anndata.io import write_elem

    counts, genes, obs = cells(n_genes)
    rng = np.random.default_rng(0)
    one = rng.permutation(np.resize(np.arange(len(obs)), n_cells))
    kind = obs.groupby(["label", "batch"]).ngroup().to_numpy()
    other = np.empty(n_cells, dtype=int)
    for k in range(kind.max() + 1):
        here = np.flatnonzero(kind[one] == k)
        other[here] = rng.choice(np.flatnonzero(kind == k), len(here))

    def drawn():
        for start in range(0, n_cells, parts.PART):
            rows = slice(start, start + parts.PART)
            both = counts[one[rows]] + counts[other[rows]]
            both.data = rng.binomial(both.data.astype(int), 0.5).astype(np.float32)
            both.eliminate_zeros()
            yield both

    with store.atomic(path) as temporary, h5py.File(temporary, "w") as file:
        parts.put(file, "X", drawn(), compression="lzf", shuffle=True)
        table = obs.iloc[one].set_axis([f"cell{i}" for i in range(n_cells)])
        write_elem(file, "obs", table.astype("category"))
        write_elem(file, "var", pd.DataFrame(index=genes))


def planned(folder: Path, path: Path) -> grid.Grid:
    """The report on all cells of the file."""
    made = report.plan(
        path, label="label", batch="batch", out=folder / "report", chosen=[*METHODS], n_cells=0, device="cpu"
    )
    store.write_json(Path(made.path), asdict(made))
    return made


def stage(name: str, folder: Path, path: Path) -> None:
    """Run one stage, in this process."""
    made = planned(folder, path)
    dataset, spec = next(iter(made.datasets.items()))
    if name == "prepare":
        return print(steps.prepare(made.results, dataset, spec, made.n_cells))
    adata = prepare.read(store.prepared_path(made.results, dataset))
    runs = {method: Run(Path(made.results), dataset, method, 0) for method in METHODS}
    if name in METHODS:
        print(stages.embed(runs[name], adata, name, device="cpu").shape)
    elif name in SCORES:
        print(len(stages.score(runs[SCORES[name]], adata, n_boot=N_BOOT, device="cpu")), "scores")
    else:
        for method in METHODS:
            print(steps.run(made.results, dataset, method, method, 0, "cpu", {}, N_BOOT))
        print(steps.compare(made.results, dataset, spec, made.path))
        print(report.render(made, folder / "report"))


def taken(command: list[str]) -> dict:
    """What a command takes."""
    started = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, used = os.wait4(process.pid, 0)
    return {
        "wall_s": round(time.perf_counter() - started, 1),
        "cpu_s": round(used.ru_utime + used.ru_stime, 1),
        "peak_gb": round(used.ru_maxrss / 1e6, 2),
        "failed": status != 0,
    }


def main() -> None:
    """Make the file if it is not there, and run the stages that are asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cells", type=int, default=1_000_000)
    parser.add_argument("--genes", type=int, default=20_000)
    parser.add_argument("--stages", default=",".join([*STAGES][1:]), help="of these, with commas between")
    parser.add_argument("--folder", type=Path, default=store.ROOT / "_build" / "million")
    parser.add_argument(
        "--out",
        type=Path,
        help="by default million.json beside what was made; the book shows benchmarks/files.json",
    )
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if unknown := set(given.stages.split(",")) - set(STAGES):
        parser.error(f"no stage {', '.join(sorted(unknown))}; there are: {', '.join(STAGES)}")
    path = given.folder.absolute() / f"{given.cells}.h5ad"
    folder = given.folder.absolute() / str(given.cells)
    if given.one == "file":
        return make(path, given.cells, given.genes)
    if given.one:
        return stage(given.one, folder, path)
    table = {}
    for name in [*([] if path.exists() else ["file"]), *given.stages.split(",")]:
        own = [f"--cells={given.cells}", f"--genes={given.genes}", f"--folder={given.folder}"]
        table[name] = taken([sys.executable, __file__, *own, f"--one={name}"])
        print(name, *(f"{key} {value}" for key, value in table[name].items()), flush=True)
        if table[name]["failed"]:
            break
    rows = [
        {"what": f"{STAGES[name]}{how}", "value": one[key], "unit": unit}
        for name, one in table.items()
        for key, how, unit in (
            ("wall_s", "", "s"),
            ("cpu_s", ", processor", "CPU s"),
            ("peak_gb", ", memory", "GB"),
        )
    ]
    measured = f"a file of {given.cells:,} cells and {given.genes:,} genes by benchmarks/million.py; scores with {N_BOOT} resamples"
    recorded.write(given.out or folder / "million.json", measured, rows)
    run = [table[name] for name in table if name != "file"]
    large = max(one["peak_gb"] for one in table.values()) > MOST_GB
    long = sum(one["wall_s"] for one in run) > 60 * MOST_MINUTES
    sys.exit(int(large or long or any(one["failed"] for one in table.values())))


if __name__ == "__main__":
    main()
