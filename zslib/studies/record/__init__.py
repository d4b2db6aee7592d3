"""The public record: scores of frozen models that others published, each with its source, read as carefully as our own.

One file a source in ``sources/``: a card and a table of numbers (:mod:`zslib.studies.record.source`). The verdicts
compare methods within a source and never across (:mod:`zslib.studies.record.evidence`).
"""

from functools import cache
from pathlib import Path

import pandas as pd

from zslib.studies.record.source import TASKS, Source, read

__all__ = ["TASKS", "Source", "read", "scores", "sources"]
FOLDER = Path(__file__).with_name("sources")


@cache
def sources() -> dict[str, Source]:
    """All sources by name, the largest first."""
    found = [read(path) for path in sorted(FOLDER.glob("*.csv"))]
    return {source.name: source for source in sorted(found, key=lambda s: -len(s.table))}


def scores() -> pd.DataFrame:
    """Every published number, one a row.

    Returns
    -------
    Columns source, dataset, n_cells, method, variant, metric, value, spread, where (repository, commit and file, or
    DOI), note, kind, license. Names are those of the source; metrics of one name may differ between sources.
    """
    tables = {
        name: source.table.assign(
            where=source.at + ":" + source.table["where"], kind=source.kind, license=source.license
        )
        for name, source in sources().items()
    }
    return pd.concat(tables, names=["source"]).reset_index("source").reset_index(drop=True)
