"""What each stage cost where it ran, and what it would cost on as many cells as the paper had."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from zslib.core import store
from zslib.results import repeats
from zslib.results.comparison import Comparison
from zslib.results.run import SCORED, altered_path

PAPER = {
    "pancreas-16k": 16_000,
    "pbmc-12k": 12_000,
    "pbmc-95k": 95_000,
    "immune-330k": 330_000,
    "tabula-sapiens": 483_000,
}
"""The paper's datasets, each with the cells that the paper gives it."""
STAGES = {"prepare": 1, "embed": 1, "score": 2, "draw anew": 2, "repeat": 2}
"""Each stage with the power of the number of cells by which its time grows: scoring looks at all pairs of cells."""
ALL = 0.9
"""Share of a dataset's cells, as the paper gives them, that are all: filters take some."""
COST = ["seconds", "memory_mb", "disk_mb"]


def measured(runs: Sequence[Comparison]) -> pd.DataFrame:
    """What the stages of a build cost.

    Returns
    -------
    Columns stage, dataset, method (empty where a stage is of all methods), n_cells, seconds, memory_mb (at its peak, of
    the whole process), disk_mb; NaN where nothing was written down.
    """
    rows = [row for run in runs for row in _of_dataset(run)]
    return pd.DataFrame(rows, columns=["stage", "dataset", "method", "n_cells", *COST])


def extrapolated(costs: pd.DataFrame, cells: dict[str, int] = PAPER) -> pd.DataFrame:
    """What stages would cost on other numbers of cells, from where each was measured on the most cells.

    Parameters
    ----------
    costs
        See :func:`measured`.
    cells
        Datasets, each with its number of cells.

    Returns
    -------
    One row a stage, method and dataset of `cells`: stage, method, dataset, from_cells, power, seconds, memory_mb, disk_mb.
    A dataset that was run with nearly all its cells has what it took there, and its own number in from_cells. Elsewhere time
    grows by the power of :data:`STAGES`, and memory and disk linearly, which says too much of what does not grow, such as
    the libraries themselves.
    """
    rows = []
    for (stage, method), of in costs.groupby(["stage", "method"], sort=False):
        for dataset, n in cells.items():
            same = of[(of["dataset"] == dataset) & (of["n_cells"] >= ALL * n)]
            row = (same if len(same) else of.sort_values("n_cells", kind="stable")).iloc[-1]
            times, power = 1.0 if len(same) else n / row["n_cells"], STAGES[stage]
            grown = [row["seconds"] * times**power, row["memory_mb"] * times, row["disk_mb"] * times]
            rows.append((stage, method, dataset, row["n_cells"], power, *grown))
    columns = ["stage", "method", "dataset", "from_cells", "power", *COST]
    order = list(STAGES).index
    return pd.DataFrame(rows, columns=columns).sort_values("stage", key=lambda s: s.map(order), kind="stable")


def _of_dataset(run: Comparison) -> Iterator[tuple]:
    first = {method: run.runs_of(method)[0] for method in run.ran}
    if not first:
        return
    n = run.n_cells
    of = run.results, run.dataset
    files = {"prepare": store.prepared_path(*of), "draw anew": altered_path(*of), "repeat": repeats.path(*of)}
    for stage, file in files.items():
        if file.exists():
            yield stage, run.dataset, "", n, *_cost(_json(file.with_suffix(".json")), file)
    for method, one in first.items():
        yield "embed", run.dataset, method, n, *_cost(one.about, one.folder / "embedding.npy")
        scored = [one.folder / name for name in SCORED]
        yield "score", run.dataset, method, n, *_cost(_json(one.folder / "scored.json"), *scored)


def _json(path: Path) -> dict:
    return json.loads(path.read_text()) if path.exists() else {}


def _cost(about: dict, *files: Path) -> tuple[float, float, float]:
    disk = sum(file.stat().st_size for file in files if file.exists()) / 1e6
    return about.get("seconds", float("nan")), about.get("peak_memory_mb", float("nan")), disk
