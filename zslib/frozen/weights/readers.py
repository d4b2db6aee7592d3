"""Strict, safe readers: a file holds exactly what is expected, or the error says what is wrong.

Nothing in a file is ever executed.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from zslib.core.errors import DataError
from zslib.frozen.weights import pickles
from zslib.frozen.weights.tensors import read_tensors

if TYPE_CHECKING:
    import torch

__all__ = ["match", "read_dictionary", "read_tensors"]


def match(
    found: "Mapping[str, torch.Tensor]",
    expected: Mapping[str, Iterable[int]],
    *,
    rename: Callable[[str], str] | None = None,
    optional: tuple[str, ...] = (),
    ignored: Iterable[str] = (),
) -> "dict[str, torch.Tensor]":
    """Take from `found` exactly the tensors that a network expects.

    Parameters
    ----------
    found
        What :func:`read_tensors` returned.
    expected
        Shape of every tensor of the network, by name.
    rename
        Turns a name of the file into a name of the network; it must change names only.
    optional
        Tensors whose names start with one of these may be absent, all other ones must be there.
    ignored
        Names, as the network would call them, that may be present and are dropped.

    Returns
    -------
    Tensors in the order of `expected`, under its names.

    Raises
    ------
    DataError
        One error that lists every unknown, missing and misshapen tensor.
    """
    ignored, problems, named = set(ignored), [], {}
    for original, tensor in found.items():
        name = rename(original) if rename else original
        also = "" if name == original else f", in the file {original}"
        if name in ignored:
            continue
        if name in named:
            problems.append(f"twice: {name}{also}")
        elif name not in expected:
            problems.append(f"unknown: {name} {tuple(tensor.shape)}{also}")
        elif tuple(tensor.shape) != tuple(expected[name]):
            shapes = f"is {tuple(tensor.shape)}, must be {tuple(expected[name])}"
            problems.append(f"misshapen: {name} {shapes}{also}")
        named[name] = tensor
    problems += [
        f"missing: {name} {tuple(shape)}"
        for name, shape in expected.items()
        if name not in named and not name.startswith(tuple(optional))
    ]
    if problems:
        listed = "\n".join(f"  {line}" for line in problems)
        raise DataError(
            f"The checkpoint does not fit the network, in {len(problems)} of its tensors:\n{listed}\n"
            "Is it the checkpoint, and are its settings those, of this network?"
        )
    return {name: named[name] for name in expected if name in named}


def read_dictionary(path: str | Path) -> dict:
    """Read a dictionary: a flat pickled one of strings and numbers, or ``.json``.

    Raises
    ------
    DataError
        If the file is missing, damaged, names a key twice, or asks to import something.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"Cannot read {path} ({error.strerror}).") from error
    if path.suffix != ".json":
        return pickles.read(data, str(path))
    try:
        found = json.loads(data, object_pairs_hook=lambda pairs: _once(pairs, path))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError(f"{path} is not JSON, or is damaged ({error}). Fetch it again.") from error
    if not isinstance(found, dict):
        raise DataError(f"{path} holds a {type(found).__name__}; a dictionary was expected.")
    return found


def _once(pairs: list[tuple], path: Path) -> dict:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise DataError(f"{path} names {twice!r} twice.")
    return found
