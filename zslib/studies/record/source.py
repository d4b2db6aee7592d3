"""A source of published scores: one file, a card in YAML behind ``#`` and a table of numbers below it."""

from dataclasses import dataclass, field, fields
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from zslib.core.errors import DataError
from zslib.frozen import weights
from zslib.metrics import CARDS

COLUMNS = ["dataset", "n_cells", "method", "variant", "metric", "value", "spread", "where", "note"]
TASKS = {
    "cell_types": "Cell types apart, no labels used",
    "batches": "Batches mixed",
    "probe": "Types read by a classifier, within a dataset",
    "probe_held_out_donor": "Types read by a classifier, donors held out",
    "probe_held_out_dataset": "Types read by a classifier, datasets held out",
}
"""What a source may have a headline score for; higher is better in all of them."""
BASELINES = ("HVG", "PCA", "Harmony", "scVI")
CONTROLS = ("negative control", "positive control")
TOLD = {
    "SCimilarity": "https://doi.org/10.1038/s41586-024-08411-y",
    "scCello": "https://arxiv.org/abs/2408.12373",
}
"""Models whose pre-training was told cell types, with where their authors say so: nearer to a classifier than others."""


@dataclass(frozen=True)
class Source:
    """The card of a source, and its numbers."""

    name: str
    """Name of the file."""
    title: str
    """A few words, for figures."""
    citation: str
    url: str
    at: str
    """Repository and commit, or DOI, that every ``where`` of the table is inside of."""
    license: str
    kind: str
    """What the numbers were taken from: results file, table, notebook output, text of the article."""
    status: str
    """Whether it was peer reviewed, and by whom it was made."""
    controlled: str
    """What the source held equal between methods."""
    problems: list[str]
    """What a reader must know before using its numbers."""
    tasks: dict[str, dict]
    """For each of :data:`TASKS` it can speak of: the name of its headline score, and its formula."""
    roles: dict[str, dict]
    """The model, baseline or control that each of its methods is (``is``), its ``checkpoint``, why it is ``left_out``, and
    what ``differs`` from how this project runs it; ``method`` or ``method / variant``."""
    table: pd.DataFrame = field(repr=False)
    """One number a row, columns :data:`COLUMNS`."""
    datasets: dict[str, dict] = field(default_factory=dict)
    """Title of each dataset, why it is left out of verdicts where it is, and what the dataset of the very same cells is
    called in this project where there is one (``ours``), with what differs nonetheless (``differs``), and of what it is a
    part where others are parts of the same (``part_of``)."""
    metrics: dict[str, str | list[str]] = field(default_factory=dict)
    """Metrics of this project, each with the formula that makes it, or what is nearest to it, of the source's own; in the
    latter case a list of that and of what differs."""
    by_authors_of: list[str] = field(default_factory=list)
    """Models whose authors made the source."""
    also_above_floor: list[str] = field(default_factory=list)
    """Metrics, besides the parts of the headline score, that must lie above the negative controls."""
    printed: dict[str, dict] = field(default_factory=dict)
    """Aggregates that the source prints: the formula they follow from, and within what rounding."""
    definitions: dict[str, str] = field(default_factory=dict)
    """What a metric means in this source, where the same name means something else in another."""

    def role(self, method: str, variant: str) -> dict:
        """What a method of the source is: ``{"is": ..., ...}``, empty where the card does not say."""
        return self.roles.get(f"{method} / {variant}", self.roles.get(method, {}))

    def metric_title(self, metric: str) -> str:
        """What the book calls a metric of the source, where the card says which it is."""
        titles = {about["formula"]: about["score"] for about in self.tasks.values()}
        ours = {
            formula: CARDS[name].title for name, formula in self.metrics.items() if isinstance(formula, str)
        }
        return (titles | ours).get(metric, metric)

    def title_of(self, dataset: str) -> str:
        """What the book calls a dataset of the source; the same in every source that used it."""
        return self.datasets.get(dataset, {}).get("title", dataset)


def read(path: str | Path) -> Source:
    """Read and check a source.

    Raises
    ------
    DataError
        If the card lacks something, a number has no place it was read at or is none, a row is there twice, or the
        card names a method, metric or task that does not exist.
    """
    path = Path(path)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    n_card = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    card = yaml.safe_load("".join(line[2:] for line in lines[:n_card])) or {}
    required = [f.name for f in fields(Source) if f.name not in ("name", "table")][:11]
    if missing := [name for name in required if name not in card]:
        raise DataError(f"{path.name}: the card lacks {', '.join(missing)}.")
    text = {"dataset", "method", "variant", "metric", "spread", "where", "note"}
    table = pd.read_csv(
        StringIO("".join(lines[n_card:])),
        dtype=dict.fromkeys(text, str),
        keep_default_na=False,
        na_values=[""],
    )
    if list(table.columns) != COLUMNS:
        raise DataError(f"{path.name}: the columns must be {', '.join(COLUMNS)}.")
    table[sorted(text)] = table[sorted(text)].fillna("")
    source = Source(name=path.stem, table=table, **card)
    _check(source)
    return source


def _check(source: Source) -> None:
    """Refuse what could become a number without a source, or a verdict about nothing."""
    table = source.table
    for column in ("dataset", "method", "metric", "where"):
        if (empty := table[column] == "").any():
            raise DataError(f"{source.name}: row {empty.idxmax() + 1} has no {column}.")
    if (bad := ~np.isfinite(pd.to_numeric(table["value"], errors="coerce"))).any():
        raise DataError(f"{source.name}: row {bad.idxmax() + 1} has no number.")
    keys = ["dataset", "method", "variant", "metric", "where"]
    if (twice := table.duplicated(keys)).any():
        raise DataError(f"{source.name}: row {twice.idxmax() + 1} is there twice.")
    for method, role in source.roles.items():
        name = role.get("checkpoint")
        if name in weights.names() and weights.card(name).tuned and not role.get("left_out"):
            raise DataError(
                f"{source.name}: {method} is {name}, which is not zero-shot: say why it is `left_out`."
            )
    if unknown := set(source.tasks) - set(TASKS):
        raise DataError(f"{source.name}: no such task: {', '.join(sorted(unknown))}.")
    if unknown := set(source.metrics) - set(CARDS):
        raise DataError(f"{source.name}: there is no metric {', '.join(sorted(unknown))}.")
    pairs = set(table["method"]) | set(table["method"] + " / " + table["variant"])
    metrics = {*source.printed, *source.definitions, *source.also_above_floor}
    for named, known, said in (
        (source.roles, pairs, "gives a role to"),
        (source.datasets, table["dataset"], "describes"),
        (metrics, table["metric"], "names the metric"),
    ):
        if unknown := set(named) - set(known):
            raise DataError(f"{source.name}: the card {said} {', '.join(sorted(unknown))}, which has no row.")
