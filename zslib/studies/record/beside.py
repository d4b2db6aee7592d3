"""Published scores beside those of this build: the same cells, the same method, the same or the nearest metric.

What matches what stands on the cards: a source says which dataset, metric and settings of this project its own are, and a
method by which names it goes in the record.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pandas as pd

from zslib import methods
from zslib.results.comparison import Comparison
from zslib.results.report.words import signed
from zslib.studies.record import evidence, sources
from zslib.studies.record.figures import MODELS
from zslib.studies.record.source import Source

COLUMNS = ["source", "dataset", "name", "method", "metric", "settings", "n_cells", "published", "differs", "left_out"]  # fmt: skip
ALIKE = 0.01
"""Share of the cells that other filters may take without these being other cells."""


@cache
def repeatable() -> pd.DataFrame:
    """Published scores that could be computed again, as dataset, method and metric are in this project.

    Returns
    -------
    Columns source, dataset, method and metric (this project's names), name (model or baseline of the record), settings (in
    the source's words), n_cells, published, differs (what else is known to differ, a list), left_out (why it has no part
    in verdicts, empty if it has).
    """
    known = [(name, card.name) for card in map(methods.card, methods.names()) for name in card.in_record]
    tables = [_repeatable(source) for source in sources().values() if source.metrics]
    table = pd.concat(tables, ignore_index=True)
    table = table.merge(pd.DataFrame(known, columns=["known", "method"]), on="known")
    return table.sort_values(["dataset", "method", "metric"], kind="stable", ignore_index=True)[COLUMNS]


def beside(runs: Sequence[Comparison]) -> pd.DataFrame:
    """Published scores that this build has too.

    Returns
    -------
    Rows and columns of :func:`repeatable`, and here, ci_low, ci_high (of this build), parameters (of its run), verdict.
    """
    of, rows = {run.dataset: run for run in runs}, []
    for row in repeatable().to_dict("records"):
        run = of.get(row["dataset"])
        if run is None or (entry := run.value(row["method"], row["metric"])) is None:
            continue
        about = run.runs_of(row["method"])[0].about
        differs = [*_cells(row["n_cells"], about["n_cells"]), *row["differs"]]
        found = {"here": entry.value, "ci_low": entry.ci_low, "ci_high": entry.ci_high}
        said = verdict(row["published"], *found.values(), differs, row["left_out"])
        rows.append(row | found | {"parameters": about["parameters"], "differs": differs, "verdict": said})
    return pd.DataFrame(rows, columns=[*COLUMNS, "here", "ci_low", "ci_high", "parameters", "verdict"])


def verdict(
    published: float, here: float, ci_low: float, ci_high: float, differs: Sequence[str] = (), left_out: str = ""
) -> str:  # fmt: skip
    """Say whether a score of this build, with its interval if it has one, agrees with a published one.

    ``differs`` is what is known to differ between them, ``left_out`` why the published one cannot be trusted.
    """
    by = signed(here - published)
    if left_out:
        return f"cannot be told: the published score is left out of verdicts ({left_out})"
    low, high = (here, here) if np.isnan(ci_low) else (ci_low, ci_high)
    if round(low, 2) <= round(published, 2) <= round(high, 2):
        return "agrees within the interval"
    return f"cannot be told: {by} here, with other settings" if differs else f"differs by {by}"


def _repeatable(source: Source) -> pd.DataFrame:
    """The scores of a source whose dataset and metric this project has, by the names that methods have in the record."""
    ours = {name: about for name, about in source.datasets.items() if "ours" in about}
    keys = ["dataset", "method", "variant"]
    wide = evidence.wide(source).join(source.table.groupby(keys)["n_cells"].first(), on=keys)
    wide = wide[wide["dataset"].isin(ours) & wide["name"].notna()]
    parts = []
    for metric, about in source.metrics.items():
        formula, *other = [about] if isinstance(about, str) else about
        found = wide.assign(metric=metric, published=wide.eval(formula, engine="python"))
        found["left_out"] = evidence.left_out(source, found, formula)
        found["differs"] = [
            [*other, *_said(source, row.dataset, row.method, row.variant)] for row in found.itertuples()
        ]
        parts.append(found)
    table = pd.concat(parts, ignore_index=True).dropna(subset="published").drop(columns="method")
    return table.assign(
        source=source.name,
        settings=table["variant"],
        dataset=[ours[name]["ours"] for name in table["dataset"]],
        known=table["checkpoint"].where(table["checkpoint"] != "", table["name"]),
    )


def _said(source: Source, dataset: str, method: str, variant: str) -> list[str]:
    """What the card of a source says that differs here, of the dataset and of the method."""
    role, about = source.role(method, variant), source.datasets[dataset]
    stated = role["is"] not in MODELS or "checkpoint" in role
    said = [about.get("differs"), role.get("differs"), None if stated else "checkpoint not stated there"]
    return [one for one in said if one]


def _cells(there: float, here: int) -> list[str]:
    """Whether numbers of cells differ, in words."""
    if np.isnan(there):
        return ["number of cells not stated there"]
    if abs(there - here) <= ALIKE * there:
        return []
    return [f"{there:,.0f} cells there, {here:,} here"]
