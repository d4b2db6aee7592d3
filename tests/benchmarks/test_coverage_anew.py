"""The table of coverage in the README is the one that the command wrote."""

import pandas as pd

from zslib.core import store

FOLDER = store.ROOT / "benchmarks"


def test_the_readme_shows_what_was_measured():
    table = pd.read_csv(FOLDER / "coverage_anew.csv")
    text = (FOLDER / "README.md").read_text()
    shown = [line for line in text.splitlines() if line.startswith(("| kang |", "| simulated |"))]
    groups = list(table.groupby(["data", "metric"], sort=False))
    assert len(shown) == len(groups) == 10
    for line, ((data, _), rows) in zip(shown, groups, strict=True):
        entries = [f"{row.coverage:.2f} / {row.width:.2f}" for row in rows.itertuples()]
        assert line.split(" | ")[0] == f"| {data}"
        assert line.rstrip(" |").split(" | ")[2:] == entries
