"""A claim, what this build has to say about it, the evidence, and the one rule that makes a verdict of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf, isnan

import pandas as pd
from scipy import stats

from zslib.results import comparison
from zslib.results.comparison import Comparison
from zslib.results.report.words import join
from zslib.studies.composition import live
from zslib.studies.record.evidence import joint
from zslib.studies.tuning import results as tuned
from zslib.studies.tuning.results import Tuned

BUILD = "this build"
"""Where evidence is from that is not in the record."""
HOLDS, FAILS, OPEN, UNMEASURED = "holds", "does not hold", "cannot tell", "cannot tell: not measured"
FOR, AGAINST, NEITHER = "for", "against", "neither way"
AS_WELL = 0.02
"""How far below another score one may lie and still do as well: on a scale of 0 to 1, about what one more seed moves."""
LEAST = 3
"""Datasets that make a mean of this build count; on fewer nothing holds in general, and nothing is shown impossible."""


@dataclass(frozen=True)
class Build:
    """The results that claims are asked of; all empty where nothing was run."""

    runs: Sequence[Comparison] = ()
    tuned: Sequence[Tuned] = ()
    pretrained: pd.DataFrame | None = None
    """Scores of models pre-trained on subsets; see :mod:`zslib.studies.composition.live`."""

    @classmethod
    def of(cls, grid) -> "Build":
        """Read what a grid has left (see :class:`zslib.workflow.grid.Grid`)."""
        runs = [comparison.load_grid(grid, dataset) for dataset in grid.datasets]
        return cls(runs, tuned.of_grid(grid), live.read(grid.results))


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One comparison."""

    what: str
    """What is subtracted from what, in a few words, so that a high difference speaks for the claim."""
    score: str
    """The score that both are measured in."""
    difference: float
    interval: tuple[float, float] = (float("nan"), float("nan"))
    """95 % interval of the difference; NaN where nothing gives one."""
    over: str = "datasets"
    """What the interval is an interval over: datasets, cells, seeds."""
    apart: tuple[float, float] | None = None
    """Where datasets of a source may resemble each other: the interval if none did."""
    dataset: str = ""
    """The dataset, where it is one that an interval is about."""
    n_datasets: int = 1
    sources: tuple[str, ...] = (BUILD,)
    """Titles of sources of the record, or :data:`BUILD`."""
    decides: bool = True
    """Whether it counts for the verdict; what does not is shown beside it."""
    note: str = ""
    """A sentence more, or none."""

    @property
    def label(self) -> str:
        """What is compared, and on which dataset if it is one."""
        return f"{self.what}, {self.dataset}" if self.dataset else self.what

    @property
    def measured(self) -> bool:
        """Whether there is an interval, without which nothing is told from chance."""
        return not isnan(self.interval[0])


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What somebody says."""

    name: str
    """For links."""
    title: str
    said: str
    """The claim, in a few words and in a sentence."""
    who: str
    """Who said it, and where."""
    asks: str
    """What would decide it."""
    evidence: Callable[[Build], Sequence[Evidence]] = field(repr=False)
    """Collects the comparisons, given what was run in this build."""
    can: bool = False
    """Whether it says that something can be so, for which one case is enough, and not that it is so in general."""
    where: tuple[float, float] = (0.0, inf)
    """The differences of which the claim is true, from and to."""

    @property
    def digits(self) -> int:
        """Decimals that show on which side of the ends of ``where`` a difference lies."""
        return 2 if self.where == (0.0, inf) else 3


CLAIMS: dict[str, Claim] = {}
"""All claims, in the order in which they were written down."""


def claim(**about):
    """Make a claim of the function that collects its evidence; takes the other attributes of :class:`Claim`."""

    def register(collect):
        name = collect.__name__.replace("_", "-")
        CLAIMS[name] = Claim(name=name, evidence=collect, **about)
        return collect

    return register


@dataclass(frozen=True)
class Assessment:
    """A claim with its evidence.

    The rule: a comparison speaks for the claim where its whole interval lies among the differences of which the claim is
    true, and against it where no part of it does. What is said to be so in general holds if all comparisons speak for
    it, on three datasets or more between them, and does not hold if one speaks against it. What is said to be possible
    holds if one comparison speaks for it, and does not hold if all speak against it, on as many. Where one of several is
    enough, intervals are widened for how many were asked, as one of many comes out by luck.
    """

    claim: Claim
    evidence: tuple[Evidence, ...]

    @property
    def deciding(self) -> tuple[Evidence, ...]:
        """The comparisons that count."""
        return tuple(e for e in self.evidence if e.decides)

    def speaks(self, evidence: Evidence, *, apart: bool = False) -> str:
        """Whether a comparison speaks :data:`FOR` the claim, :data:`AGAINST` it, or :data:`NEITHER`."""
        ends = evidence.apart if apart and evidence.apart else evidence.interval
        asked = max(1, sum(e.measured for e in self.deciding))
        z = stats.norm.ppf([1 - 0.025 / asked, 0.975])
        wide = tuple(evidence.difference + (end - evidence.difference) * z[0] / z[1] for end in ends)
        first, last = self.claim.where
        low, high = wide if self.claim.can else ends
        if low > first and high < last:
            return FOR
        low, high = ends if self.claim.can else wide
        return AGAINST if high < first or low > last else NEITHER

    @property
    def word(self) -> str:
        """The verdict: one of :data:`HOLDS`, :data:`FAILS`, :data:`OPEN`, :data:`UNMEASURED`."""
        return self._word(apart=False)

    @property
    def limit(self) -> str:
        """How far the verdict carries, or what would give one; empty where three sources or more agree."""
        if self.word == UNMEASURED:
            return ""
        if self.word == OPEN:
            for side, other in ((FOR, AGAINST), (AGAINST, FOR)):
                if {self.speaks(e) for e in self.deciding} == {side}:
                    return f"nothing speaks {other} it, on fewer than {LEAST} datasets"
            would = self._word(apart=True)
            return "" if would == OPEN else f"{would} if every dataset counts as independent of its source"
        side = FOR if self.word == HOLDS else AGAINST
        made = [e for e in self.deciding if self.speaks(e) == side]
        known = {s for e in made for s in e.sources}
        if len(known) > 2:
            return ""
        datasets = {e.dataset for e in made}
        few = f", {join(sorted(datasets))}" if "" not in datasets else ""
        return f"{join(sorted(known, key=str.lower))} alone{few}"

    @property
    def leading(self) -> Evidence | None:
        """The comparison to name first: one that made the verdict if there is one, of the most datasets."""
        side = {HOLDS: FOR, FAILS: AGAINST}.get(self.word)
        made = [e for e in self.deciding if side in (None, self.speaks(e))]
        return max(made or self.evidence, key=lambda e: (e.measured, e.n_datasets), default=None)

    def _word(self, *, apart: bool) -> str:
        asked = self.deciding
        if not any(e.measured for e in asked):
            return UNMEASURED
        sides = {self.speaks(e, apart=apart) for e in asked}
        # Several comparisons may be of one dataset; those over datasets do not say which ones they share.
        over = [e.n_datasets for e in asked if not e.dataset]
        enough = max(over, default=0) + len({e.dataset for e in asked} - {""}) >= LEAST
        if self.claim.can:
            return HOLDS if FOR in sides else FAILS if sides == {AGAINST} and enough else OPEN
        return FAILS if AGAINST in sides else HOLDS if sides == {FOR} and enough else OPEN


def assess(build: Build) -> dict[str, Assessment]:
    """Assess all claims by what the record and this build say."""
    return {name: Assessment(one, tuple(one.evidence(build))) for name, one in CLAIMS.items()}


def over_datasets(differences: pd.Series, sources: pd.Series, datasets: pd.Series | None = None) -> dict:
    """Read differences on several datasets together.

    Parameters
    ----------
    differences, sources, datasets
        One a dataset of a source; the title of the source, and the dataset if it can be in several of them.

    Returns
    -------
    Fields of :class:`Evidence`: difference (the mean), interval (datasets of one source may resemble each other),
    apart, n_datasets, sources, and note (on how many datasets the difference is above 0).
    """
    names = pd.Series(range(len(differences))) if datasets is None else datasets
    found = joint(differences, sources, names)
    twice = ", a dataset counted once a source" if found["n_rows"] > found["n_datasets"] else ""
    note = f"Above 0 on {found['ahead']} of {found['n_rows']}{twice}." if len(differences) > 1 else ""
    kept = {name: found[name] for name in ("difference", "interval", "apart", "n_datasets")}
    return kept | {"sources": tuple(dict.fromkeys(sources)), "note": note}
