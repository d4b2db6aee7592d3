"""What the scripts in ``benchmarks/`` measured, as they wrote it down.

A record is a JSON file: ``about`` says when and on what it was measured, ``rows`` holds what. A row says of ``what``,
its ``value`` with a ``unit``, and may say what the ``other`` way took that it was compared with (``than``), the best
value that can be reached (``most``) and what else ran ``beside`` it. No value: not measured.
"""

import json
from pathlib import Path

import pandas as pd

NAMES = {
    "embedding": "Embedding",
    "scale": "Scoring",
    "files": "From file to page, a million cells",
    "report": "A report about a file",
    "slurm": "A grid on Slurm",
}
"""Records, each with what it is of."""
NOTHING = "Nothing was measured here yet beside what it replaces."
COLUMNS = ["part", "what", "value", "unit", "other", "than", "most", "beside", "recorded"]


def read(folder: str | Path) -> pd.DataFrame:
    """Every record in a folder, a row a measurement.

    Returns
    -------
    Columns part, what, value, unit, other, than, most, beside, recorded (when and on what), times (how many times as
    fast as the other way) and times_most (how many could be reached). A record that is not there is a row without value.
    """
    rows = []
    for name, part in NAMES.items():
        path = Path(folder) / f"{name}.json"
        found = json.loads(path.read_text()) if path.exists() else {"about": {}, "rows": [{"what": ""}]}
        about = ", ".join(found["about"].get(key, "") for key in ("measured", "processor", "date"))
        rows += [{"part": part, "recorded": about.strip(", "), **row} for row in found["rows"]]
    for row in rows:
        if row.get("beside"):
            row["what"] += f", beside {row['beside']}"
    table = pd.DataFrame(rows, columns=COLUMNS)
    numbers = ["value", "other", "most"]
    table[numbers] = table[numbers].astype(float)
    table = table.fillna({"unit": "", "than": "", "beside": ""})
    power = table["unit"].str.endswith("/s").map({True: 1, False: -1})
    table["times"] = (table["value"] / table["other"]) ** power
    return table.assign(times_most=(table["most"] / table["other"]) ** power)


def finding(table: pd.DataFrame) -> str:
    """Say in a sentence how much faster this project is than what it was measured beside."""
    compared = table.dropna(subset="times")
    compared = compared[~compared["unit"].str.startswith("CPU")]
    if compared.empty:
        return NOTHING
    said = []
    for (part, beside, than), some in compared.groupby(["part", "beside", "than"], sort=False):
        beside = f" beside {beside}" if beside else ""
        ends = dict.fromkeys(f"{times:.1f}" for times in (some["times"].min(), some["times"].max()))
        said.append(f"{part.lower()}{beside} is {' to '.join(ends)} times as fast as {than}")
    return f"On the same cores, {'; '.join(said)}."
