"""Words that several sentences of the book share."""

import re
from collections.abc import Sequence

from zslib import methods


def competing(names: Sequence[str]) -> list[str]:
    """Those that compete: neither controls nor the small models of this book do."""
    return [m for m in names if methods.card(m).competes]


def number(entry) -> str:
    """A value with its interval."""
    return f"{entry.value:.2f} [{entry.ci_low:.2f}, {entry.ci_high:.2f}]"


def title_of(method: str) -> str:
    """A method's name as people say it."""
    return methods.card(method).title


def titles(names: Sequence[str]) -> str:
    """Methods in a row, as people say them."""
    return join([title_of(n) for n in names])


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
