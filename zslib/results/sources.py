"""What a stage or a page follows from: code of this project, and files that it reads."""

import ast
import copy
import hashlib
import json
from collections.abc import Collection
from functools import cache
from pathlib import Path

from zslib import methods
from zslib.core import registry, store
from zslib.frozen import weights

PACKAGE = store.ROOT / "zslib"
EMBEDDING, SCORING, ROBUSTNESS = (
    PACKAGE / "results" / f"{name}.py" for name in ("embedding", "scoring", "robustness")
)
FOUND = {PACKAGE / "metrics" / "registry.py": "*/*.py"}
"""Modules that import whatever they find beside them, which their text does not name, and where they look."""
SAID = frozenset((
    "formula", "reading", "fooled_by", "reference", "summary", "recipe", "caveat", "citation", "doi", "license", "color",
    "marker", "what", "small_recipe", "untrained_recipe", "markers", "control_markers",
))  # fmt: skip
"""What a card only says, or how its method is drawn: pages show it and nothing is computed from it."""


def code(*paths: str | Path) -> list[Path]:
    """The files themselves and every zslib module they import, directly or not.

    Parameters
    ----------
    paths
        Python files, notebooks, or MyST pages with code cells.

    Returns
    -------
    Sorted absolute paths.
    """
    found: set[Path] = set()
    todo = [Path(p).resolve() for p in paths]
    while todo:
        path = todo.pop()
        if path not in found:
            found.add(path)
            todo += _imports(path)
    return sorted(found)


def data(*paths: str | Path, parts: Collection[str] = ()) -> list[Path]:
    """The files that this code reads and which lie beside it.

    A module reads what a string in it names: a file or a folder in its own folder, and in a file of the user's own an
    absolute path too.

    Parameters
    ----------
    paths
        As for :func:`code`.
    parts
        Of a folder that has them, only these are read: of all checkpoints, that of the method.

    Returns
    -------
    Sorted absolute paths.
    """
    found: set[Path] = set()
    for module in code(*paths):
        found.update(_below(path, parts) for path in _read_by(module))
    return sorted({path for group in found for path in group})


def digest(*paths: str | Path, parts: Collection[str] = (), said: bool = True) -> str:
    """One short name for all that :func:`code` and :func:`data` find: it is another where any of it is.

    Comments and docstrings of modules do not count: they compute nothing. Neither does for a stage, unlike a page, what
    cards say (`said` is False).
    """
    found = hashlib.sha256()
    for path in (*code(*paths), *data(*paths, parts=parts)):
        name = path.relative_to(store.ROOT) if path.is_relative_to(store.ROOT) else path
        found.update(f"{name} {content(path, said)}\n".encode())
    return found.hexdigest()[:16]


def method_digest(method: str) -> str:
    """A name for the code of a method, the files that it reads, and the published weights that are here for it."""
    parts = [getattr(methods.get(method), "of", "")]
    code = digest(registry.source("zslib.methods", method), EMBEDDING, parts=parts, said=False)
    name = methods.card(method).checkpoint
    here = name is not None and weights.available(name)
    return combine(code, str(weights.card(name).file("weights").sha256 or here) if here else None)


def combine(*parts) -> str:
    """One short name for several things that JSON can hold."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _below(path: Path, parts: Collection[str]) -> tuple[Path, ...]:
    if path.is_file():
        return (path,)
    children = [child for child in path.iterdir() if child.name in parts] or [path]
    files = (file for child in children for file in (child.rglob("*") if child.is_dir() else [child]))
    return tuple(file for file in files if file.is_file() and "__pycache__" not in file.parts)


def _beside(module: Path, text: str) -> Path | None:
    """The file or folder that a string in a module names, if it does; a package is code and not data."""
    if not text or len(text) > 255 or "\n" in text or "\0" in text:
        return None
    path = module.parent / text
    inside = module.parent in path.parents and ".." not in path.parts
    own = not module.is_relative_to(PACKAGE)
    if path.suffix in (".py", ".ipynb") or not (inside or (own and path.is_file())):
        return None
    folder = path.is_dir() and not (path / "__init__.py").exists()
    return path if path.is_file() or folder else None


@cache
def content(path: Path, said: bool = True) -> str:
    """A name for what a file holds; of Python, for its code without comments, docstrings and, if asked, words of cards."""
    if path.suffix != ".py":
        return store.sha256(path)
    tree = _tree(path)
    if not said and any(map(_is_card, ast.walk(tree))):
        tree = copy.deepcopy(tree)  # of the other files a copy would cost each step its time
        for node in filter(_is_card, ast.walk(tree)):
            node.keywords = [word for word in node.keywords if word.arg not in SAID]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


def _is_card(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")).endswith(
        ("Card", "Words")
    )


@cache
def _tree(path: Path) -> ast.Module:
    """The code of a file without its docstrings."""
    tree = ast.parse(_text(path))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [line for line in body if not _is_text(line)] or [ast.Pass()]
    return tree


def _is_text(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(getattr(line.value, "value", None), str)


@cache
def _read_by(module: Path) -> frozenset[Path]:
    """The files and folders that strings in a module name."""
    texts = {
        n.value for n in ast.walk(_tree(module)) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    }
    return frozenset(path for text in texts if (path := _beside(module, text)))


@cache
def _imports(path: Path) -> list[Path]:
    modules = []
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            modules += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    # zslib/__init__.py holds the version only: a new version number must not run everything again.
    ours = {m for m in modules if m.startswith("zslib.")}
    named = [p for p in map(_file, sorted(ours)) if p]
    return named + (sorted(path.parent.glob(FOUND[path])) if path in FOUND else [])


def _text(path: Path) -> str:
    if path.suffix == ".yaml":  # describes something of the user's own
        return "from zslib.datasets import own\nfrom zslib.methods import own"
    if path.suffix == ".py":
        return path.read_text()
    import jupytext

    return "\n".join(cell.source for cell in jupytext.read(path).cells if cell.cell_type == "code")


def _file(module: str) -> Path | None:
    stem = PACKAGE.joinpath(*module.split(".")[1:])
    for candidate in (stem.with_suffix(".py"), stem / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None
