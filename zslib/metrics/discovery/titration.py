"""How few cells of a type are enough for it to be found."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sklearn.neighbors import NearestNeighbors

from zslib.core.errors import NotApplicable
from zslib.core.stats import bootstrap_weights, interval
from zslib.metrics import pairs
from zslib.metrics.clustering import leiden
from zslib.metrics.discovery.distance import K as NEAREST
from zslib.metrics.discovery.novelty import hidden_types, references, without
from zslib.metrics.discovery.own_cluster import PURITY, recall_at_purity
from zslib.metrics.graph import K, fuzzy_graph
from zslib.metrics.resolution import USUAL
from zslib.metrics.space import Space

LEVELS = (5, 20, 100)
"""Cells of the type that are kept, as far as it has so many."""
DRAWS = 3
"""Times that each number of cells is drawn."""
BACKGROUND = 500
"""Most other cells that they are drawn among, so that a level is the same rarity on every dataset."""
FITTED = 2_000
"""Most cells of other types that a method is fitted to anew, besides those that are drawn."""
HALF = 0.5
"""Share of the kept cells that must be found."""
TITRATED = {
    "found_by_distance": (
        "Among the cells farthest from the reference, by the time half of the kept cells are met, no more known "
        f"cells than that are met (of at most {BACKGROUND:,})."
    ),
    "found_by_cluster": (
        f"One Leiden cluster holds at least half of the kept cells, and they are at least {PURITY:.0%} of it "
        f"(among at most {BACKGROUND:,} other cells)."
    ),
}
"""When a type of which only some cells are kept counts as found."""


@dataclass(frozen=True, kw_only=True)
class Draw:
    """Cells of one draw: of the type in the order they are added, so that 10 kept cells include the first 5."""

    own: np.ndarray
    """Rows of the type, shape (at most the highest level,)."""
    others: np.ndarray
    """Rows of other types, to cluster them with."""
    known: np.ndarray
    """Rows of other types outside the reference, to rank them with."""
    fitted: np.ndarray
    """Rows of other types that a method is fitted to besides."""
    seed: int
    """Of the clustering."""


Refit = Callable[[list[np.ndarray]], Iterable[np.ndarray]]
"""Fit a method anew with each of several sets of cells, given by their rows, and embed these: shape (n_rows, n_dims)."""


def titrate(
    space: Space, *, refit: Refit | None = None, n_boot: int = 500, level: float = 0.95
) -> pd.DataFrame:
    """Keep few cells of each type in turn, and ask by two rules whether they are found.

    Parameters
    ----------
    space
        An embedding and its labels.
    refit
        Of a method that is fitted to the cells: it must not have seen those that are not kept. With it, all other types
        and the kept cells are embedded anew for each draw and number.
    n_boot
        Resamples for the intervals, which hold the draws of cells.
    level
        Level of the percentile intervals.

    Returns
    -------
    Share of the draws in which so many cells of a type are found; columns space (``native``), metric (one of
    :data:`TITRATED`), label (empty for the mean over types), cells, value, ci_low, ci_high, chance (unknown).
    """
    try:
        types = hidden_types(space)
    except NotApplicable:
        types = []
    found: dict[tuple[str, int], dict[int, list[bool]]] = {}
    for t in types:
        for cells, outcomes in _outcomes(space, t, refit):
            for metric, of_cells in zip(TITRATED, outcomes, strict=True):
                for m, outcome in zip(cells, of_cells, strict=True):
                    found.setdefault((metric, m), {}).setdefault(t, []).append(outcome)
    rows = []
    for (metric, m), of_types in found.items():
        rows += [(metric, space.names[t], m, np.mean(draws), np.nan, np.nan) for t, draws in of_types.items()]
        drawn = np.concatenate(list(of_types.values())).astype(float)
        of_type = np.repeat(np.arange(len(of_types)), DRAWS)
        shares = [drawn @ w / len(drawn) for w in bootstrap_weights(of_type, n_boot, seed=space.seed)]
        ends = interval(np.concatenate(shares) if shares else np.empty(0), level=level)
        rows.append((metric, "", m, drawn.mean(), *ends))
    table = pd.DataFrame(rows, columns=["metric", "label", "cells", "value", "ci_low", "ci_high"])
    table = table.astype({"cells": int, "value": float, "ci_low": float, "ci_high": float})
    table.insert(0, "space", "native")
    return table.assign(chance=np.nan)


def _outcomes(space: Space, t: int, refit: Refit | None) -> Iterator[tuple[list[int], tuple[list, list]]]:
    """Of each draw of a type the numbers of cells tried, and by either rule whether they are found."""
    label, order = space.label, space.order[np.isin(space.order, space.anchors.rows)]
    own, others = order[label[order] == t], order[label[order] != t]
    of_splits = space.once(without, t)
    scores = [np.full(len(label), np.nan) for _ in of_splits]
    for score, of_anchors in zip(scores, of_splits, strict=True):
        score[space.anchors.rows] = of_anchors
    held_out = [others[~reference[others]] for reference in space.once(references)]
    cells = levels(len(own), min(BACKGROUND, *map(len, held_out)))
    for i in range(DRAWS):
        # Seeded by type and turn, so that every embedding is asked for the same cells.
        rng = np.random.default_rng([space.seed, int((label[order] == t).argmax()), i])
        drawn = draw(own, others, held_out[i % len(scores)], rng)
        if refit is None:
            by_distance = [found_by_distance(scores[i % len(scores)], drawn, m) for m in cells]
            by_cluster = found_by_cluster(space.X, drawn, cells)
        else:
            reference = space.once(references)[i % len(scores)]
            fitted = np.unique(np.concatenate([drawn.others, drawn.known, drawn.fitted]))
            anew = list(embedded_anew(refit, reference, fitted, drawn, cells))
            by_distance = [found_by_distance(score, kept, len(kept.own)) for _, score, kept in anew]
            by_cluster = [found_by_cluster(X, kept, [len(kept.own)])[0] for X, _, kept in anew]
        yield cells, (by_distance, by_cluster)


def levels(n_own: int, n_among: int) -> list[int]:
    """The numbers of cells to try for a type with so many cells, to be put among so many others.

    Kept cells are few beside the others, at most one to five: half and half would meet either rule by chance.
    """
    return [m for m in LEVELS if m <= min(n_own, n_among / 5)]


def draw(own: np.ndarray, others: np.ndarray, known: np.ndarray, rng) -> Draw:
    """Draw from the rows of a type, of all other types, and of the other types' cells that are not in the reference."""
    return Draw(
        own=rng.permutation(own)[: max(LEVELS)],
        others=rng.permutation(others)[:BACKGROUND],
        known=rng.permutation(known)[:BACKGROUND],
        seed=int(rng.integers(2**31)),
        fitted=rng.permutation(others)[:FITTED],
    )


