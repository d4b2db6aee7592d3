"""Words and half-sentences that several sentences of the book share."""

import re
from collections.abc import Sequence

from zslib import methods
from zslib.metrics import CARDS
from zslib.results import ladder
from zslib.results.comparison import SPACES, Comparison

WIDEST = 1.0
"""An interval of a difference that is as wide as this says nothing: scores run from 0 to 1."""


def competing(names: Sequence[str]) -> list[str]:
    """Those that compete: neither controls nor the small models of this book do."""
    return [m for m in names if methods.card(m).competes]


def with_result(names: Sequence[str], runs: Sequence[Comparison]) -> list[str]:
    """Those with a result on some dataset."""
    return [name for name in names if any(name in run.ran for run in runs)]


def leader(runs: Comparison, metric: str) -> str:
    """Say which method scores best on a dataset, which are not told from it, and where the 50 components disagree."""
    leaders, reduced = (ladder.leaders(runs, metric, space) for space in SPACES)
    said = f"**{title_of(leaders[0])}** has the highest {CARDS[metric].title}, {number(runs.value(leaders[0], metric))}"
    if len(runs.rivals) > 1:
        said += (
            f"; {_level(leaders[1:])} with it" if leaders[1:] else ", and no other method is level with it"
        )
    if not reduced or reduced == leaders == leaders[:1]:
        return said + ", in the 50 leading components either" * bool(reduced and len(runs.rivals) > 1)
    if set(reduced) == set(leaders):
        return said + ", in the 50 leading components too"
    if reduced[0] != leaders[0]:
        value = number(runs.value(reduced[0], metric, "pca50"))
        return f"{said}. In the 50 leading components **{title_of(reduced[0])}** has the highest, {value}" + (
            f"; {_level(reduced[1:])} with it" if reduced[1:] else ""
        )
    return f"{said}. In the 50 leading components {_level(reduced[1:]) if reduced[1:] else 'no other method is level'} with it"


def _level(names: Sequence[str]) -> str:
    return f"{titles(names)} {'is' if len(names) == 1 else 'are'} level"


def best_on(all_runs: Sequence[Comparison], metric: str) -> str:
    """Say which method that competes scores best on which datasets, and which are level with it; empty if there is none."""
    places: dict[str, list[str]] = {}
    more = []
    for runs in all_runs:
        leaders, reduced = (ladder.leaders(runs, metric, s) for s in SPACES)
        if leaders:
            tie = f", {titles(leaders[1:])} level" if leaders[1:] else ""
            score = number(runs.value(leaders[0], metric))
            places.setdefault(leaders[0], []).append(f"{runs.dataset} ({score}{tie})")
            if reduced and set(reduced) != {ladder.in_space(runs, m, "pca50") for m in leaders}:
                more.append(f"{titles(reduced)} on {runs.dataset}")
    said = join([f"**{title_of(first)}** on {join(where)}" for first, where in places.items()])
    return said + (f"; in the 50 leading components {'; '.join(more)}" if more else "")


def side(runs: Comparison, method: str, control: str, metric: str, space: str = "native") -> str:
    """Whether a method is above a control, below it or level with it in a space."""
    if ladder.beats(runs, method, control, metric, space):
        return "above"
    return "below" if ladder.beats(runs, control, method, metric, space) else "level with"


def nobody(runs: Comparison, metric: str) -> str:
    """Say why no method is called best by a metric that fails its controls, and which are by others of its family.

    Empty if one may be called best.
    """
    why, card = ladder.unfit(runs, metric), CARDS[metric]
    if not why:
        return ""
    best: dict[str, list[str]] = {}
    for other in ladder.climbed(runs):
        if CARDS[other].family == card.family and (found := ladder.leaders(runs, other)):
            best.setdefault(titles(found), []).append(CARDS[other].title)
    passed = "; ".join(f"**{names}** ({', '.join(scores)})" for names, scores in best.items())
    return (
        f"No method is called best by {card.title} on {runs.dataset}: there it fails its controls ({why})."
        + f" Best by scores that pass: {passed}." * bool(passed)
    )


def too_close(runs: Comparison, metric: str) -> str:
    """Say how large a lead must be to be one, see :func:`zslib.results.ladder.least`; empty if that is not known."""
    size = ladder.least(runs, metric)
    return (
        f" Two halves of the same cells' molecules differ by {size:.2f}, and a lead of no more than that is counted as none."
        if size >= 0.005
        else ""
    )


def number(entry) -> str:
    """A value with its interval, if it has one."""
    ends = "" if entry.ci_low != entry.ci_low else f" [{entry.ci_low:.2f}, {entry.ci_high:.2f}]"
    return f"{entry.value:.2f}{ends}"


def signed(value: float, digits: int = 2) -> str:
    """A difference with its sign, and three decimals where two would hide on which side of zero it lies."""
    digits = 3 if 0.0005 <= abs(value) < 0.005 else digits
    return minus(f"{value:+.{digits}f}") if abs(value) >= 0.0005 else f"{0:.{digits}f}"


def interval(ends: tuple[float, float], digits: int = 2) -> str:
    """The ends of an interval of a difference; in words where that is too wide, and nothing where there is none."""
    low, high = ends
    if high - low >= WIDEST:
        return "scores too far apart"
    return f"[{signed(low, digits)}, {signed(high, digits)}]" if low == low else ""


def difference(value: float, ends: tuple[float, float], digits: int = 2) -> str:
    """A difference with its interval, if it has one."""
    said = interval(ends, digits)
    between, after = (" ", "") if said.startswith("[") else (", ", " for an interval")
    return signed(value, digits) + (between + said + after if said else "")


def counted(n: int, what: str) -> str:
    """How many of something: ``one dataset``, ``3 datasets``."""
    return f"one {what}" if n == 1 else f"{n} {what}s"


def title_of(method: str) -> str:
    """A method's name as people say it."""
    return methods.card(method).title


def titles(names: Sequence[str]) -> str:
    """Methods in a row, as people say them."""
    return join([title_of(n) for n in names])


def parameters(given: dict) -> str:
    """Parameters and their values in a row, those of a dictionary by their own names; what is empty is left out."""
    said = [
        parameters(value)
        if isinstance(value, dict)
        else f"{name} = {join(list(map(str, value))) if isinstance(value, list) else value}"
        for name, value in given.items()
        if value not in ({}, [], "", None)
    ]
    return ", ".join(said) or "the method's defaults"


def join(words: Sequence[str]) -> str:
    """Words in a row, the last after an ``and``."""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + f" and {words[-1]}" if words else ""


def minus(text: str) -> str:
    """Text with a true minus sign before negative numbers in place of a hyphen, but for what is code."""
    return re.sub(r"`[^`]*`|(?<![\w/.-])-(?=\d)", lambda found: found[0] if "`" in found[0] else "−", text)


def markdown(text: str):
    """Show text as a page does."""
    from IPython.display import Markdown

    return Markdown(minus(text))
