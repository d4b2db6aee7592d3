"""The methods, one file each: a ``CARD`` and one verb. Those that differ in their checkpoint alone share one file.

``embed(adata, *, batch_key, seed, device, **parameters)`` takes the prepared cells (``X``: log1p of counts
per 10,000; ``layers["counts"]``: raw counts; ``obs["batch"]``) and returns an array of shape
(n_cells, n_dims), row i for cell i; or that and a dict of what ``run.json`` shall say of it besides. Labels are taken out before a method sees the cells. A method that runs a
frozen network also has ``build(cells, *, seed, **options)``, which returns its :class:`zslib.frozen.FrozenModel`.
"""

from pathlib import Path
from typing import Any

from zslib.core import registry
from zslib.methods.card import MethodCard


def names() -> list[str]:
    """Names of all methods, in the order the book shows them."""
    return registry.names(__name__)


def get(name: str) -> Any:
    """A method, by name or by the path of a file of one's own: what has its ``CARD`` and its ``embed``."""
    return registry.get(__name__, name)


def source(name: str) -> Path:
    """Path of the file that defines a method."""
    return registry.source(__name__, name)


def card(name: str) -> MethodCard:
    """The card of a method."""
    return get(name).CARD
