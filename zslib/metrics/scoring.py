"""Score an embedding: metrics, in two spaces, with intervals."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby

import numpy as np
import pandas as pd

from zslib.core.errors import DataError, NotApplicable
from zslib.core.stats import (
    BLOCK,
    MIN_BLOCKS,
    block_weights,
    bootstrap_weights,
    centered,
    interval,
    merged_strata,
    on_all,
    resample,
)
from zslib.metrics.anchors import EXACT_UP_TO
from zslib.metrics.notes import regime_in_words, strata_in_words
from zslib.metrics.registry import CARDS, METRICS, MetricResult, OfType, chosen, computed
from zslib.metrics.resolution import sweep
from zslib.metrics.space import Space

SPACES = ("native", "pca50")
"""The embedding as it came, and its first 50 principal components."""

WIDTH = 8
"""Resamples evaluated at a time however many cells there are."""
Key = tuple
"""A space and a metric; and the code of a cell type, where a metric has a number for each."""


@dataclass(frozen=True, kw_only=True)
class Scores:
    """What :func:`score` found."""

    table: pd.DataFrame
    """Columns space, metric, value, ci_low, ci_high, n_cells, better; one number a row. ``attrs["strata"]`` says
    within which strata the cells were drawn again."""
    replicates: pd.DataFrame
    """One row a resample, one column ``space/metric``. Row i is the same resample of the cells for every
    embedding scored with the same labels, batches and seed, so two methods can be compared row by row."""
    skipped: Mapping[str, str]
    """The metrics that do not apply to the data, with the reason."""
    by_batch: pd.DataFrame
    """Columns space, metric, ci_low, ci_high: intervals over whole batches, which a claim about other donors needs;
    empty where there are fewer than five batches."""
    by_type: pd.DataFrame
    """Of the metrics that are means over cell types, each type's number: columns space, metric, label, cells, value,
    ci_low, ci_high, chance. ``label`` is empty for the mean; ``cells`` is how many cells of the type there are;
    ``chance`` is what an embedding without information reaches, NaN where that is not known."""
    spaces: Mapping[str, Space]
    """What was scored."""

    @cached_property
    def sweep(self) -> pd.DataFrame:
        """Columns space, algorithm, resolution, n_clusters, nmi, ari, chosen; one clustering a row, none without labels."""
        columns = ["space", "algorithm", "resolution", "n_clusters", "nmi", "ari", "chosen"]
        if any(space.codes is None for space in self.spaces.values()):
            return pd.DataFrame(columns=columns)
        tables = [
            space.once(sweep, algorithm).table.assign(space=name, algorithm=algorithm)
            for name, space in self.spaces.items()
            for algorithm in ("louvain", "leiden")
        ]
        return pd.concat(tables, ignore_index=True)[columns]


def score(
    embedding,
    label,
    batch=None,
    *,
    only: Iterable[str] | None = None,
    spaces: Sequence[str] = SPACES,
    unintegrated=None,
    within_batch=None,
    n_boot: int = 500,
    seed: int = 0,
    level: float = 0.95,
    device: str = "auto",
    exact_up_to: int = EXACT_UP_TO,
) -> Scores:
    """Score an embedding.

    Parameters
    ----------
    embedding
        Array of shape (n_cells, n_dims).
    label
        Cell type of each cell, shape (n_cells,); at least two types. None leaves out the metrics that look at them.
    batch
        Batch of each cell, shape (n_cells,); with None or one batch the batch metrics are skipped.
    only
        Names of the metrics to compute, and paths of files with metrics of your own; None for all there are, see
        :data:`zslib.metrics.CARDS`. Nothing is computed that these do not need.
    spaces
        Where, see below.
    unintegrated
        Principal components of the data before integration, shape (n_cells, at most 50), which the PCR
        comparison and the preservation of neighbors compare with; without them these are skipped.
    within_batch
        Components of each batch by itself, see :func:`~zslib.datasets.within_batch.within_batch_pcs`, which scGraph compares
        with; without them it is skipped.
    n_boot
        Resamples for the intervals; 0 for none.
    seed
        Seed of the clusterings, of splits and of the resamples.
    level
        Level of the percentile intervals.
    device
        Where to compute distances: ``"auto"``, ``"cpu"`` or ``"cuda"``.
    exact_up_to
        Up to so many cells everything is exact; of more, see the notes.

    Returns
    -------
    Scores in two spaces. ``native`` is the embedding as it came, ``pca50`` its own first 50 principal
    components, which puts embeddings of any size on the same footing. With 50 dimensions or fewer the
    components are the embedding rotated, all distances stay, and the native results stand for both; so they do for
    scores of angles, which would see that components are centered.

    Raises
    ------
    DataError
        If the embedding is refused by :func:`~zslib.metrics.check_embedding`, lengths differ, names are
        missing, there is one cell type only, there are fewer than 15 cells, or no metric has a name that was given.

    Notes
    -----
    A value is that of all cells; NMI and ARI are means over repeated clusterings at the chosen resolution.
    Effective rank and participation ratio have no interval: a cell drawn twice makes a cloud look smaller.
    An interval holds the resampling of these cells within label and batch (see
    :func:`zslib.core.stats.merged_strata`) and the luck of the clustering. A value that no resample moves has none. It
    leaves the embedding and its graph as they are, so it does **not** hold what another draw of cells, embedded
    anew, would change, which is more; see :mod:`zslib.core.stats`. Replicates are shifted to have the value as
    their mean, because a cell drawn twice would lift NMI and ARI. With five batches or more there are intervals over
    whole batches too, by :func:`zslib.core.stats.block_weights`.

    Of more than `exact_up_to` cells, anchors are measured against all cells (:mod:`zslib.metrics.anchors`), 0.2 times
    as many as this number: silhouettes, what asks for the nearest cells, and the kNN probe are means over them, and
    an interval holds what other anchors would change. Discovery asks the anchors, on two splits, chance among these
    alone. Regressions learn from 50,000 cells. The graph is that of all cells, of neighbors found by an approximate
    search, whose recall is measured on the anchors; clusterings start from groups of cells, are at every other
    resolution, chosen twice, and found stable by one subsample. All else is of all cells: ``table.attrs["strata"]``.
    """
    asked = chosen(only)
    native = Space.of(
        embedding,
        label,
        batch,
        unintegrated=unintegrated,
        within_batch=within_batch,
        pairs=frozenset().union(*(METRICS[name].pairs for name in computed(asked))),
        seed=seed,
        device=device,
        exact_up_to=exact_up_to,
    )
    return score_space(native, asked, spaces, n_boot=n_boot, level=level)


def score_space(
    native: Space,
    only: Iterable[str] | None = None,
    spaces: Sequence[str] = SPACES,
    *,
    n_boot: int = 500,
    level: float = 0.95,
) -> Scores:
    """Score what is a :class:`~zslib.metrics.Space` already, so that what it knows serves others too; see :func:`score`."""
    asked = chosen(only)
    if unknown := sorted(set(spaces) - set(SPACES)):
        raise DataError(f"There is no space {', '.join(unknown)}. There are: {', '.join(SPACES)}.")
    if len(native.names) == 1:
        raise DataError(
            f"every cell has the label '{native.names[0]}'; scores compare two cell types or more"
        )
    wide = "pca50" in spaces and native.pcs is not native.X
    reduced = replace(native, X=native.pcs, _kept={}) if wide else native
    spaces = {name: {"native": native, "pca50": reduced}[name] for name in SPACES if name in spaces}
    n, seed = len(native.X), native.seed

    found, skipped = _statistics(spaces, computed(asked))
    numbers = {key: made for key, made in found.items() if isinstance(made, float)}
    plain = {key: made for key, made in found.items() if isinstance(made, list)}
    typed = {key: made for key, made in found.items() if isinstance(made, dict)}
    single = {(*key, t): one for key, made in typed.items() for t, one in made.items()}
    draws = plain | {key: one.draws for key, one in single.items()}
    values = numbers | on_all(draws, n)
    strata = merged_strata(np.zeros(n, dtype=int) if native.codes is None else native.label, native.batch)
    cells = bootstrap_weights(strata, n_boot, seed=seed, block=max(BLOCK, WIDTH * n))
    replicates = {key: np.full(n_boot, np.nan) for key in numbers}
    replicates |= _centered(resample(draws, cells, n_boot), values)
    whole = {}
    if native.batch is not None and native.batch.max() + 1 >= MIN_BLOCKS:
        blocks = block_weights(native.batch, n_boot, seed=seed, block=max(BLOCK, WIDTH * n))
        whole = _centered(resample(plain, blocks, n_boot), values)

    means = {key: [(*key, t) for t in made] for key, made in typed.items()}
    for metric in (name for name in asked if METRICS[name].parts):
        parts = METRICS[metric].parts
        missing = [part for part in parts if part in skipped]
        if missing:
            skipped[metric] = f"{CARDS[missing[0]].title} is part of it: {skipped[missing[0]]}"
        else:
            means |= {(name, metric): [(name, part) for part in parts] for name in spaces}
    for key, parts in means.items():
        values[key] = np.mean([values[part] for part in parts])
        for resampled in (replicates, whole):
            if all(part in resampled for part in parts):
                resampled[key] = np.mean([resampled[part] for part in parts], axis=0)

    ends = {key: interval(again, level=level, still=False) for key, again in replicates.items()}
    keys = [(name, metric) for name in spaces for metric in asked if metric not in skipped]
    table = pd.DataFrame(
        [(*key, values[key], *ends[key]) for key in keys],
        columns=["space", "metric", "value", "ci_low", "ci_high"],
    ).astype({"value": float, "ci_low": float, "ci_high": float})
    table.attrs["strata"] = strata_in_words(strata, native) + regime_in_words(spaces)
    return Scores(
        table=table.assign(n_cells=n, better=[CARDS[metric].better for metric in table["metric"]]),
        replicates=pd.DataFrame({f"{name}/{metric}": replicates[name, metric] for name, metric in keys}),
        skipped={metric: reason for metric, reason in skipped.items() if metric in asked},
        by_batch=pd.DataFrame(
            [(*key, *interval(whole[key], level=level, still=False)) for key in keys if key in whole],
            columns=["space", "metric", "ci_low", "ci_high"],
        ),
        by_type=_by_type({key: typed[key] for key in keys if key in typed}, native, values, ends),
        spaces=spaces,
    )


def _statistics(
    spaces: dict[str, Space], names: Sequence[str]
) -> tuple[dict[Key, MetricResult], dict[str, str]]:
    """What each metric is in each space, one function of cell weights as a list; those that do not apply, and why."""
    found, skipped = {}, {}
    # Two names may stand for one space, whose statistic is then made once.
    distinct = list(dict.fromkeys(spaces.values()))
    for _, of_file in groupby(names, key=lambda name: METRICS[name].statistic.__module__):
        for metric in of_file:
            try:
                if METRICS[metric].of_components:
                    made = dict.fromkeys(distinct, METRICS[metric].statistic(distinct[0]))
                else:
                    made = {space: METRICS[metric].statistic(space) for space in distinct}
            except NotApplicable as reason:
                skipped[metric] = str(reason)
                continue
            for name, space in spaces.items():
                found[name, metric] = [made[space]] if callable(made[space]) else made[space]
        for space in spaces.values():  # metrics of one file share clusterings, and no other asks for new ones
            space.forget_groups()
    return found, skipped


def _by_type(typed: dict[Key, dict[int, OfType]], space: Space, values: dict, ends: dict) -> pd.DataFrame:
    """Rows of :attr:`Scores.by_type`, of each metric first the types and then the mean."""
    sizes, rows = np.bincount(space.codes if typed else []), []
    for key, made in typed.items():
        for t, one in made.items():
            rows.append((*key, space.names[t], sizes[t], values[*key, t], *ends[*key, t], one.chance))
        chance = np.mean([one.chance for one in made.values()])
        rows.append((*key, "", len(space.X), values[key], *ends[key], chance))
    columns = ["space", "metric", "label", "cells", "value", "ci_low", "ci_high", "chance"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[4:], float) | {"cells": int})


def _centered(replicates: dict[Key, np.ndarray], values: dict[Key, float]) -> dict[Key, np.ndarray]:
    return {k: centered(found, values[k], within=CARDS[k[1]].range) for k, found in replicates.items()}
