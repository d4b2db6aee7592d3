"""Sentences about claims: every number in them is computed."""

from collections.abc import Mapping
from math import isinf

from zslib.results.report.words import join, markdown
from zslib.studies.record.claims.build import BUILD
from zslib.studies.record.claims.claim import (
    AGAINST,
    FAILS,
    FOR,
    HOLDS,
    NEITHER,
    UNMEASURED,
    Evidence,
    Judged,
)
from zslib.studies.record.sentences import signed


def tally(judged: Mapping[str, Judged]):
    """Say how many claims hold, how many do not, and of how many nobody can tell."""
    words = [one.word for one in judged.values()]

    def those(word: str, one: str, several: str) -> str:
        named = [f"*{j.claim.title}*" for j in judged.values() if j.word == word]
        return f"{len(named)} {one if len(named) == 1 else several}" + (f" ({join(named)})" if named else "")

    left = sum(word not in (HOLDS, FAILS) for word in words)
    unmeasured = words.count(UNMEASURED)
    want = f", {unmeasured} of them for want of any measurement" if unmeasured else ""
    return markdown(
        f"Of {len(words)} claims {those(HOLDS, 'holds', 'hold')}, {those(FAILS, 'does not', 'do not')}, "
        f"and on {left} the evidence cannot tell{want}."
    )


def verdict(one: Judged):
    """Say the verdict on one claim, what would decide it, and every comparison that bears on it."""
    claim = one.claim
    lines = [
        f"> {claim.said}\n>\n> {claim.who}",
        f"**Verdict: {one.word}{f' ({one.limit})' if one.limit else ''}.** {counted(one)}",
        f"*What would decide it.* {claim.asks} {_truth(one)}",
    ]
    if not any(BUILD in e.sources for e in one.evidence):
        lines.append("Not measured in this build.")
    items = [f"- {_mark(one, e)}{in_words(e)}" for e in one.evidence]
    return markdown("\n\n".join([*lines, "\n".join(items)]))


def in_words(e: Evidence) -> str:
    """A comparison with its interval, what the interval holds, and where it is from."""
    where = "in this build" if e.sources == (BUILD,) else f"from {_sources(e)}"
    if e.n_datasets > 1:
        where = f"on {e.n_datasets} datasets {where}"
    note = f" {e.note}" if e.note else ""
    return f"{e.label} ({e.score}): {numbers(e)}, {where}.{note}"


def numbers(e: Evidence) -> str:
    """A difference with its interval and what that is an interval over."""
    if not e.measured:
        return f"**{signed(e.difference)}**, too few datasets for an interval"
    low, high = e.interval
    return f"**{signed(e.difference)}** [{signed(low)}, {signed(high)}] over {e.over}"


def counted(one: Judged) -> str:
    """How many of the comparisons that count speak for a claim and how many against it."""
    sides = [one.speaks(e) for e in one.deciding]
    if not any(e.measured for e in one.deciding):
        return "No comparison with an interval bears on it."
    said = (
        f"Of {len(sides)} comparison{'s' if len(sides) > 1 else ''} {sides.count(FOR)} speak{'s' if sides.count(FOR) == 1 else ''} for it, "
        f"{sides.count(AGAINST)} against, {sides.count(NEITHER)} neither way"
    )
    more = sum(one.speaks(e, apart=True) == FOR for e in one.deciding if one.speaks(e) == NEITHER)
    if more:
        said += f"; {more} more would speak for it if every dataset counted as independent of its source"
    return said + "."


def _mark(one: Judged, e: Evidence) -> str:
    if not e.decides:
        return "*Beside it:* "
    return {FOR: "*For:* ", AGAINST: "*Against:* ", NEITHER: "*Neither way:* "}[one.speaks(e)]


def _truth(one: Judged) -> str:
    first, last = map(signed, one.claim.where)
    where = {
        (False, False): f"between {first} and {last}",
        (False, True): f"above {'0' if one.claim.where[0] == 0 else first}",
        (True, False): f"below {last}",
    }[tuple(isinf(end) for end in one.claim.where)]
    return f"The claim is true of differences {where}" + (
        "; one such case is enough." if one.claim.can else "."
    )


def _sources(e: Evidence) -> str:
    return e.sources[0] if len(e.sources) == 1 else f"{len(e.sources)} sources"
