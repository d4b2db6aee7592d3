"""What networks say of hidden genes is computed when something that it follows from has changed, and stored."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from zslib import methods
from zslib.core import store
from zslib.core.device import pick_device
from zslib.results import sources
from zslib.studies.expression import cards, networks, protocol, results


def predict(
    where: str | Path, dataset: str, adata, listed: Sequence[str], asked: cards.Settings, *, device: str
) -> tuple[results.PredictionScores, dict[str, str]]:
    """Ask networks for the expression of prepared cells, or read what they said.

    Parameters
    ----------
    where
        Folder of results.
    dataset
        Name of the dataset.
    adata
        Its prepared cells.
    listed
        Names of networks, see :func:`zslib.studies.expression.networks.names`.
    asked
        How much is asked.
    device
        Where networks run.

    Returns
    -------
    What they said, and the networks that could not be asked, each with its reason.
    """
    device, record = str(pick_device(device)), results.folder(where, dataset) / "about.json"
    wanted = sources.combine(
        sources.digest(protocol.__file__, parts=[methods.get(name).of for name in listed], said=False),
        [sources.method_digest(name) for name in listed],
        adata.uns["prepare"]["hash"],
        asdict(asked),
        device,
    )
    found = results.read(where, dataset)
    if found is None or not record.exists() or json.loads(record.read_text())["digest"] != wanted:
        results.clear(where, dataset)
        loaded, refused = networks.load(listed, adata, seed=asked.seed)
        said = protocol.evaluate(adata.layers["counts"], adata.obs["batch"], loaded, asked, device=device)
        results.write(where, dataset, said, refused)
        store.write_json(record, {"digest": wanted})
        found = results.read(where, dataset)
    refused = pd.read_parquet(results.folder(where, dataset) / "refused.parquet")
    return found, dict(zip(refused["network"], refused["reason"], strict=True))
