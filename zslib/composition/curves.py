"""From the scores to learning curves, saturation points and differences between schemes."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from zslib import stats
from zslib.composition.experiment import CEILING, UNTRAINED, Scores
from zslib.composition.saturation import SHARE, points, redrawn

KEYS = ["model", "target", "metric"]


@dataclass(frozen=True, eq=False)
class Curve:
    """Scores of one model on one held-out study along sizes."""

    model: str
    target: str
    metric: str
    sizes: tuple[int, ...]
    """Cells pre-trained on, ascending; the first is 0, the untrained model."""
    scores: np.ndarray
    """Shape (n_seeds, n_sizes)."""
    replicates: np.ndarray
    """Shape (n_boot, n_seeds, n_sizes)."""
    ceiling: np.ndarray
    """Scores of the model trained on the study itself, shape (n_seeds, 1)."""
    ceiling_replicates: np.ndarray
    """Shape (n_boot, n_seeds, 1)."""


def learning_curves(scores: Scores) -> list[Curve]:
    """The curve of every model, held-out study and metric, of the subsets drawn at random."""
    found = []
    for key, rows in scores.table.groupby(KEYS, sort=False):
        at_random = rows[rows["scheme"].isin(["uniform", UNTRAINED])]
        sizes = tuple(sorted(set(at_random["n_cells"])))
        values = [_of(scores, at_random[at_random["n_cells"] == n]) for n in sizes]
        top, top_again = _of(scores, rows[rows["scheme"] == CEILING])
        found.append(
            Curve(
                *key,
                sizes=sizes,
                scores=np.stack([value for value, _ in values], axis=1),
                replicates=np.stack([again for _, again in values], axis=2),
                ceiling=top[:, None],
                ceiling_replicates=top_again[:, :, None],
            )
        )
    return found


def summary(curves: list[Curve]) -> pd.DataFrame:
    """Mean over seeds at each size with its interval: model, target, metric, n_cells, value, ci_low, ci_high.

    The untrained model has n_cells 0, the one trained on the study itself −1.
    """
    rows = []
    for curve in curves:
        values = np.concatenate([curve.scores, curve.ceiling], axis=1).mean(axis=0)
        again = np.concatenate([curve.replicates, curve.ceiling_replicates], axis=2)
        low, high = stats.interval(redrawn(again).mean(axis=1))
        for each in zip((*curve.sizes, -1), values, low, high, strict=True):
            rows.append((curve.model, curve.target, curve.metric, *each))
    return pd.DataFrame(rows, columns=[*KEYS, "n_cells", "value", "ci_low", "ci_high"])


def saturation_points(curves: list[Curve]) -> pd.DataFrame:
    """Both saturation points of every curve, and how high its floor is.

    Returns
    -------
    Columns model, target, metric, rule, size, low, high, undefined as in
    :class:`zslib.composition.saturation.Point`; and gain, gain_low and gain_high, how much better the whole
    corpus is than no training; floor, floor_low and floor_high, the untrained model's share of the highest
    score, and whether that alone is ``enough`` for the published rule.
    """
    rows = []
    for curve in curves:
        mean = curve.scores.mean(axis=0)
        again = redrawn(curve.replicates)
        gained = (again[:, :, -1] - again[:, :, 0]).mean(axis=1)  # the best size would be best by luck, too
        (floor,), floors = _floor(curve.scores[None]), _floor(again)
        # A highest score is higher where there is noise, and replicates have more of it than the scores.
        floors = stats.centered(floors, floor, within=(0, np.inf))
        ends = (*map(float, stats.interval(gained)), floor, *map(float, stats.interval(floors)))
        about = (mean[-1] - mean[0], *ends, bool(floor >= SHARE))
        for point in points(curve.sizes, curve.scores, curve.replicates):
            sizes = (point.rule, point.size, point.low, point.high, point.undefined)
            rows.append((curve.model, curve.target, curve.metric, *sizes, *about))
    columns = ["rule", "size", "low", "high", "undefined", "gain", "gain_low", "gain_high"]
    return pd.DataFrame(rows, columns=[*KEYS, *columns, "floor", "floor_low", "floor_high", "enough"])


def _floor(scores: np.ndarray) -> np.ndarray:
    """Best untrained score as a share of the best of any size: from (n, n_seeds, n_sizes) to (n,)."""
    return scores[:, :, 0].max(axis=1) / scores[:, :, 1:].max(axis=(1, 2))


def scheme_differences(scores: Scores) -> pd.DataFrame:
    """How much better a scheme is than cells drawn at random, as many of them: mean over seeds.

    Returns
    -------
    Columns model, target, metric, scheme, n_cells, value, ci_low, ci_high.
    """
    rows = []
    for key, n, scheme, one, other in _pairs(scores):
        value, again = (a - b for a, b in zip(_of(scores, one), _of(scores, other), strict=True))
        ends = stats.interval(redrawn(again).mean(axis=1))
        rows.append((*key, scheme, n, value.mean(), *map(float, ends)))
    return pd.DataFrame(rows, columns=[*KEYS, "scheme", "n_cells", "value", "ci_low", "ci_high"])


def _pairs(scores: Scores) -> Iterator[tuple]:
    for key, rows in scores.table.groupby(KEYS, sort=False):
        for (scheme, n), some in rows.groupby(["scheme", "n_cells"], sort=False):
            if scheme not in ("uniform", UNTRAINED, CEILING):
                yield key, n, scheme, some, rows[(rows["scheme"] == "uniform") & (rows["n_cells"] == n)]


def _of(scores: Scores, rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Values of rows in the order of their seeds, (n_seeds,), and replicates, (n_boot, n_seeds)."""
    rows = rows.sort_values("seed")
    return rows["value"].to_numpy(), scores.replicates[rows.index].T
