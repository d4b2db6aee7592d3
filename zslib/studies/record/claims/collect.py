"""Comparisons of the record and of this build, as evidence."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from zslib.core import stats
from zslib.metrics import CARDS
from zslib.results.comparison import SPACES, Comparison
from zslib.results.report.words import title_of
from zslib.studies.record import sources
from zslib.studies.record.claims.claim import BUILD, LEAST, Build, Evidence, over_datasets
from zslib.studies.record.figures import MODELS, method_of
from zslib.studies.record.source import BASELINES


def lead(run: Comparison, method: str, rival: str, metric: str, space: str = "native"):
    """How much higher a method scores than a rival on one dataset, with the interval over its cells.

    Returns
    -------
    Row with difference, ci_low, ci_high; None where one of them did not run or the metric is not defined.
    """
    table = run.differences(rival, metric, space).set_index("method")
    return table.loc[method] if method in table.index else None


def moved(run: Comparison, method: str, rival: str, metric: str) -> stats.Difference | None:
    """How much of a lead is gone when both embeddings are reduced to 50 components."""
    found = [run.scored(metric, [method, rival], space) for space in SPACES]
    if any(len(names) < 2 for names, *_ in found):
        return None
    leads = [values[0] - values[1] for _, values, _ in found]
    again = [replicates[:, 0] - replicates[:, 1] for *_, replicates in found]
    return stats.paired_difference(*again, estimate=leads[0] - leads[1])


def from_record(
    table: pd.DataFrame, what: str, task: str = "cell_types", *, score: str = "", decides: bool = True
) -> Iterator[Evidence]:
    """Differences of the record, with columns source, dataset and difference, as one comparison."""
    if len(table):
        scores = {sources()[s].tasks[task]["score"] for s in table["source"]}
        said = score or (scores.pop() if len(scores) == 1 else "each source's own score")
        titles = table["source"].map(lambda s: sources()[s].title)
        found = over_datasets(table["difference"], titles, table["dataset"])
        yield Evidence(what=what, score=said, decides=decides, **found)


def over_build(
    build: Build, method: str, rival: str, what: str, *, decides: bool = True, floor_to_ceiling: bool = False
) -> Iterator[Evidence]:
    """Differences in AvgBIO over the datasets of this build as one comparison; none where one of both did not run."""
    found = {}
    for run in build.runs:
        if (row := lead(run, method, rival, "avg_bio")) is not None:
            found[run.dataset] = row.difference
            if floor_to_ceiling:
                way = lead(run, "labels", "random", "avg_bio")
                found[run.dataset] = row.difference / way.difference if way is not None else np.nan
    table = pd.Series(found, dtype=float).dropna()
    if len(table):
        score = "share of the way" if floor_to_ceiling else CARDS["avg_bio"].title
        read = over_datasets(table, pd.Series(BUILD, table.index))
        yield Evidence(what=what, score=score, decides=decides and len(table) >= LEAST, **read)


def hvg_on_dataset(run: Comparison, rival: str, metric: str) -> Iterator[Evidence]:
    """HVG less a rival on one dataset of this build; nothing where one of them has no score."""
    if (row := lead(run, "hvg", rival, metric)) is not None:
        yield Evidence(
            what=f"HVG less {title_of(rival)}",
            dataset=run.dataset,
            score=CARDS[metric].title,
            difference=float(row.difference),
            interval=(float(row.ci_low), float(row.ci_high)),
            over="cells",
        )


def best_rivals(build: Build) -> Iterator[tuple]:
    """Datasets where HVG has a batch ASW, and the best of the other baselines and published models that have one."""
    for run in build.runs:
        names, values, _ = run.scored("asw_batch", list(map(method_of, (*BASELINES, *MODELS))))
        others = [(value, m) for m, value in zip(names, values, strict=True) if m != "hvg"]
        if "hvg" in names and others:
            yield run, max(others)[1]
