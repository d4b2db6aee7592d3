"""The comparison for one dataset of a grid: which networks, on which cells, and where the tables lie.

.. code-block:: text

    results/<dataset>/tuning/scores.parquet    macro-F1 of every way, one number a row
    results/<dataset>/tuning/effects.parquet   what pre-training is worth, one number a row
    results/<dataset>/tuning/about.json        how cells were divided, what each network has seen, and who was left out
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from zslib import methods
from zslib.core import store
from zslib.core.device import pick_device
from zslib.core.errors import NotApplicable
from zslib.datasets import prepare
from zslib.frozen import in_memory
from zslib.frozen.ledger import ledger
from zslib.methods import hvg
from zslib.studies.tuning import division as dividing
from zslib.studies.tuning.cards import Settings
from zslib.studies.tuning.experiment import TuningScores, compare
from zslib.studies.tuning.networks import Reader

ABOUT = "about.json"
SEEN = {"yes": "seen", "no": "not seen"}
"""Words of the ledger → words for the page."""


@dataclass(frozen=True, eq=False)
class Tuned:
    """What is known of one dataset."""

    dataset: str
    scores: pd.DataFrame
    effects: pd.DataFrame
    about: dict

    @property
    def networks(self) -> list[str]:
        """Names of the networks that were tuned."""
        return list(dict.fromkeys(self.effects["network"]))

    def seen(self, network: str) -> str:
        """Whether the network's corpus holds these cells: "seen", "not seen" or "not known whether seen"."""
        return SEEN.get(self.about["seen"][network], "not known whether seen")


def folder(results: str | Path, dataset: str) -> Path:
    """Folder of the results of a dataset."""
    return Path(results) / dataset / "tuning"


def read(results: str | Path, dataset: str) -> Tuned | None:
    """Read what was found on a dataset; None where nothing was."""
    here = folder(results, dataset)
    if not (here / ABOUT).exists():
        return None
    tables = [pd.read_parquet(here / f"{name}.parquet") for name in TuningScores._fields]
    found = Tuned(dataset, *tables, json.loads((here / ABOUT).read_text()))
    return found if found.networks else None


def of_grid(grid) -> list[Tuned]:
    """What was found on every dataset of a grid."""
    found = [read(grid.results, dataset) for dataset in grid.datasets]
    return [one for one in found if one is not None]


def run(results: str | Path, dataset: str, networks: Iterable[str], settings: Settings, device: str) -> Tuned:
    """Tune networks on the cells of a dataset, and write the tables.

    Parameters
    ----------
    results, dataset
        Where prepared cells lie, and their name.
    networks
        Names of small models. One that has seen a part of these cells is left out, as nothing follows from it.
    settings
        How much.
    device
        Where to compute.
    """
    rows = ledger([], [dataset]).query("dataset == @dataset and model in @networks")
    seen = dict(zip(rows["model"], rows["seen"], strict=True))
    refused = {n: "It has seen a part of these cells." for n in networks if seen[n] == "partly"}
    about = {"settings": asdict(settings), "seen": seen, "refused": refused}
    tables, here = TuningScores(), folder(results, dataset)
    if asked := [name for name in networks if name not in refused]:
        try:
            tables = _compare(results, dataset, asked, settings, device, about)
        except NotApplicable as error:
            refused["every network"] = str(error)
    for name, table in tables._asdict().items():
        store.write_table(here / f"{name}.parquet", table)
    # Last, since its presence says that the tables are there.
    store.write_json(here / ABOUT, about)
    return Tuned(dataset, *tables, about)


def _compare(results, dataset: str, networks, settings: Settings, device: str, about: dict) -> TuningScores:
    """What came out; how the cells were divided and who does not know the genes is put into `about`."""
    adata = prepare.read(store.prepared_path(results, dataset))
    sizes = {"n_learn": settings.n_learn, "n_test": settings.n_test, "seed": settings.seed}
    division = dividing.divide(adata.obs["label"], dividing.groups(adata.obs), **sizes)
    about |= {"n_learn": len(division.learn), "n_test": len(division.test)}
    about |= {"types": list(division.types), "held_out": list(division.held_out)}
    variable = hvg.variable(adata[division.learn], min(settings.n_genes, adata.n_vars))
    readers = _readers(networks, adata, settings, device, about["refused"])
    for name in list(readers):
        if why := _unread(readers[name], np.r_[division.learn, division.test]):
            about["refused"][name] = why
            del readers[name]
    if not readers:
        raise NotApplicable("None of them could be tuned on these cells.")
    return compare(readers, adata.X[:, variable].toarray(), division, settings)


def _unread(reader: Reader, rows: np.ndarray) -> str:
    """Why a network cannot be asked for some cells; empty if it reads all of them."""
    if n := int((reader.tokens.lengths[rows] <= reader.model.special).sum()):
        return f"{n} of {len(rows)} cells express no gene that it was shown and has a token for."
    return ""


def _readers(networks, adata, settings: Settings, device: str, refused: dict[str, str]) -> Mapping:
    """A reader for each network that knows these genes; the others are put down with their reason.

    Each reads a cell as the method of its name does everywhere in the book.
    """
    cells, found = in_memory(adata), {}
    for name in networks:
        try:
            model = methods.get(name).build(cells, seed=settings.seed)
        except NotApplicable as error:
            refused[name] = str(error)
            continue
        found[name] = Reader(
            model=model,
            untrained=partial(model.network.untrained, model.network.config),
            tokens=model.tokenize(cells.read(0, cells.n_cells)),
            device=pick_device(device),
        )
    return found
