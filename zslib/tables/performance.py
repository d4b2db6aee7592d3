"""What ``benchmarks/gpu.py`` measured, where it was run."""

import json
from html import escape
from pathlib import Path

from zslib.tables.html import facts, table

NONE = [("Measured", "not yet run on a GPU")]


def gpu_run(path: str | Path):
    """Where and when the run was made, and with what; or that there is none yet."""
    path = Path(path)
    if not path.exists():
        return facts(NONE)
    return facts(json.loads(path.read_text())["about"].items(), caption="The run that this page shows")


def gpu_rows(path: str | Path, *parts: str):
    """Measurements of some parts, one a row; or that there is no run yet.

    Parameters
    ----------
    path
        The JSON file of a run.
    parts
        Names of parts, as ``benchmarks/gpu.py --part`` has them.
    """
    path = Path(path)
    if not path.exists():
        return facts(NONE)
    rows = [row for row in json.loads(path.read_text())["rows"] if row["part"] in parts]
    return table(map(_cells, rows), ["What", "Measure", "Outcome", "Value", "Bound"], text_columns=3)


def _cells(row: dict) -> tuple[str, ...]:
    value = "" if row["value"] is None else f"{row['value']:.4g} {row['unit']}".strip()
    bound = "" if row["bound"] is None else f"{row['bound']:g}"
    outcome = ": ".join(filter(None, (row["outcome"], row["note"])))
    return tuple(map(escape, (row["what"], row["measure"], outcome, value, bound)))
