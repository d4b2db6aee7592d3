"""Strict, safe readers: a file holds exactly what is expected, or the error says what is wrong.

Nothing in a file is ever executed.
"""

import json
import pickle
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from zslib.core.errors import DataError
from zslib.frozen.weights import pickles

if TYPE_CHECKING:
    import torch


def read_tensors(path: str | Path) -> "dict[str, torch.Tensor]":
    """Read a file of named tensors: ``.pt`` and ``.bin`` as torch saves them, or ``.safetensors``.

    Returns
    -------
    Tensors on the CPU, mapped from the file where its format allows, so that they take memory
    only when used. The file must not be changed meanwhile.

    Raises
    ------
    DataError
        If the file is missing, damaged, of another kind, or asks to execute something.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"There is no file {path}. `zslib weights list` shows what can be fetched.")
    if path.suffix == ".safetensors":
        found = _from_safetensors(path)
    elif path.suffix in (".pt", ".pth", ".bin"):
        found = _from_torch(path)
    else:
        raise DataError(f"{path} is neither .pt, .bin nor .safetensors: there is no reader for it.")
    return _only_tensors(found, path)


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


def _from_torch(path: Path):
    import torch

    try:
        # Files from before torch 1.6 are not zip archives and cannot be mapped.
        return torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except pickle.UnpicklingError as error:
        # Torch's own message advises to load the file unsafely; it must not reach the reader.
        asked = re.search(r"GLOBAL (\S+)", str(error))
        what = f"asks to import {asked[1]}" if asked else "asks for more than tensors"
        raise DataError(
            f"{path} {what}, which no weights need. It was refused, and nothing was run. Do not open this file "
            "with anything else."
        ) from None
    except Exception as error:  # torch documents no list of what damage can raise
        raise DataError(f"{path} {_damaged(error)}") from error


def _from_safetensors(path: Path):
    try:
        from safetensors import SafetensorError
        from safetensors.torch import load_file
    except ImportError as error:
        raise DataError(f"{path} needs the package safetensors: pip install safetensors.") from error
    try:
        return load_file(path, device="cpu")
    except (SafetensorError, ValueError, OSError) as error:
        raise DataError(f"{path} {_damaged(error)}") from error


def _damaged(error: Exception) -> str:
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return f"is damaged, or not a file of tensors ({first[:200]}). Fetch it again and verify it."


def _only_tensors(found, path: Path) -> "dict[str, torch.Tensor]":
    import torch

    if not isinstance(found, dict):
        raise DataError(f"{path} holds a {type(found).__name__}; a dictionary of tensors was expected.")
    other = [name for name, value in found.items() if not isinstance(value, torch.Tensor)]
    other += [name for name in found if not isinstance(name, str)]
    if other:
        listed = ", ".join(map(str, other[:10])) + (" …" if len(other) > 10 else "")
        raise DataError(f"{path} must hold nothing but named tensors; these are something else: {listed}.")
    return {name: tensor.detach() for name, tensor in found.items()}
