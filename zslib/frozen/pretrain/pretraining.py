"""``zslib pretrain``: from a recipe to a folder that holds a checkpoint in its official layout."""

import json
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from zslib.core import store
from zslib.core.errors import DataError
from zslib.frozen.pretrain import files
from zslib.frozen.pretrain.checkpoints import CARD, CURVE, HELD_OUT
from zslib.frozen.pretrain.held_out import compare
from zslib.frozen.pretrain.recipe import Recipe
from zslib.frozen.pretrain.training import CHECKPOINT, train


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
    written = files.write(trained.model, objective, folder)
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
