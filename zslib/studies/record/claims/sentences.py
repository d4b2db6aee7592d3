"""Sentences about claims: every number in them is computed."""

from collections.abc import Mapping
from math import inf, isinf

from zslib.results.report.words import difference, join, markdown, signed
from zslib.studies.record.claims.claim import (
    AGAINST,
    BUILD,
    FAILS,
    FOR,
    HOLDS,
    NEITHER,
    UNMEASURED,
    Assessment,
    Claim,
    Evidence,
)


def tally(assessed: Mapping[str, Assessment]):
    """Say how many claims hold, how many do not, and of how many nobody can tell."""
    words = [one.word for one in assessed.values()]

    def those(word: str, one: str, several: str) -> str:
        named = [f"*{j.claim.title}*" for j in assessed.values() if j.word == word]
        return f"{len(named)} {one if len(named) == 1 else several}" + (f" ({join(named)})" if named else "")

    left = sum(word not in (HOLDS, FAILS) for word in words)
    unmeasured = words.count(UNMEASURED)
    want = f", {unmeasured} of them for want of any measurement" if unmeasured else ""
    return markdown(
        f"Of {len(words)} claims {those(HOLDS, 'holds', 'hold')}, {those(FAILS, 'does not', 'do not')}, "
        f"and on {left} the evidence cannot tell{want}."
    )


def verdict(one: Assessment):
    """Say a claim, the verdict on it, and what would decide it."""
    claim, here = one.claim, any(BUILD in e.sources for e in one.evidence)
    lines = [
        f"> {claim.said}\n>\n> {claim.who}",
        f"**{one.word.capitalize()}{f' ({one.limit})' if one.limit else ''}.** {counted(one)}"
        + ("" if here else " Not measured in this build."),
        f"*What would decide it.* {claim.asks}{_truth(claim)}",
    ]
    return markdown("\n\n".join(lines))


def numbers(e: Evidence, digits: int) -> str:
    """A difference with its interval and what that is an interval over."""
    said = difference(e.difference, e.interval, digits)
    return f"{said} over {e.over}" if e.measured else f"{said}, too few datasets for an interval"


def counted(one: Assessment) -> str:
    """How many of the comparisons that count speak for a claim and how many against it."""
    sides = [one.speaks(e) for e in one.deciding]
    if not any(e.measured for e in one.deciding):
        return "No comparison with an interval bears on it."
    n, pro, con = len(sides), sides.count(FOR), sides.count(AGAINST)
    if n == 1:
        said = f"The one comparison speaks {'for it' if pro else 'against it' if con else 'neither way'}"
    elif n in (pro, con):
        said = f"{'Both' if n == 2 else f'All {n}'} comparisons speak {'for' if pro else 'against'} it"
    elif pro or con:
        said = f"Of {n} comparisons {pro or 'none'} speak{'s' if pro < 2 else ''} for it and {con or 'none'} against"
    else:
        said = f"None of {n} comparisons speaks for or against it"
    more = sum(one.speaks(e, apart=True) == FOR for e in one.deciding if one.speaks(e) == NEITHER)
    if more:
        said += f"; {more} more would speak for it if every dataset counted as independent of its source"
    return said + "."


def _truth(claim: Claim) -> str:
    """Of which differences a claim is true, where not simply of those above 0, and whether one is enough."""
    first, last = map(signed, claim.where)
    if isinf(claim.where[0]):
        where = f"below {last}"
    else:
        where = f"above {first}" if isinf(claim.where[1]) else f"between {first} and {last}"
    said = "" if claim.where == (0.0, inf) else f" The claim is true of differences {where}."
    return said + " One such case is enough." * claim.can
