"""What ``benchmarks/gpu.py`` measured, where it was run, and what the stages of a build cost."""

import json
from collections.abc import Sequence
from html import escape
from math import isnan
from pathlib import Path

import pandas as pd

from zslib import methods
from zslib.results import costs
from zslib.results.comparison import Comparison
from zslib.tables.html import NONE, facts, table, title

NOT_RUN = [("Measured", "not yet run on a GPU")]


def recorded(records: pd.DataFrame):
    """What the scripts in ``benchmarks/`` measured, beside what it replaces, of :func:`zslib.results.records.read`."""
    rows = [
        (
            f"{escape(row.what)}{'<br/>' if row.what else ''}<small>{escape(row.part)}</small>",
            _times(row.times) + (f"<br/><small>at most {_times(row.times_most)}</small>" * (row.most > 0)),
            _amount(row.value, row.unit),
            f"{_amount(row.other, row.unit)}<br/><small>{escape(row.than)}</small>" if row.than else NONE,
        )
        for row in records.itertuples()
    ]
    places = records[records["recorded"] != ""].groupby(["recorded"], sort=False)["part"].first()
    caption = (
        "What was measured, beside what it replaces. "
        + " ".join(f"{escape(part)}: {escape(recorded)}." for recorded, part in places.items())
        + " At most: were all arithmetic that an embedding needs as fast as the product of two large matrices, and all else free."
    )
    return table(rows, ["what", "times as fast", "here", "beside it"], caption=caption, kind="prose")


def gpu_run(path: str | Path):
    """Where and when the run of a JSON file was made, and with what; or that there is none yet."""
    run = _read(path)
    return facts(run["about"].items(), caption="The run that this page shows") if run else facts(NOT_RUN)


def gpu_rows(path: str | Path, *parts: str):
    """Measurements of some parts, as ``benchmarks/gpu.py --part`` has them, one a row; or that there is no run yet."""
    if not (run := _read(path)):
        return facts(NOT_RUN)
    rows = []
    for row in (row for row in run["rows"] if row["part"] in parts):
        value = "" if row["value"] is None else f"{row['value']:.4g} {row['unit']}".strip()
        bound = "" if row["bound"] is None else f"{row['bound']:g}"
        outcome = ": ".join(filter(None, (row["outcome"], row["note"])))
        rows.append(tuple(map(escape, (row["what"], row["measure"], outcome, value, bound))))
    header = ["what", "measure", "outcome", "value", "bound"]
    return table(rows, header, caption=f"Measured: {', '.join(parts)}", text_columns=3)


def stages(runs: Sequence[Comparison]):
    """Render what each stage of this build cost, over all its runs."""
    rows = []
    for stage, one in costs.measured(runs).groupby("stage", sort=False):
        method, dataset, most = one.sort_values("seconds")[["method", "dataset", "seconds"]].iloc[-1]
        slowest = f"{title(method)} on {dataset}" if method else dataset
        total, peak, disk = one["seconds"].sum(min_count=1), one["memory_mb"].max(), one["disk_mb"].sum()
        rows.append((stage, str(len(one)), _time(total), slowest, _time(most), _size(peak), _size(disk)))
    header = ["stage", "times", "in all", "the slowest", "took", "memory at most", "on disk"]
    caption = "What the stages of this build cost; the memory is the peak of a process, the libraries it has loaded included."
    return table(rows, header, caption=caption, text_columns=4)


def extrapolated(runs: Sequence[Comparison]):
    """Render what the stages of this build would cost on the paper's datasets, or took on those that were run whole."""
    found = costs.measured(runs)
    grown = costs.extrapolated(found[found["method"].map(lambda m: not m or methods.card(m).competes)])
    scoring, rows = grown["stage"] == "score", []
    # Scoring differs between methods by their numbers of dimensions alone: one row is enough.
    slowest = grown[scoring].sort_values("seconds").groupby("dataset", as_index=False).last()
    parts = [one for _, one in grown[~scoring].groupby(["stage", "method"], sort=False)]
    for one in [*parts, *([slowest] if len(slowest) else [])]:
        stage, method, power = one[["stage", "method", "power"]].iloc[0]
        what = f"{stage}, {title(method)}" if method else stage
        of = one.set_index("dataset")
        cells = [_grown(of.loc[name], n) for name, n in costs.PAPER.items()]
        rows.append((what, {1: "linearly", 2: "quadratically"}[power], *cells))
    header = ["stage", "time grows", *(f"{d} ({n // 1000}k)" for d, n in costs.PAPER.items())]
    caption = (
        "Time, memory and disk, with the number of cells that they were measured on in this build. On other numbers of cells "
        "time is extrapolated as stated, memory and disk linearly; of memory this is a bound, since a part of it does not "
        "grow, and a loose one where few cells were measured. Settings and device are those of this build. Of scoring, the "
        "slowest method stands for all."
    )
    return table(rows, header, caption=caption, text_columns=7, kind="prose")


def _grown(row, cells: int) -> str:
    measured = row["from_cells"] >= costs.ALL * cells
    time, memory, disk = _time(row["seconds"]), _size(row["memory_mb"]), _size(row["disk_mb"])
    how, bound = ("measured on", "") if measured else ("from", "" if isnan(row["memory_mb"]) else "≤ ")
    return f"{time}, {bound}{memory}, {disk}<br/><small>{how} {row['from_cells']:,}</small>"


def _amount(number: float, unit: str) -> str:
    if isnan(number):
        return "not measured"
    return {"s": _time, "MB": _size}.get(unit, lambda value: f"{value:.3g} {unit}")(number)


def _times(ratio: float) -> str:
    return NONE if isnan(ratio) else f"{ratio:.1f}×"


def _time(seconds: float) -> str:
    units = ((86_400, "days"), (3_600, "h"), (60, "min"))
    return _in(seconds, *next((u for u in units if seconds >= 2 * u[0]), (1, "s")))


def _size(mb: float) -> str:
    return _in(mb, *((1000, "GB") if mb >= 1000 else (1, "MB")))


def _in(number: float, unit: float, word: str) -> str:
    number /= unit
    return NONE if isnan(number) else f"{number:,.0f} {word}" if number >= 10 else f"{number:.2g} {word}"


def _read(path: str | Path) -> dict:
    return json.loads(Path(path).read_text()) if Path(path).exists() else {}
