"""Where the results of one dataset lie, and how they are written and read.

.. code-block:: text

    results/<dataset>/expression/published.parquet   the published protocol, one number a row
    results/<dataset>/expression/scores.parquet      hidden genes, one number a row
    results/<dataset>/expression/curves.parquet      what was said by what is true
    results/<dataset>/expression/refused.parquet     networks that could not be asked, and why
    results/<dataset>/expression/about.json          what all this follows from
    results/<dataset>/expression/page.ipynb          the page
"""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from zslib.core import store
from zslib.studies.expression.protocol import Found

TABLES = ("published", "scores", "curves")


def folder(results: str | Path, dataset: str) -> Path:
    """Folder of the results of a dataset."""
    return Path(results) / dataset / "expression"


def write(results: str | Path, dataset: str, found: Found, refused: Mapping[str, str]) -> None:
    """Write the tables, each whole or not at all, with the name of the dataset in front."""
    for name in TABLES:
        table = getattr(found, name).copy()
        table.insert(0, "dataset", dataset)
        store.write_table(folder(results, dataset) / f"{name}.parquet", table)
    reasons = pd.DataFrame(list(refused.items()), columns=["network", "reason"])
    store.write_table(folder(results, dataset) / "refused.parquet", reasons)


def read(results: str | Path, dataset: str) -> Found | None:
    """Read the tables of a dataset; None where networks were not asked about it."""
    paths = [folder(results, dataset) / f"{name}.parquet" for name in TABLES]
    if not all(path.exists() for path in paths):
        return None
    return Found(**{name: pd.read_parquet(path) for name, path in zip(TABLES, paths, strict=True)})


def clear(results: str | Path, dataset: str) -> None:
    """Remove what an earlier run left."""
    for name in ("about.json", *(f"{table}.parquet" for table in (*TABLES, "refused"))):
        (folder(results, dataset) / name).unlink(missing_ok=True)
