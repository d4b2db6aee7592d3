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
from typing import NamedTuple

import pandas as pd

from zslib.core import store


class PredictionScores(NamedTuple):
    """What came out."""

    published: pd.DataFrame
    """Of the published protocol: scale, network, predictor, score, value, ci_low, ci_high, n, better."""
    scores: pd.DataFrame
    """Of hidden genes: the same and ``fraction``. For baselines ``network`` is empty."""
    curves: pd.DataFrame
    """What was said of expressed hidden genes by their true value: scale, network, predictor, true, predicted (means of
    a group of like values), low and high (that hold 80 % of them), n."""


def folder(results: str | Path, dataset: str) -> Path:
    """Folder of the results of a dataset."""
    return Path(results) / dataset / "expression"


def write(results: str | Path, dataset: str, found: PredictionScores, refused: Mapping[str, str]) -> None:
    """Write the tables, each whole or not at all, with the name of the dataset in front."""
    here, reasons = folder(results, dataset), pd.DataFrame(refused.items(), columns=["network", "reason"])
    store.write_table(here / "refused.parquet", reasons)
    for name, table in found._asdict().items():
        store.write_table(here / f"{name}.parquet", table.assign(dataset=dataset)[["dataset", *table]])


def read(results: str | Path, dataset: str) -> PredictionScores | None:
    """Read the tables of a dataset; None where networks were not asked about it."""
    paths = [folder(results, dataset) / f"{name}.parquet" for name in PredictionScores._fields]
    return PredictionScores(*map(pd.read_parquet, paths)) if all(path.exists() for path in paths) else None


def clear(results: str | Path, dataset: str) -> None:
    """Remove what an earlier run left."""
    for path in (*folder(results, dataset).glob("*.parquet"), folder(results, dataset) / "about.json"):
        path.unlink(missing_ok=True)
