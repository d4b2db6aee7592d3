"""Hide each cell type in turn and ask an embedding for it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from zslib.errors import DataError
from zslib.metrics.batch import N_COMPS
from zslib.metrics.checks import check_embedding, encode
from zslib.metrics.clustering import Clusterings
from zslib.metrics.discovery.cards import CARDS, TITRATED
from zslib.metrics.discovery.clusters import RESOLUTION, recall_at_purity
from zslib.metrics.discovery.novelty import K, halves, nearest_of_each_label, novelty
from zslib.metrics.discovery.ranking import auroc, average_precision
from zslib.metrics.discovery.titration import (
    BACKGROUND,
    DRAWS,
    draw,
    found_by_cluster,
    found_by_distance,
    levels,
)
from zslib.metrics.graph import neighbors
from zslib.metrics.projection import pca
from zslib.stats import Statistic, bootstrap_weights, centered, interval, on_all, resample

REPEATS = 4
"""Splits into reference and queries, and clusterings: both depend on luck."""
COLUMNS = ("space", "measure", "label", "cells", "value", "ci_low", "ci_high", "chance")

Key = tuple[str, str, str]
"""Space, measure, cell type."""


@dataclass(frozen=True, kw_only=True)
class Discovery:
    """What :func:`discover` found."""

    table: pd.DataFrame
    """Columns space, measure, label, cells, value, ci_low, ci_high, chance; one number a row. ``label`` is the
    cell type, or empty for the mean over types; ``cells`` is how many cells of the type there were; ``chance``
    is what an empty score reaches, NaN where that is not known."""
    replicates: pd.DataFrame
    """One row a resample, one column ``space/measure`` for each mean over types; row i is the same resample as
    in :class:`zslib.metrics.Scores` for the same labels, batches and seed."""
    skipped: Mapping[str, str]
    """Cell types that could not be hidden, with the reason."""


def discover(
    embedding,
    label,
    batch=None,
    *,
    n_boot: int = 500,
    seed: int = 0,
    level: float = 0.95,
    device: str = "auto",
) -> Discovery:
    """Hide each cell type from a reference, and ask whether the embedding reveals it without labels.

    Parameters
    ----------
    embedding
        Array of shape (n_cells, n_dims).
    label
        Cell type of each cell, shape (n_cells,); at least two types.
    batch
        Batch of each cell, shape (n_cells,); reference and queries are halves of each type in each batch.
    n_boot
        Resamples for the intervals.
    seed
        Of splits, clusterings, draws and resamples: the same for every embedding of the same cells.
    level
        Level of the percentile intervals.
    device
        Where to compute distances.

    Returns
    -------
    Novelty and own-cluster recall in the ``native`` and the ``pca50`` space, and the titration in the native.

    Raises
    ------
    DataError
        If the embedding is refused by :func:`zslib.metrics.check_embedding`, lengths differ, names are missing
        or there is one cell type only.

    Notes
    -----
    An interval holds the resampling of the query cells within type and batch and the luck of split and
    clustering; the reference, the embedding and its graph stay as they are. That of the titration holds the
    draws of cells. The mean over types treats these types as the ones of interest, not as a sample of types.
    """
    n = len(label)
    X = check_embedding(embedding, n)
    codes, names = encode(label, n, "label")
    if len(names) < 2:
        raise DataError(f"every cell has the label '{names[0]}'; to hide one type takes two or more")
    strata = codes
    if batch is not None:
        batches, found = encode(batch, n, "batch")
        strata = codes * len(found) + batches
    references = np.stack([halves(strata, seed + i) for i in range(REPEATS)])
    usable, skipped = _usable(codes, names, references)

    pcs = X if X.shape[1] <= N_COMPS else pca(X, N_COMPS, device=device)
    statistics: dict[Key, list[Statistic]] = {}
    nearest = None
    for space, points in {"native": X, "pca50": pcs}.items():
        if space == "native" or pcs is not X:
            ranked = nearest_of_each_label(points, codes, references, device=device)
            made = _statistics(points, codes, usable, references, ranked, seed, device)
        nearest = ranked if nearest is None else nearest
        statistics |= {(space, measure, names[t]): draws for (measure, t), draws in made.items()}
    values = on_all(statistics, n)
    replicates = resample(statistics, bootstrap_weights(strata, n_boot, seed=seed), n_boot)
    # A cell drawn twice keeps itself company in a ranking, too.
    replicates = {
        key: centered(found, values[key], within=CARDS[key[1]].range) for key, found in replicates.items()
    }

    size = {names[t]: int((codes == t).sum()) for t in usable}
    chance = {names[t]: _prevalence(codes, t, references) for t in usable}
    rows, means = [], {}
    for space in ("native", "pca50"):
        for measure in CARDS:
            keys = [(space, measure, names[t]) for t in usable]
            expected = {
                "novelty_auroc": dict.fromkeys(size, 0.5),
                "novelty_auprc": chance,
                "own_cluster_recall": dict.fromkeys(size, np.nan),
            }[measure]
            for key in keys:
                name = key[2]
                ends = interval(replicates[key], level=level)
                rows.append((*key, size[name], values[key], *ends, expected[name]))
            if keys:
                mean = np.mean([replicates[key] for key in keys], axis=0)
                means[f"{space}/{measure}"] = mean
                value = np.mean([values[key] for key in keys])
                level_of_chance = np.mean(list(expected.values()))
                rows.append((space, measure, "", n, value, *interval(mean, level=level), level_of_chance))
    rows += _titrate(X, codes, names, usable, references, nearest, n_boot, seed, level)
    table = pd.DataFrame(rows, columns=COLUMNS).astype(
        {"cells": int, "value": float, "ci_low": float, "ci_high": float, "chance": float}
    )
    return Discovery(table=table, replicates=pd.DataFrame(means), skipped=skipped)


def _usable(codes, names, references) -> tuple[list[int], dict[str, str]]:
    """Types that leave a reference and queries when hidden; the others with the reason."""
    usable, skipped = [], {}
    for t, name in enumerate(names):
        others = codes != t
        left, asked = ((references & others).sum(axis=1).min(), (~references & others).sum(axis=1).min())
        if left < K or asked < 1:
            skipped[str(name)] = (
                f"hiding it leaves {left} cells for a reference, and distances are to {K} of them"
            )
        else:
            usable.append(t)
    return usable, skipped


def _queries(codes, t: int, reference) -> np.ndarray:
    """The hidden cells, all of them, and the known ones that are not in the reference."""
    return (codes == t) | ~reference


def _prevalence(codes, t: int, references) -> float:
    return float(np.mean([(codes == t).sum() / _queries(codes, t, r).sum() for r in references]))


def _statistics(
    X, codes, usable, references, nearest, seed, device
) -> dict[tuple[str, int], list[Statistic]]:
    """Every measure of every hidden type as functions of cell weights, one a split or clustering."""
    graph = neighbors(X, device=device).connectivities
    clusterings = Clusterings(graph).repeated("leiden", RESOLUTION, seed, REPEATS)
    made = {}
    for t in usable:
        ranks = {"novelty_auroc": auroc, "novelty_auprc": average_precision}
        for measure, rank in ranks.items():
            made[measure, t] = [
                _among(_queries(codes, t, r), rank, novelty(d, t), codes == t)
                for r, d in zip(references, nearest, strict=True)
            ]
        made["own_cluster_recall", t] = [recall_at_purity(c, codes == t) for c in clusterings]
    return made


def _among(asked: np.ndarray, rank, score: np.ndarray, positive: np.ndarray) -> Statistic:
    statistic = rank(score[asked], positive[asked])
    return lambda weights: statistic(weights[asked])


def _titrate(X, codes, names, usable, references, nearest, n_boot, seed, level) -> list[tuple]:
    """Rows of the share of draws in which so many cells are found, for each type and over types."""
    found: dict[tuple[str, int], dict[int, list[bool]]] = {}
    for t in usable:
        own, others = np.flatnonzero(codes == t), np.flatnonzero(codes != t)
        scores = [novelty(d, t) for d in nearest]
        held_out = [np.flatnonzero(~reference & (codes != t)) for reference in references]
        cells = levels(len(own), min(BACKGROUND, *map(len, held_out)))
        for i in range(DRAWS):
            # Seeded by type and turn, so that every embedding is asked for the same cells.
            drawn = draw(own, others, held_out[i % REPEATS], np.random.default_rng([seed, t, i]))
            by_distance = [found_by_distance(scores[i % REPEATS], drawn, m) for m in cells]
            by_cluster = found_by_cluster(X, drawn, cells)
            for measure, outcomes in zip(TITRATED, (by_distance, by_cluster), strict=True):
                for m, outcome in zip(cells, outcomes, strict=True):
                    found.setdefault((measure, m), {}).setdefault(t, []).append(outcome)
    rows = []
    for (measure, m), outcomes in found.items():
        for t, draws in outcomes.items():
            rows.append(("native", measure, names[t], m, np.mean(draws), np.nan, np.nan, np.nan))
        drawn = np.concatenate(list(outcomes.values())).astype(float)
        of_type = np.repeat(np.arange(len(outcomes)), DRAWS)
        shares = [drawn @ w / len(drawn) for w in bootstrap_weights(of_type, n_boot, seed=seed)]
        ends = interval(np.concatenate(shares) if shares else np.empty(0), level=level)
        rows.append(("native", measure, "", m, drawn.mean(), *ends, np.nan))
    return rows
