"""Weights of pre-trained models: what is published, fetching it, checking it, reading it.

`files` gives a loader its checked files by role (``weights``, ``settings``, ``tokens`` …),
:mod:`zslib.frozen.weights.readers` reads them.
"""

from zslib.frozen.weights.card import File, WeightsCard
from zslib.frozen.weights.catalog import card, names
from zslib.frozen.weights.state import Status
from zslib.frozen.weights.store import available, fetch, files, folder, path, use, verify
