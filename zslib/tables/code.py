"""The code of a method, as its page shows it."""

import ast
import inspect
import textwrap
from pathlib import Path

from zslib import methods
from zslib.core import store
from zslib.frozen.architectures import ARCHITECTURES


def method_code(name: str):
    """Render the code that embeds, highlighted: a method's ``embed`` and what it calls of its own file.

    Of a network it is also how genes become tokens, and what is taken from which layer.
    """
    from IPython.display import Markdown

    path = methods.source(name)
    if path.suffix == ".yaml":  # describes what a class of the library reads
        path = Path(inspect.getfile(type(methods.get(name))))
    pieces = [(path, _with_called(path, "embed"))]
    if architecture := methods.card(name).architecture:
        folder = Path(ARCHITECTURES[architecture].__file__).parent
        pieces += [
            (folder / "build.py", _functions(folder / "build.py", "frozen")),
            (folder / "network.py", _functions(folder / "network.py", "hidden", "pooled")),
        ]
    root = store.ROOT  # a method of one's own may lie anywhere
    places = [path.relative_to(root) if path.is_relative_to(root) else path.name for path, _ in pieces]
    shown = zip(places, pieces, strict=True)
    return Markdown("\n\n".join(f"```python\n# {place}\n\n{code}\n```" for place, (_, code) in shown))


def _with_called(path: Path, name: str) -> str:
    """A function of a file, after the functions of that file which it needs."""
    of_file = [node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
    wanted, found = [name], []
    while wanted:
        found.append(wanted.pop())
        called = {node.id for node in ast.walk(_tree(path, found[-1])) if isinstance(node, ast.Name)}
        wanted += [f for f in of_file if f in called and f not in (*found, *wanted)]
    return _functions(path, *reversed(found))


def _functions(path: Path, *names: str) -> str:
    """Functions and methods of a file as they are written, without their docstrings."""
    lines, parts = path.read_text().splitlines(), []
    for node in (_tree(path, name) for name in names):
        body = node.body[0] if ast.get_docstring(node) is None else node.body[1]
        kept = lines[node.lineno - 1 : node.body[0].lineno - 1] + lines[body.lineno - 1 : node.end_lineno]
        parts.append(textwrap.dedent("\n".join(kept)))
    return "\n\n\n".join(parts)


def _tree(path: Path, name: str) -> ast.FunctionDef:
    found = ast.walk(ast.parse(path.read_text()))
    return next(node for node in found if isinstance(node, ast.FunctionDef) and node.name == name)
