"""How the four small checkpoints of this project were made: each architecture, on either of two corpora."""

from pathlib import Path

import pandas as pd

from zslib.frozen.pretrain import checkpoints
from zslib.frozen.pretrain.checkpoints import CORPORA
from zslib.frozen.pretrain.recipe import Recipe
from zslib.frozen.pretrain.training import Schedule

_EVALUATION = {"evaluate_every": 100, "evaluate_cells": 256, "patience": 5}
_RANKED = Schedule(steps=700, batch_size=16, learning_rate=3e-3, **_EVALUATION)
_BINNED = Schedule(steps=1300, batch_size=16, learning_rate=5e-3, **_EVALUATION)
_LONGER = Schedule(steps=4000, batch_size=32, learning_rate=4e-3, **_EVALUATION | {"patience": 8})

RECIPES = {
    "geneformer-mini-kang": Recipe(architecture="geneformer", corpus=CORPORA["kang"], schedule=_RANKED),
    "geneformer-mini-pbmc-baron": Recipe(
        architecture="geneformer", corpus=CORPORA["pbmc-baron"], schedule=_RANKED
    ),
    # Blood cells of one study differ less than blood and islets do, so that it takes six times as many cells.
    "scgpt-mini-kang": Recipe(architecture="scgpt", corpus=CORPORA["kang"], layers=2, schedule=_LONGER),
    "scgpt-mini-pbmc-baron": Recipe(architecture="scgpt", corpus=CORPORA["pbmc-baron"], schedule=_BINNED),
}
"""How each was made, by name; minutes of one core each."""


def agreement(name: str, remade: Path) -> tuple[bool, str]:
    """Whether a model that was made again does as well on held-out cells as its checkpoint, and a line on it."""
    query = "who == 'network' and measure == 'loss'"
    old, new = (
        table.query(query).iloc[0]
        for table in (checkpoints.held_out(name), pd.read_parquet(remade / checkpoints.HELD_OUT))
    )
    agree = bool(old.ci_low <= new.value <= old.ci_high and new.ci_low <= old.value <= new.ci_high)
    return agree, (
        f"{name}: held-out loss {new.value:.3f} [{new.ci_low:.3f}, {new.ci_high:.3f}], shipped {old.value:.3f} "
        f"[{old.ci_low:.3f}, {old.ci_high:.3f}]: {'they agree' if agree else 'they differ'}"
    )
