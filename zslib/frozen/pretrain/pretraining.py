"""``zslib pretrain``: from a recipe to a folder that holds a checkpoint in its official layout."""

import json
import pickle
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import numpy as np
import pandas as pd

from zslib.core import stats, store
from zslib.core.errors import DataError
from zslib.frozen.geneformer import files as geneformer
from zslib.frozen.pretrain.checkpoints import CARD, CURVE, HELD_OUT
from zslib.frozen.pretrain.generation import Generation
from zslib.frozen.pretrain.masked_rank import MaskedRank
from zslib.frozen.pretrain.recipe import Recipe
from zslib.frozen.pretrain.training import CHECKPOINT, evaluate, train
from zslib.frozen.scgpt import files as scgpt

N_BOOT = 1000


def pretrain(
    recipe: Recipe,
    folder: str | Path,
    *,
    device="cpu",
    say: Callable[[str], None] | None = None,
    name: str | None = None,
) -> dict:
    """Train a model from scratch; a run that was killed goes on where it left off.

    Leaves, beside the files of the official layout, ``card.json``, the loss curve ``curve.parquet`` and
    ``held_out.parquet``, which compares the network with what knows no context.

    Parameters
    ----------
    recipe
        What to train on what, and how.
    folder
        Where to write; its name is that of the model if `name` is None.
    device
        Where to compute; on a GPU in mixed precision.
    say
        Is told a line at each look at the held-out cells.

    Returns
    -------
    The card.

    Raises
    ------
    DataError
        If the folder holds another model, or the checkpoint of another training.
    """
    import torch

    folder = Path(folder)
    if (folder / CARD).is_file():
        card = json.loads((folder / CARD).read_text())
        if card["settings"] == recipe.settings:
            return card
        raise DataError(f"{folder} holds a model of another recipe. Give another folder, or remove it.")
    corpus = recipe.gather()
    objective = recipe.objective(corpus)
    model = recipe.network(objective)
    identity = {"recipe": recipe.settings, "sources": corpus.sources}
    how = {"folder": folder, "identity": identity, "device": device, "say": say}
    trained = train(model, objective, recipe.schedule, **how)
    table = compare(trained.model, recipe.network(objective), objective, recipe.schedule.seed)
    written = write(trained.model, objective, folder)
    store.write_table(folder / CURVE, trained.curve)
    store.write_table(folder / HELD_OUT, table)
    card = {
        "name": name or folder.name,
        "architecture": recipe.architecture,
        "corpus": list(corpus.sources),
        "cells_trained_on": len(corpus.train),
        "genes": len(corpus.genes),
        "parameters": sum(p.numel() for p in trained.model.parameters()),
        "steps": int(trained.curve["step"].iloc[-1]),
        "best_step": trained.best_step,
        "seed": recipe.schedule.seed,
        "loss": float(table.query("who == 'network' and measure == 'loss'")["value"].iloc[0]),
        "settings": recipe.settings,
        "command": recipe.command,
        "files": {
            n: {"bytes": (folder / n).stat().st_size, "sha256": store.sha256(folder / n)} for n in written
        },
        "versions": {"zslib": metadata.version("zslib"), "torch": torch.__version__},
    }
    # Last, since its presence says that all the rest is there.
    store.write_json(folder / CARD, card)
    (folder / CHECKPOINT).unlink(missing_ok=True)
    return card


def write(model, objective: MaskedRank | Generation, folder: str | Path) -> list[str]:
    """Write weights, settings and gene dictionaries; each file appears whole or not at all.

    Genes are named by symbol. Geneformer's dictionaries hold symbols in the place of Ensembl ids, since
    not every dataset gives ids; those that a dataset gives lead to their symbol.

    Returns
    -------
    Names of the files.
    """
    folder = Path(folder)
    if isinstance(objective, Generation):
        scgpt.save(model, folder, objective.vocab)
        return ["args.json", "best_model.pt", "vocab.json"]
    geneformer.save(model, folder)
    genes = {gene: gene for gene in objective.corpus.genes}
    dictionaries = {
        "token_dictionary": objective.tokens,
        "gene_median_dictionary": objective.medians,
        "gene_name_id_dict": genes,
        "ensembl_mapping_dict": genes | dict(objective.corpus.ids),
    }
    for name, content in dictionaries.items():
        with store.atomic(folder / f"{name}.pkl") as temporary:
            temporary.write_bytes(pickle.dumps(dict(content), protocol=4))
    return ["config.json", "model.safetensors", *(f"{name}.pkl" for name in dictionaries)]


def compare(model, untrained, objective, seed: int, *, most: int | None = None) -> pd.DataFrame:
    """Measure a network, the same network untrained, and the objective's baselines on the same hidden genes.

    Parameters
    ----------
    model, untrained
        The networks.
    objective
        With its corpus.
    seed
        Of what is hidden, and of the resampling.
    most
        Most held-out cells.

    Returns
    -------
    One row for each of them and each measure: who, measure, value (mean over cells), ci_low, ci_high, gain
    (how much better the network is than that row, positive if it is), gain_low, gain_high. Intervals are
    of the cells, 95 %, paired.
    """
    who = {"network": model, "untrained": untrained, **objective.baselines()}
    found = {name: evaluate(each, objective, seed, most=most) for name, each in who.items()}
    n = len(next(iter(found["network"].values())))
    weights = (
        next(stats.bootstrap_weights(np.zeros(n, dtype=np.int64), N_BOOT, seed=seed, block=n * N_BOOT)) / n
    )
    table = []
    for name, measures in found.items():
        for measure, values in measures.items():
            sign = 1 if measure == "accuracy" else -1
            gain = sign * (found["network"][measure] - values)
            low, high = stats.interval(weights.T @ values)
            gain_low, gain_high = stats.interval(weights.T @ gain)
            table.append((name, measure, values.mean(), low, high, gain.mean(), gain_low, gain_high))
    columns = ["who", "measure", "value", "ci_low", "ci_high", "gain", "gain_low", "gain_high"]
    return pd.DataFrame(table, columns=columns)
