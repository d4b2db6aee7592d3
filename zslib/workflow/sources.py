"""Which files of this project a notebook or module depends on: what must change for it to be run again."""

import ast
import hashlib
from functools import cache
from pathlib import Path

from zslib import pages, store

PACKAGE = store.ROOT / "zslib"
FOUND = {PACKAGE / "metrics" / "registry.py": "*/*.py"}
"""Modules that import whatever they find beside them, which their text does not name, and where they look."""


def code(*paths: str | Path) -> list[str]:
    """The files themselves and every zslib module they import, directly or not.

    Parameters
    ----------
    paths
        Python files, notebooks, or MyST pages with code cells.

    Returns
    -------
    Sorted paths, relative to the project where they lie in it.
    """
    found: set[Path] = set()
    todo = [Path(p).resolve() for p in paths]
    while todo:
        path = todo.pop()
        if path not in found:
            found.add(path)
            todo += _imports(path)
    inside = [p.relative_to(store.ROOT) if p.is_relative_to(store.ROOT) else p for p in found]
    return sorted(map(str, inside))


def digest(*paths: str | Path) -> str:
    """One short name for all that :func:`code` finds: it is another where any of the files has other content.

    The grid compares this in place of the files themselves, of which it would ask the system for each step, every
    second.
    """
    found = hashlib.sha256()
    for path in code(*paths):
        found.update(f"{path} {_hash(store.ROOT / path)}\n".encode())
    return found.hexdigest()[:16]


@cache
def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def _imports(path: Path) -> list[Path]:
    modules = []
    for node in ast.walk(ast.parse(_text(path))):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            modules += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    # zslib/__init__.py holds the version only: a new version number must not run everything again.
    ours = {m for m in modules if m.startswith("zslib.")}
    named = [p for p in map(_file, sorted(ours)) if p]
    return named + (sorted(path.parent.glob(FOUND[path])) if path in FOUND else [])


def _text(path: Path) -> str:
    if path.suffix == ".py":
        return path.read_text()
    cells = [c.source for c in pages.read(path).cells if c.cell_type == "code"]
    return "\n".join(cells)


def _file(module: str) -> Path | None:
    stem = PACKAGE.joinpath(*module.split(".")[1:])
    for candidate in (stem.with_suffix(".py"), stem / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None
