"""The checkpoints that are known by name, in ``checkpoints.toml``.

Nothing there is guessed: where no reliable record of a revision, a size or a hash was found, the
entry has none and says why.
"""

import tomllib
from pathlib import Path

from zslib.core.errors import DataError
from zslib.frozen.weights.card import File, WeightsCard


def read(path: Path) -> dict[str, WeightsCard]:
    """The cards of a file, by name."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    cards = {}
    for own in content["checkpoint"]:
        about = {}
        for part in (*(content["shared"][name] for name in own.pop("like")), own):
            about |= part
        files = [*about.pop("files"), *about.pop("dictionaries", ())]
        about |= {"files": tuple(File(**file) for file in files), "caveats": tuple(about["caveats"])}
        cards[about["name"]] = WeightsCard(**about)
    return cards


CARDS = read(Path(__file__).with_name("checkpoints.toml"))


def names() -> list[str]:
    """Names of the checkpoints."""
    return list(CARDS)


def card(name: str) -> WeightsCard:
    """The card of a checkpoint.

    Raises
    ------
    DataError
        If there is none of that name; lists those there are.
    """
    if name not in CARDS:
        raise DataError(f"There are no weights called {name!r}. There are: {', '.join(CARDS)}.")
    return CARDS[name]
