"""Find datasets and methods by name: one file each, so that adding one is adding a file.

A file holds one member, which is then the module itself with its ``CARD``; or a list ``METHODS`` of several, each of
which has what such a module has.
"""

import importlib
import importlib.util
import os
import re
import sys
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from zslib.core.errors import DataError, own_file

OWN = (".py", ".yaml")
"""Endings of files of the user's own: Python, or a description of a file of cells or of an embedding."""


def names(package: str) -> list[str]:
    """Names of the members of a package, in the order of tables.

    Parameters
    ----------
    package
        Dotted name of a package whose modules are, or hold, the members, such as ``"zslib.methods"``.

    Returns
    -------
    Names with hyphens (``hvg-pca`` for ``hvg_pca.py``), sorted by ``CARD.place``, where cards have one, and then by name.
    """
    cards = [member.CARD for member, _ in _members(package).values()]
    return [card.name for card in sorted(cards, key=lambda c: (getattr(c, "place", ()), c.name))]


def get(package: str, name: str) -> Any:
    """One member by its name, or a file of the user's own by its path: Python, or a description in YAML.

    Raises
    ------
    DataError
        If no member has that name, listing those there are; if the file is missing or has no ``CARD``.
    """
    return _find(package, name)[0]


def source(package: str, name: str) -> Path:
    """Path of the file that defines a member."""
    return _find(package, name)[1]


def name_from(text: str, otherwise: str) -> str:
    """A name for folders and pages: the letters, digits and hyphens of a text in lower case, or another if it has none."""
    return "-".join(re.findall("[a-z0-9]+", text.lower())) or otherwise


def variable(package: str) -> str:
    """The environment variable that lists files of the user's own whose names alone will do."""
    return f"ZSLIB_{package.rpartition('.')[2].upper()}"


def _find(package: str, name: str) -> tuple[Any, Path]:
    if name.endswith(OWN):
        return _own(package, Path(name)), Path(name)
    for path in filter(None, os.environ.get(variable(package), "").split(os.pathsep)):
        if (member := _own(package, Path(path))).CARD.name == name:
            return member, Path(path)
    if name not in _members(package):
        kind = package.rpartition(".")[2]
        known = names(package)
        near = [one for one in known if name in one] or get_close_matches(name, known, 5, 0.65) or known
        raise DataError(
            f"There is no {kind.rstrip('s')} {name!r}. {'There are' if near == known else 'Near it'}: {', '.join(near)}. "
            f"For your own, give the path of a .py file with its CARD, or list it in {variable(package)}."
        )
    return _members(package)[name]


@cache
def _members(package: str) -> dict[str, tuple[Any, Path]]:
    """Every member and its file, by name."""
    folder, found = Path(importlib.import_module(package).__path__[0]), {}
    for path in sorted(folder.glob("*.py")):
        # Looking first, and importing only what has members, keeps a list of names cheap.
        if re.search(r"^(CARD|METHODS)\b", path.read_text(), re.MULTILINE):
            module = importlib.import_module(f"{package}.{path.stem}")
            for member in getattr(module, "METHODS", [module]):
                found[member.CARD.name] = member, path
    return found


def _own(package: str, path: Path) -> Any:
    if path.suffix == ".yaml":
        # By its name and when there is one, so that the code a method follows from does not include the reader of files.
        return importlib.import_module(f"{package}.own").member(path)
    module = from_file(path)
    if not hasattr(module, "CARD"):
        raise DataError(f"{path} defines no CARD; see CONTRIBUTING.md for what a file must hold")
    return module


def from_file(path: Path) -> Any:
    """Import a file of the user's own; the same module for as long as the file is not changed.

    Raises
    ------
    DataError
        If it is missing, or fails: the line.
    """
    if not path.is_file():
        raise DataError(f"There is no file {path}; give the path of a Python file")
    return _imported(path, path.stat().st_mtime_ns, path.stat().st_size)


@cache
def _imported(path: Path, changed: int, size: int) -> Any:
    spec = importlib.util.spec_from_file_location(f"zslib_own_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and pickling look a module up by its name
    with own_file(path):
        spec.loader.exec_module(module)
    return module
