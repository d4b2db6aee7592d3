"""The small models that are shipped: where their files are, and what their cards say. Loads without torch.

They are the published architectures, small, and no more: neither scGPT nor Geneformer. What they are good
for is a comparison of which everything is known, above all which cells were seen in pre-training.
"""

import json
from pathlib import Path

import pandas as pd

from zslib import store
from zslib.errors import DataError

FOLDER = Path(__file__).parent / "checkpoints"
CARD, CURVE, HELD_OUT = "card.json", "curve.parquet", "held_out.parquet"
"""What lies beside the files of the official layout."""
WEIGHTS = {"geneformer": "model.safetensors", "scgpt": "best_model.pt"}
"""File of the tensors, by architecture."""


def names() -> list[str]:
    """Names of the models."""
    return sorted(path.parent.name for path in FOLDER.glob(f"*/{CARD}"))


def card(name: str) -> dict:
    """The card of a model: corpus, cells, steps, seed, loss, hashes, and the command that remakes it.

    Raises
    ------
    DataError
        If there is none of that name.
    """
    if name not in names():
        raise DataError(f"There is no model {name!r}; there are {', '.join(names())}.")
    return json.loads((FOLDER / name / CARD).read_text())


def folder(name: str) -> Path:
    """Folder of a model, each of whose files has been checked against the hash on its card.

    Raises
    ------
    DataError
        If there is none of that name, or a file is not the one that was shipped.
    """
    for file, expected in card(name)["files"].items():
        path = FOLDER / name / file
        if not path.is_file() or store.sha256(path) != expected["sha256"]:
            raise DataError(f"{path} is missing or is not the file that its card names; install zslib again.")
    return FOLDER / name


def weights_sha256(name: str) -> str:
    """Hash of the file of a model's tensors."""
    about = card(name)
    return about["files"][WEIGHTS[about["architecture"]]]["sha256"]


def curve(name: str) -> pd.DataFrame:
    """Loss by step: step, train, held_out, learning_rate."""
    card(name)
    return pd.read_parquet(FOLDER / name / CURVE)


def held_out(name: str) -> pd.DataFrame:
    """Comparison on held-out cells with what knows no context, see :func:`zslib.frozen.pretrain.held_out.compare`."""
    card(name)
    return pd.read_parquet(FOLDER / name / HELD_OUT)
