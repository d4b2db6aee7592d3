"""Bring the scores of all methods on a dataset together, and say what the data can and cannot separate."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from zslib import methods
from zslib.core import stats
from zslib.results.redrawn import COLUMNS, Redrawn
from zslib.results.run import Run, altered_path

SPACES = ("native", "pca50")
ROUNDING = 1e-6
"""Two embeddings that are the same but for rounding differ by less, and always in the same direction."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """All runs on one dataset.

    Several seeds of a method are pooled: its value is their mean, its interval that of their replicates
    together, so that it covers both the draw of cells and the draw of seeds. Replicates of the headline scores hold
    drawing other cells and embedding them anew, where that was measured (:mod:`zslib.results.redrawn`).
    """

    results: Path
    dataset: str
    methods: tuple[str, ...]
    seeds: tuple[int, ...]
    more_seeds: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Those that some methods were run with besides."""

    def seeds_of(self, method: str) -> tuple[int, ...]:
        """All seeds that a method was to be run with."""
        return (*self.seeds, *(s for s in self.more_seeds.get(method, ()) if s not in self.seeds))

    def runs_of(self, method: str) -> list[Run]:
        """The runs of a method that succeeded, one a seed."""
        found = [Run(Path(self.results), self.dataset, method, s) for s in self.seeds_of(method)]
        return [run for run in found if run.ok]

    @cached_property
    def ran(self) -> list[str]:
        """Methods with an embedding for every seed."""
        return [m for m in self.methods if len(self.runs_of(m)) == len(self.seeds_of(m))]

    @property
    def n_cells(self) -> int:
        """Cells that the methods embedded; some method must have run."""
        return self.runs_of(self.ran[0])[0].about["n_cells"]

    @property
    def listed(self) -> list[str]:
        """Methods that stand in figures and tables of all methods, see :attr:`zslib.methods.MethodCard.compared`."""
        return [m for m in self.methods if methods.card(m).compared]

    @property
    def compared(self) -> list[str]:
        """Those of them that ran."""
        return [m for m in self.listed if m in self.ran]

    @property
    def rivals(self) -> list[str]:
        """Methods that ran and compete: baselines and foundation models."""
        return [m for m in self.ran if methods.card(m).competes]

    def defined(self, names: Sequence[str]) -> list[str]:
        """Those of some metrics that have a score here."""
        return [name for name in names if (self.scores["metric"] == name).any()]

    def twins(self, family: str) -> dict[str, str]:
        """Trained models of a family that ran, each with its untrained twin, where that ran too."""
        cards = [card for card in map(methods.card, self.ran) if card.family == family]
        return {card.name: card.control for card in cards if card.control in self.ran}

    @property
    def failed(self) -> list[str]:
        """Methods that failed with some seed, as against those that do not apply."""
        return list(dict.fromkeys(self.statuses.loc[self.statuses["status"] == "failed", "method"]))

    def status(self, method: str) -> str:
        """``"failed"``, ``"not applicable"``, or ``"ok"`` if every seed of the method ran."""
        if method in self.failed:
            return "failed"
        return "ok" if method in self.ran else "not applicable"

    @cached_property
    def statuses(self) -> pd.DataFrame:
        """One row a method and seed that did not run: method, seed, status, reason."""
        rows = []
        for method in self.methods:
            for seed in self.seeds_of(method):
                outcome = Run(Path(self.results), self.dataset, method, seed).outcome
                if outcome["status"] != "ok":
                    rows.append((method, seed, outcome["status"], outcome["reason"]))
        return pd.DataFrame(rows, columns=["method", "seed", "status", "reason"])

    @cached_property
    def altered(self) -> pd.DataFrame:
        """Scores of cells drawn and altered anew, see :func:`zslib.results.robustness.compute`; empty if there are none."""
        path = altered_path(self.results, self.dataset)
        found = pd.read_parquet(path) if path.exists() else pd.DataFrame(columns=COLUMNS)
        return found[found["method"].isin(self.ran)]

    @cached_property
    def redrawn(self) -> Redrawn:
        """How far scores move when other cells are drawn and embedded anew."""
        first = {m: self.runs_of(m)[0].replicates for m in dict.fromkeys(self.altered["method"])}
        return Redrawn.of(self.altered, first)

    @cached_property
    def replicates(self) -> dict[str, pd.DataFrame]:
        """Replicates of each method, all seeds one below the other, paired row by row.

        Where one method has more seeds than another, those of the other are repeated, in turn.
        """
        blocks = math.lcm(*(len(self.seeds_of(m)) for m in self.ran))
        found = {}
        for method in self.ran:
            own = [self.redrawn.widened(method, run.replicates) for run in self.runs_of(method)]
            found[method] = pd.concat(own * (blocks // len(own)), ignore_index=True)
        return found

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row a method, space and metric: dataset, method, space, metric, value, ci_low, ci_high, better.

        A metric that has a number for each cell type stands there by its mean over them.
        """
        keys = ["dataset", "method", "space", "metric", "better"]
        runs = [run for method in self.ran for run in self.runs_of(method)]
        tables = [run.scores for run in runs]
        if not tables:
            return pd.DataFrame(columns=[*keys, "value", "ci_low", "ci_high"])
        pooled = pd.concat(tables).groupby(keys, sort=False)["value"].mean().reset_index()
        bounds = [
            stats.interval(self.replicates[row.method][f"{row.space}/{row.metric}"].to_numpy(), still=False)
            for row in pooled.itertuples()
        ]
        return pooled.assign(ci_low=[low for low, _ in bounds], ci_high=[high for _, high in bounds])

    @cached_property
    def discovery(self) -> pd.DataFrame:
        """Whether each hidden cell type is found, pooled over seeds; columns as in :attr:`zslib.metrics.Scores.by_type`.

        With several seeds each number is the mean of theirs.
        """
        keys = ["dataset", "method", "space", "metric", "label", "cells"]
        tables = [run.discovery for method in self.ran for run in self.runs_of(method)]
        if not tables:
            return pd.DataFrame(columns=[*keys, "value", "ci_low", "ci_high", "chance"])
        return pd.concat(tables).drop(columns="seed").groupby(keys, sort=False).mean().reset_index()

    def value(self, method: str, metric: str, space: str = "native") -> pd.Series | None:
        """The row of one score, or ``None`` where the metric is not defined."""
        return self._rows.get((method, metric, space))

    @cached_property
    def _rows(self) -> dict[tuple[str, str, str], pd.Series]:
        return {(row["method"], row["metric"], row["space"]): row for _, row in self.scores.iterrows()}

    def differences(self, baseline: str, metric: str, space: str = "native") -> pd.DataFrame:
        """Paired differences of every method from a baseline: method, difference, ci_low, ci_high.

        A positive difference means the method scores higher than the baseline.
        """
        rows = []
        for method in self.ran:
            mine, theirs = self.value(method, metric, space), self.value(baseline, metric, space)
            if method == baseline or mine is None or theirs is None:
                continue
            found = stats.paired_difference(
                self.replicates[method][f"{space}/{metric}"],
                self.replicates[baseline][f"{space}/{metric}"],
                estimate=mine.value - theirs.value,
            )
            rows.append((method, found.estimate, found.low, found.high))
        return pd.DataFrame(rows, columns=["method", "difference", "ci_low", "ci_high"])

    def beats(self, method: str, rival: str, metric: str, space: str = "native") -> bool:
        """Whether a method scores better than a rival in a space, beyond the paired interval."""
        table = self.differences(rival, metric, space).set_index("method")
        if method not in table.index:
            return False
        lead = table.loc[method, "ci_low"] if self._higher(metric) else -table.loc[method, "ci_high"]
        return bool(lead > ROUNDING)  # no interval, no lead

    def leaders(self, metric: str, among: Sequence[str] | None = None, space: str = "native") -> list[str]:
        """The method with the best score in a space, and after it those it is not told from there.

        Intervals hold for all pairs of methods at once: of many comparisons a few come out by luck, and the best is the
        one that luck has favored.
        """
        names, values, replicates = self.scored(metric, self.ran if among is None else among, space)
        if len(names) < 2:
            return names
        first, low, _ = stats.behind_best(replicates, values)
        order = np.argsort(-values, kind="stable")
        return [names[first], *(names[i] for i in order if i != first and not low[i] > ROUNDING)]

    def scored(
        self, metric: str, names: Sequence[str], space: str = "native"
    ) -> tuple[list[str], np.ndarray, np.ndarray]:
        """Methods with a score, their scores and paired replicates, turned so that higher is better."""
        entries = {m: self.value(m, metric, space) for m in names if m in self.ran}
        found = [m for m, entry in entries.items() if entry is not None]
        sign = 1 if self._higher(metric) else -1
        if not found:
            return [], np.empty(0), np.empty((0, 0))
        again = [self.replicates[m][f"{space}/{metric}"].to_numpy() for m in found]
        return found, sign * np.array([entries[m].value for m in found]), sign * np.stack(again, axis=1)

    def _higher(self, metric: str) -> bool:
        return bool((self.scores.loc[self.scores["metric"] == metric, "better"] == "higher").all())


def load_grid(grid, dataset: str) -> Comparison:
    """Gather the runs of one dataset of a grid (see :class:`zslib.workflow.grid.Grid`)."""
    return Comparison(Path(grid.results), dataset, tuple(grid.methods), tuple(grid.seeds), grid.more_seeds)


def draws(comparisons: Sequence[Comparison], metric: str) -> pd.DataFrame:
    """Scores seed by seed, of the methods that were run with several.

    Returns
    -------
    One row a dataset, method and seed: dataset, method, seed, value, ci_low, ci_high; each interval is that of one
    seed and holds the draw of cells alone.
    """
    columns = ["dataset", "method", "seed", "value", "ci_low", "ci_high"]
    repeated = [(runs, m) for runs in comparisons for m in runs.ran if len(runs.seeds_of(m)) > 1]
    if not repeated:
        return pd.DataFrame(columns=columns)
    found = pd.concat([run.scores for runs, m in repeated for run in runs.runs_of(m)], ignore_index=True)
    return found.loc[(found["metric"] == metric) & (found["space"] == "native"), columns]


def across(comparisons: Sequence[Comparison]) -> pd.DataFrame:
    """Scores of several datasets, one number a row."""
    return pd.concat([c.scores for c in comparisons], ignore_index=True)
