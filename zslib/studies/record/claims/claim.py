"""A claim, the evidence that bears on it, and the one rule that makes a verdict of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf, isnan

import pandas as pd
from scipy import stats

from zslib.results.report.words import join
from zslib.studies.record.claims.build import BUILD, Build
from zslib.studies.record.evidence import clustered_interval, mean_interval

HOLDS, FAILS, OPEN, UNMEASURED = "holds", "does not hold", "cannot tell", "cannot tell: not measured"
FOR, AGAINST, NEITHER = "for", "against", "neither way"
AS_WELL = 0.02
"""How far below another score one may lie and still do as well: on a scale of 0 to 1, about what one more seed moves."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One comparison.

    Attributes
    ----------
    what
        What is subtracted from what, in a few words, so that a high difference speaks for the claim.
    score
        The score that both are measured in.
    difference
        In that score.
    interval
        95 % interval of the difference; NaN where nothing gives one.
    over
        What the interval is an interval over: datasets, cells, seeds.
    apart
        Where datasets of a source may resemble each other: the interval if none did; narrower.
    dataset
        The dataset, where it is one that an interval is about.
    n_datasets
        Number of datasets behind it.
    sources
        Titles of sources of the record, or :data:`BUILD`.
    decides
        Whether it counts for the verdict; what does not is shown beside it.
    note
        A sentence more, or none.
    """

    what: str
    score: str
    difference: float
    interval: tuple[float, float] = (float("nan"), float("nan"))
    over: str = "datasets"
    apart: tuple[float, float] | None = None
    dataset: str = ""
    n_datasets: int = 1
    sources: tuple[str, ...] = (BUILD,)
    decides: bool = True
    note: str = ""

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
    """What somebody says.

    Attributes
    ----------
    name
        For links.
    title, said
        The claim, in a few words and in a sentence.
    who
        Who said it, and where.
    asks
        What would decide it.
    evidence
        Collects the comparisons, given what was run in this build.
    can
        Whether it says that something can be so, for which one case is enough, and not that it is so in general.
    where
        The differences of which the claim is true, from and to.
    """

    name: str
    title: str
    said: str
    who: str
    asks: str
    evidence: Callable[[Build], Sequence[Evidence]] = field(repr=False)
    can: bool = False
    where: tuple[float, float] = (0.0, inf)


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
class Judged:
    """A claim with its evidence.

    The rule: a comparison speaks for the claim where its whole interval lies among the differences of which the claim is
    true, and against it where no part of it does. What is said to be so in general holds if all comparisons speak for
    it, and does not hold if one speaks against it. What is said to be possible holds if one comparison speaks for it,
    and does not hold if all speak against it. Where one of several is enough, intervals are widened for how many were
    asked, as one of many comes out by luck.
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
        if self.claim.can:
            return HOLDS if FOR in sides else FAILS if sides == {AGAINST} else OPEN
        return FAILS if AGAINST in sides else HOLDS if sides == {FOR} else OPEN


def judge(build: Build) -> dict[str, Judged]:
    """Judge all claims by what the record and this build say."""
    return {name: Judged(one, tuple(one.evidence(build))) for name, one in CLAIMS.items()}


def over_datasets(differences: pd.Series, sources: pd.Series) -> dict:
    """Read differences on several datasets together.

    Parameters
    ----------
    differences, sources
        One a dataset; the title of its source.

    Returns
    -------
    Fields of :class:`Evidence`: difference (the mean), interval (datasets of one source may resemble each other),
    apart, n_datasets, sources, and note (on how many datasets the difference is above 0).
    """
    apart = mean_interval(differences)
    several = sources.nunique() > 1
    n, above = len(differences), int((differences > 0).sum())
    return {
        "difference": float(differences.mean()),
        "interval": clustered_interval(differences, sources) if several else apart,
        "apart": apart,
        "n_datasets": n,
        "sources": tuple(dict.fromkeys(sources)),
        "note": f"Above 0 on {above} of {n}." if n > 1 else "",
    }
