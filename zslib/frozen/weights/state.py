"""Whether the files of a checkpoint, in the cache or elsewhere, are what they must be."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from zslib.core import fetch as fetching
from zslib.core.errors import DataError
from zslib.core.store import sha256
from zslib.frozen.weights import catalog
from zslib.frozen.weights.card import File, WeightsCard


class Status(NamedTuple):
    """State of one file.

    ``ok`` is as on the card, ``accepted`` as it was when the user accepted it, ``unknown`` is there
    with nothing to compare it to, ``missing`` and ``damaged`` are what they say.
    """

    file: File
    path: Path
    state: str
    detail: str = ""

    @property
    def usable(self) -> bool:
        """Whether the file may be read."""
        return self.state in ("ok", "accepted")


def check(card: WeightsCard, folder: Path, accepted: Mapping[str, str]) -> list[Status]:
    """State of every file of a checkpoint in a folder.

    Parameters
    ----------
    accepted
        Hash by file name, where the card has none and the user accepted the file.
    """
    return [check_file(file, find(folder, file), accepted) for file in card.files]


def check_file(file: File, path: Path, accepted: Mapping[str, str]) -> Status:
    """State of one file."""
    state, detail = fetching.check(path, file.sha256 or accepted.get(file.name), file.bytes)
    return Status(file, path, "accepted" if state == "ok" and not file.sha256 else state, detail)


def find(folder: Path, file: File) -> Path:
    """Where the file lies in a folder, flat or as in the repository; or would lie."""
    nested = folder / file.path
    return nested if nested.is_file() else folder / file.name


def recognize(path: Path) -> WeightsCard:
    """The checkpoint that a folder holds, or that a single file belongs to, by its hash."""
    hashed = cache(sha256)  # a large file once, not for each card
    for card in catalog.CARDS.values():
        for file in card.files if path.is_file() else [card.file("weights")]:
            candidate = path if path.is_file() else find(path, file)
            alike = file.sha256 and candidate.is_file() and candidate.stat().st_size == file.bytes
            if alike and hashed(candidate) == file.sha256:
                return card
    raise DataError(
        f"{path} is not, or does not hold, weights whose hash is known. Say what it should be "
        f"({', '.join(catalog.names())})."
    )


def explain(card: WeightsCard, found: list[Status], folder: Path) -> str:
    """Say what keeps a checkpoint from being used, and how to get it."""
    listed = "; ".join(
        f"{s.state}: {s.path.name}"
        + (f" ({s.file.bytes / 1e6:.1f} MB)" if s.state == "missing" and s.file.bytes else "")
        + (f", {s.detail}" if s.detail else "")
        for s in found
        if not s.usable
    )
    unhashed = [s.file.name for s in found if not (s.usable or s.file.sha256)]
    flag = " --unverified" if unhashed else ""
    here = f"`zslib weights use {card.name} FOLDER{flag}`"
    if card.revision:
        get = (
            f"`zslib weights fetch {card.name}{flag}` fetches it. Without a network, bring the files from "
            f"{card.url()} into {folder}, or into a folder of your own and name it: {here}."
        )
    else:
        get = (
            f"It cannot be fetched. {card.origin} Bring it from {card.homepage} and name its folder: {here}."
        )
    if unhashed:
        get += (
            f" No hash is known of {', '.join(unhashed)}: --unverified accepts what is there, and from then on "
            "nothing else."
        )
    return f"{card.name} is not ready in {folder} ({listed}). {get}"


def read_json(path: Path) -> dict:
    """A small record of the cache; empty where there is none."""
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise DataError(f"Cannot read {path} ({error}). Remove it and try again.") from error
