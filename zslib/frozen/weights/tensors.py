"""Read files of named tensors, and nothing else."""

import pickle
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from zslib.core.errors import DataError

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