def embedded_anew(
    refit: Refit, reference: np.ndarray, others: np.ndarray, drawn: Draw, cells: list[int]
) -> Iterator[tuple[np.ndarray, np.ndarray, Draw]]:
    """Embed cells of other types, given by their rows, and the first few of the type, fitted to these alone by `refit`.

    Which cells are in the reference is boolean, of shape (n_cells,).

    Yields
    ------
    The embedding of the cells that are there, shape (n_there, n_dims), and the novelty of those that are ranked, shape
    (n_there,); 0 for others. And the draw, with the kept cells alone, by their places among those that are there.
    """
    draws = [replace(drawn, own=drawn.own[:m]) for m in cells]
    sets = [np.sort(np.concatenate([kept.own, others])) for kept in draws]
    for kept, rows, X in zip(draws, sets, refit(sets), strict=True):
        own, among, known = (np.searchsorted(rows, at) for at in (kept.own, kept.others, kept.known))
        X, ranked = np.asarray(X, dtype=np.float64), np.concatenate([own, known])
        search = NearestNeighbors(n_neighbors=NEAREST).fit(
            X[np.searchsorted(rows, others[reference[others]])]
        )
        score = np.zeros(len(rows))
        score[ranked] = pairs.rounded(search.kneighbors(X[ranked])[0].mean(axis=1))
        yield X, score, replace(kept, own=own, others=among, known=known)


def found_by_distance(score: np.ndarray, drawn: Draw, m: int) -> bool:
    """Whether the first m cells of a type stand out by their novelty, shape (n_cells,), with the type hidden.

    True if by the time half of them are met, from the farthest cell down, no more known ones are.
    """
    half = int(np.ceil(HALF * m))
    bar = np.sort(score[drawn.own[:m]])[-half]
    return int((score[drawn.known] >= bar).sum()) <= half


def found_by_cluster(X: np.ndarray, drawn: Draw, cells: list[int]) -> list[bool]:
    """Whether the first few cells of a type make a cluster of their own, for each of several numbers of them.

    True if one Leiden cluster of the drawn cells holds half of those that are kept or more and is pure enough.
    """
    # Shuffled, since where the kept ones stand must not tell.
    rows = np.random.default_rng(drawn.seed).permutation(np.concatenate([drawn.own, drawn.others]))
    D = _distances(X[rows])
    found = []
    for m in cells:
        there = ~np.isin(rows, drawn.own[m:])
        graph = fuzzy_graph(*_nearest(D[np.ix_(there, there)]))
        clusters = leiden(graph, resolution=USUAL, seed=drawn.seed)
        recall = recall_at_purity(clusters, np.isin(rows[there], drawn.own))
        found.append(bool(recall(np.ones((len(clusters), 1)))[0] >= HALF))
    return found


def _distances(X: np.ndarray) -> np.ndarray:
    """All pairwise Euclidean distances of a few cells, infinite to itself."""
    # Late, as in :mod:`zslib.metrics.distances`.
    from zslib.metrics import pairs_cpu

    D = pairs_cpu.distances(X.astype(np.float64))
    np.fill_diagonal(D, np.inf)
    return D


def _nearest(D: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and distances of each cell's nearest ones, as :func:`zslib.metrics.neighbors` takes them."""
    # In random order, for what is found first of cells equally far not to be what stands first.
    shuffled = np.random.default_rng(0).permutation(len(D))
    columns = shuffled[np.argpartition(D[:, shuffled], K - 1, axis=1)[:, :K]]
    order = np.take_along_axis(D, columns, axis=1).argsort(axis=1, kind="stable")
    columns = np.take_along_axis(columns, order, axis=1)
    return columns, np.take_along_axis(D, columns, axis=1)


def fewest(cells: np.ndarray, shares: np.ndarray) -> int | None:
    """The fewest cells from which on a type is found in half of the draws or more; None if not even with the most.

    Numbers that were tried are ascending, and each has the share of the draws in which so many were found; shape
    (n_levels,).
    """
    missed = np.flatnonzero(np.asarray(shares) < HALF)
    first = missed[-1] + 1 if len(missed) else 0
    return int(cells[first]) if first < len(cells) else None
