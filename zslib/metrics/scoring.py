"""Score an embedding: every metric, in two spaces, with intervals."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from zslib.errors import DataError, NotApplicable
from zslib.metrics.batch import N_COMPS
from zslib.metrics.cards import CARDS
from zslib.metrics.catalog import AVERAGES, RECIPES
from zslib.metrics.checks import check_embedding, check_pcs, encode
from zslib.metrics.graph import Neighbors
from zslib.metrics.projection import pca
from zslib.metrics.space import Reference, Space
from zslib.stats import (
    MIN_BLOCKS,
    Statistic,
    block_weights,
    bootstrap_weights,
    centered,
    interval,
    on_all,
    resample,
)

Key = tuple[str, str]
"""A space and a metric."""


@dataclass(frozen=True, kw_only=True)
class Scores:
    """What :func:`score` found."""

    table: pd.DataFrame
    """Columns space, metric, value, ci_low, ci_high, n_cells, better; one number a row."""
    replicates: pd.DataFrame
    """One row a resample, one column ``space/metric``. Row i is the same resample of the cells for every
    embedding scored with the same labels, batches and seed, so two methods can be compared row by row."""
    skipped: Mapping[str, str]
    """The metrics that do not apply to the data, with the reason."""
    sweep: pd.DataFrame
    """Columns space, algorithm, resolution, n_clusters, nmi, ari, chosen; one clustering a row."""
    neighbors: Neighbors
    """The neighbor graph of the embedding as it came."""
    by_batch: pd.DataFrame
    """Columns space, metric, ci_low, ci_high: intervals over whole batches, which a claim about other donors needs;
    empty where there are fewer than five batches."""


def score(
    embedding,
    label,
    batch=None,
    *,
    unintegrated=None,
    within_batch=None,
    n_boot: int = 500,
    seed: int = 0,
    level: float = 0.95,
    device: str = "auto",
) -> Scores:
    """Score an embedding with every metric of the book.

    Parameters
    ----------
    embedding
        Array of shape (n_cells, n_dims).
    label
        Cell type of each cell, shape (n_cells,); at least two types.
    batch
        Batch of each cell, shape (n_cells,); with None or one batch the batch metrics are skipped.
    unintegrated
        Principal components of the data before integration, shape (n_cells, at most 50), which the PCR
        comparison and the preservation of neighbors compare with; without them these are skipped.
    within_batch
        Components of each batch by itself, see :func:`~zslib.metrics.within_batch_pcs`, which scGraph compares
        with; without them it is skipped.
    n_boot
        Resamples for the intervals; 0 for none.
    seed
        Seed of the clusterings and of the resamples.
    level
        Level of the percentile intervals.
    device
        Where to compute distances: ``"auto"``, ``"cpu"`` or ``"cuda"``.

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
        missing, there is one cell type only, or there are fewer than 15 cells.

    Notes
    -----
    A value is that of all cells; NMI and ARI are means over repeated clusterings at the chosen resolution.
    Effective rank and participation ratio have no interval: a cell drawn twice makes a cloud look smaller.
    An interval holds the resampling of these cells within label and batch and the luck of the clustering. It
    leaves the embedding and its graph as they are, so it does **not** hold what another draw of cells, embedded
    anew, would change, which is more; see :mod:`zslib.stats`. Replicates are shifted to have the value as
    their mean, because a cell drawn twice would lift NMI and ARI. With five batches or more there are intervals over
    whole batches too, by :func:`zslib.stats.block_weights`.
    """
    n = len(label)
    X = check_embedding(embedding, n)
    label, names = encode(label, n, "label")
    if len(names) < 2:
        raise DataError(f"every cell has the label '{names[0]}'; scores compare two cell types or more")
    strata, batches = label, None
    if batch is not None:
        codes, found = encode(batch, n, "batch")
        strata = label * len(found) + codes
        batches = codes if len(found) > 1 else None
    if unintegrated is not None:
        unintegrated = check_pcs(unintegrated, n, N_COMPS)

    pcs = X if X.shape[1] <= N_COMPS else pca(X, N_COMPS, device=device)
    reference = Reference(pcs=unintegrated, within_batch=within_batch, device=device)
    shared = {"label": label, "batch": batches, "reference": reference, "seed": seed, "device": device}
    native = Space(X=X, pcs=pcs, **shared)
    spaces = {"native": native, "pca50": native if pcs is X else Space(X=pcs, pcs=pcs, **shared)}

    statistics, values, skipped = _prepare(spaces)
    replicates = {key: np.full(n_boot, np.nan) for key in values}  # of those that are not resampled
    values |= on_all(statistics, n)
    cells = bootstrap_weights(strata, n_boot, seed=seed)
    replicates |= _centered(resample(statistics, cells, n_boot), values)
    whole = {}
    if batches is not None and batches.max() + 1 >= MIN_BLOCKS:
        whole = _centered(resample(statistics, block_weights(batches, n_boot, seed=seed), n_boot), values)

    keys = [(name, metric) for name in spaces for metric in CARDS if metric not in skipped]
    for name, metric in keys:
        if metric in AVERAGES:
            parts = [(name, part) for part in AVERAGES[metric]]
            values[name, metric] = np.mean([values[part] for part in parts])
            replicates[name, metric] = np.mean([replicates[part] for part in parts], axis=0)
            if whole:
                whole[name, metric] = np.mean([whole[part] for part in parts], axis=0)
    table = pd.DataFrame(
        [
            (name, metric, values[name, metric], *interval(replicates[name, metric], level=level))
            for name, metric in keys
        ],
        columns=["space", "metric", "value", "ci_low", "ci_high"],
    ).astype({"value": float, "ci_low": float, "ci_high": float})
    return Scores(
        table=table.assign(n_cells=n, better=[CARDS[metric].better for metric in table["metric"]]),
        replicates=pd.DataFrame({f"{name}/{metric}": replicates[name, metric] for name, metric in keys}),
        skipped=skipped,
        sweep=pd.concat(
            [
                sweep.table.assign(space=name, algorithm=algorithm)
                for name, space in spaces.items()
                for algorithm, sweep in space.sweeps.items()
            ],
            ignore_index=True,
        )[["space", "algorithm", "resolution", "n_clusters", "nmi", "ari", "chosen"]],
        neighbors=native.neighbors,
        by_batch=pd.DataFrame(
            [(*key, *interval(whole[key], level=level)) for key in keys if key in whole],
            columns=["space", "metric", "ci_low", "ci_high"],
        ),
    )


def _prepare(spaces: dict[str, Space]) -> tuple[dict[Key, list[Statistic]], dict[Key, float], dict[str, str]]:
    """Make every metric of every space functions of cell weights, or a number; name those that do not apply, and why."""
    statistics, numbers, skipped = {}, {}, {}
    for metric, recipe in RECIPES.items():
        try:
            # Two names may stand for one space, whose statistic is then made once.
            made = {space: recipe(space) for space in dict.fromkeys(spaces.values())}
        except NotApplicable as reason:
            skipped[metric] = str(reason)
            continue
        for name, space in spaces.items():
            found = made[space]
            if isinstance(found, float):
                numbers[name, metric] = found
            else:
                statistics[name, metric] = found if isinstance(found, list) else [found]
    for metric, parts in AVERAGES.items():
        missing = [part for part in parts if part in skipped]
        if missing:
            skipped[metric] = f"{CARDS[missing[0]].title} is part of it: {skipped[missing[0]]}"
    return statistics, numbers, skipped


def _centered(replicates: dict[Key, np.ndarray], values: dict[Key, float]) -> dict[Key, np.ndarray]:
    return {k: centered(found, values[k], within=CARDS[k[1]].range) for k, found in replicates.items()}
