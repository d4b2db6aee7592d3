"""Published scores beside those of this build, where both are of the same cells and the same method."""

import pandas as pd

from zslib import methods
from zslib.metrics import CARDS
from zslib.studies.record import evidence, sources
from zslib.studies.record.claims.build import Build
from zslib.studies.record.claims.frozen import ASKED
from zslib.studies.record.figures import METHOD_OF

COLUMNS = ["source", "dataset", "ours", "name", "method", "score", "published", "left_out"]


def repeatable() -> pd.DataFrame:
    """Published scores that could be computed again, as their dataset and their method are in this project.

    Returns
    -------
    Columns source, dataset (the book's title), ours (the dataset's name in this project, from ``ours`` on the source's
    card), name (model or baseline), method (its name in this project), score (what the source calls it), published, left_out,
    metric (of this project, the nearest to it).
    """
    ours = {
        (source.name, source.title_of(dataset)): about["ours"]
        for source in sources().values()
        for dataset, about in source.datasets.items()
        if "ours" in about
    }
    tables = [evidence.headline(task).assign(metric=metric) for task, metric in ASKED.items()]
    table = pd.concat(tables, ignore_index=True).rename(columns={"value": "published"})
    known = {methods.card(name).checkpoint: name for name in METHOD_OF.values()}
    table["ours"] = [ours.get(key) for key in zip(table["source"], table["dataset"], strict=True)]
    of_checkpoint, of_name = table["checkpoint"].map(known), table["name"].map(METHOD_OF)
    table["method"] = of_checkpoint.where(table["checkpoint"] != "", of_name)
    return table.dropna(subset=["ours", "method"])[[*COLUMNS, "metric"]].reset_index(drop=True)


def beside(build: Build) -> pd.DataFrame:
    """Published scores that this build has too.

    Returns
    -------
    Rows and columns of :func:`repeatable`, and here, ci_low, ci_high (of this build).
    """
    runs, rows = {run.dataset: run for run in build.runs}, []
    for row in repeatable().to_dict("records"):
        run = runs.get(row["ours"])
        if run is None or row["method"] not in run.ran:
            continue
        if (entry := run.value(row["method"], row["metric"])) is not None:
            rows.append(row | {"here": entry.value, "ci_low": entry.ci_low, "ci_high": entry.ci_high})
    found = pd.DataFrame(rows, columns=[*COLUMNS, "metric", "here", "ci_low", "ci_high"])
    return found.assign(metric=found["metric"].map(lambda name: CARDS[name].title))
