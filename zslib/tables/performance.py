"""What ``benchmarks/gpu.py`` measured, where it was run."""

import json
from html import escape
from pathlib import Path

from zslib.tables.html import facts, table


def gpu_run(path: str | Path):
    """Where and when the run was made, and with what; or that there is none yet."""
    path = Path(path)
    if not path.exists():
        return facts([("Status", "not yet run on a GPU")])
    return facts(json.loads(path.read_text())["about"].items(), caption="The run that this page shows")


def gpu_rows(path: str | Path, *parts: str):
    """Measurements of some parts, one a row; None where there is no run.

    Parameters
    ----------
    path
        The JSON file of a run.
    parts
        Names of parts, as ``benchmarks/gpu.py --part`` has them.
    """
    path = Path(path)
    if not path.exists():
        return None
    rows = [row for row in json.loads(path.read_text())["rows"] if row["part"] in parts]
    return table(map(_cells, rows), ["What", "Measure", "Outcome", "Value", "Bound"], text_columns=3)


def _cells(row: dict) -> tuple[str, ...]:
    value = "" if row["value"] is None else f"{row['value']:.4g} {row['unit']}".strip()
    bound = "" if row["bound"] is None else f"{row['bound']:.0e}"
    outcome = ": ".join(filter(None, (row["outcome"], row["note"])))
    return tuple(map(escape, (row["what"], row["measure"], outcome, value, bound)))
