"""What ``benchmarks/gpu.py`` measured, where it was run."""

import json
from html import escape
from pathlib import Path

from zslib.tables.html import facts, table

NONE = [("Measured", "not yet run on a GPU")]


def gpu_run(path: str | Path):
    """Where and when the run was made, and with what; or that there is none yet."""
    run = _read(path)
    return facts(run["about"].items() if run else NONE, caption="The run that this page shows" if run else "")


def gpu_rows(path: str | Path, *parts: str):
    """Measurements of some parts, one a row; or that there is no run yet.

    Parameters
    ----------
    path
        The JSON file of a run.
    parts
        Names of parts, as ``benchmarks/gpu.py --part`` has them.
    """
    run = _read(path)
    if not run:
        return facts(NONE)
    rows = [row for row in run["rows"] if row["part"] in parts]
    header = ["what", "measure", "outcome", "value", "bound"]
    caption = f"Measured: {', '.join(parts)}"
    return table(map(_cells, rows), header, caption=caption, text_columns=3)


def _read(path: str | Path) -> dict:
    return json.loads(Path(path).read_text()) if Path(path).exists() else {}


def _cells(row: dict) -> tuple[str, ...]:
    value = "" if row["value"] is None else f"{row['value']:.4g} {row['unit']}".strip()
    bound = "" if row["bound"] is None else f"{row['bound']:g}"
    outcome = ": ".join(filter(None, (row["outcome"], row["note"])))
    return tuple(map(escape, (row["what"], row["measure"], outcome, value, bound)))
