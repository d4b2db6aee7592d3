"""Weights of pre-trained models: what is published, fetching it, checking it, reading it.

`files` gives a loader its checked files by role (``weights``, ``settings``, ``tokens`` …),
:mod:`zslib.weights.readers` reads them.
"""

from zslib.weights.card import File, WeightsCard
from zslib.weights.catalog import card, names
from zslib.weights.state import Status
from zslib.weights.store import available, fetch, files, folder, path, use, verify

__all__ = [
    "File",
    "Status",
    "WeightsCard",
    "available",
    "card",
    "fetch",
    "files",
    "folder",
    "names",
    "path",
    "use",
    "verify",
]
