"""Find datasets and methods by name: one file each, so that adding one is adding a file."""

import importlib
import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

from zslib.errors import DataError

# Files of the user's own that were read in this process: afterwards their names alone will do.
_own: dict[tuple[str, str], ModuleType] = {}


def names(package: str) -> list[str]:
    """Names of the members of a package: its modules that define ``CARD``, in the cards' order.

    Parameters
    ----------
    package
        Dotted name of a package whose members are modules, such as ``"zslib.methods"``.

    Returns
    -------
    Names with hyphens (``hvg-pca`` for ``hvg_pca.py``), sorted by ``CARD.order`` and then by name.
    """
    cards = [module.CARD for module in _members(package)]
    return [card.name for card in sorted(cards, key=lambda c: (getattr(c, "order", 0), c.name))]


def get(package: str, name: str) -> ModuleType:
    """Import one member by its name, or a file of the user's own by its path.

    Raises
    ------
    DataError
        If no member has that name, listing those there are; if the file is missing or has no ``CARD``.
    """
    if name.endswith(".py"):
        module = _from_file(Path(name))
        _own[package, getattr(module.CARD, "name", name)] = module
        return module
    if (package, name) in _own:
        return _own[package, name]
    try:
        return importlib.import_module(f"{package}.{name.replace('-', '_')}")
    except ModuleNotFoundError as error:
        if error.name != f"{package}.{name.replace('-', '_')}":
            raise
        kind = package.rpartition(".")[2]
        raise DataError(
            f"There is no {kind.rstrip('s')} {name!r}. There are: {', '.join(names(package))}. "
            f"For your own, give the path of a .py file with its CARD."
        ) from None


def source(package: str, name: str) -> Path:
    """Path of the file that defines a member, without importing it."""
    if name.endswith(".py"):
        return Path(name)
    spec = importlib.util.find_spec(package)
    return Path(spec.submodule_search_locations[0]) / f"{name.replace('-', '_')}.py"


def _members(package: str) -> list[ModuleType]:
    folder = Path(importlib.import_module(package).__path__[0])
    # Looking first, and importing only what has a card, keeps a list of names cheap.
    stems = [
        p.stem for p in sorted(folder.glob("*.py")) if re.search(r"^CARD\b", p.read_text(), re.MULTILINE)
    ]
    return [importlib.import_module(f"{package}.{stem}") for stem in stems]


def _from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise DataError(f"There is no file {path}; give the path of a Python file that defines CARD")
    spec = importlib.util.spec_from_file_location(f"zslib_own_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and pickling look a module up by its name
    spec.loader.exec_module(module)
    if not hasattr(module, "CARD"):
        raise DataError(f"{path} defines no CARD; see CONTRIBUTING.md for what a file must hold")
    return module
