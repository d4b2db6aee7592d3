"""Find datasets and methods by name: one file each, so that adding one is adding a file."""

import importlib
import importlib.util
import pkgutil
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
    found = [module for module in _modules(package) if hasattr(module, "CARD")]
    return [m.CARD.name for m in sorted(found, key=lambda m: (getattr(m.CARD, "order", 0), m.CARD.name))]


def get(package: str, name: str) -> ModuleType:
    """Import one member by its name, or a file of the user's own by its path.

    Raises
    ------
    DataError
        If no member has that name, listing those there are; if the file is missing or has no ``CARD``.
    """
    if name.endswith(".py"):
        module = _from_file(Path(name))
        _own[package, module.CARD.name] = module
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
            f"no {kind.rstrip('s')} is called {name!r}; there are: {', '.join(names(package))}. "
            f"For one of your own give the path of its .py file."
        ) from None


def source(package: str, name: str) -> Path:
    """Path of the file that defines a member, without importing it."""
    if name.endswith(".py"):
        return Path(name)
    spec = importlib.util.find_spec(package)
    return Path(spec.submodule_search_locations[0]) / f"{name.replace('-', '_')}.py"


def _modules(package: str) -> list[ModuleType]:
    parent = importlib.import_module(package)
    inner = sorted(m.name for m in pkgutil.iter_modules(parent.__path__) if not m.name.startswith("_"))
    return [importlib.import_module(f"{package}.{name}") for name in inner]


def _from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise DataError(f"{path} does not exist; give the path of a Python file that defines CARD")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not hasattr(module, "CARD"):
        raise DataError(f"{path} defines no CARD; see CONTRIBUTING.md for what a file must hold")
    return module
