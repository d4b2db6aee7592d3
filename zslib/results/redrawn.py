"""Intervals that hold drawing other cells and embedding them anew.

Random halves of the cells were embedded and scored again by the methods that are cheap. Their spread is that of draws of
as many cells as there are (:func:`zslib.core.stats.redrawn`), and takes the place of the bootstrap's. The other
methods keep their bootstrap, spread as many times as far as it takes to have that of the cheap ones right.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from zslib import methods
from zslib.core import stats
from zslib.metrics import CARDS

HALF = "half of the cells"
COLUMNS = ["alteration", "draw", "method", "space", "metric", "value"]
"""Of scores of cells drawn and altered anew."""


@dataclass(frozen=True, eq=False)
class Redrawn:
    """What is known of other draws of the cells."""

    draws: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """For each method that was run again its scores, one row a draw, one column ``space/metric``."""
    times: Mapping[str, pd.Series] = field(default_factory=dict)
    """For each of them how many times as far a score moves as the bootstrap says."""
    factor: pd.Series = field(default_factory=lambda: pd.Series(dtype=float))
    """The same of all of them that compete together: by how much the intervals of the others are widened."""

    @classmethod
    def of(cls, altered: pd.DataFrame, replicates: Mapping[str, pd.DataFrame]) -> "Redrawn":
        """Gather what :func:`zslib.results.robustness.compute` found, beside bootstrap replicates of the same methods."""
        half = altered[altered["alteration"] == HALF]
        half = half.assign(score=half["space"] + "/" + half["metric"])
        draws = {}
        for method, own in half.groupby("method", sort=False):
            table = own.pivot(index="draw", columns="score", values="value")
            draws[method] = table[[c for c in table if c in replicates[method]]].dropna(axis=1)
        draws = {m: table for m, table in draws.items() if len(table) > 1}
        times = {m: _times([table], [replicates[m]]) for m, table in draws.items()}
        rivals = [m for m in draws if methods.card(m).competes] or list(draws)
        if not rivals:
            return cls()
        return cls(draws, times, _times([draws[m] for m in rivals], [replicates[m] for m in rivals]))

    def widened(self, method: str, replicates: pd.DataFrame) -> pd.DataFrame:
        """Replicates of one seed of a method, as far apart as other draws would be; columns without draws stay."""
        draws, moved = self.draws.get(method, pd.DataFrame()), replicates - (center := replicates.mean())
        if len(draws):
            moved[draws.columns] = stats.redrawn(draws, len(moved))
        others = [c for c in self.factor.dropna().index if c in moved and c not in draws]
        moved[others] *= self.factor[others]
        widened = moved + center
        for score in [*draws, *others]:
            widened[score] = widened[score].clip(*CARDS[score.partition("/")[2]].range)
        return widened


def _times(draws: list[pd.DataFrame], replicates: list[pd.DataFrame]) -> pd.Series:
    """How many times as far draws spread as replicates do, for the scores that all of these methods have."""
    shared = [c for c in draws[0] if all(c in one for one in draws)]
    found = stats.inflation([one[shared] for one in draws], [one[shared] for one in replicates])
    return pd.Series(found, shared)
