"""The small checkpoints of this project: where their files are, and what their cards say. Loads without torch.

They are the published architectures, small, and no more: neither scGPT nor Geneformer. What they are good
for is a comparison of which everything is known, above all which cells were seen in pre-training.
"""

import json
from pathlib import Path

import pandas as pd

from zslib.core import store
from zslib.core.errors import DataError

CORPORA = {"kang": ("kang",), "pbmc-baron": ("pbmc3k", "hao", "baron")}
"""Names of the corpora, and their datasets: no cell is in both."""
FOLDER = Path(__file__).parent / "checkpoints"
CARD, CURVE, HELD_OUT = "card.json", "curve.parquet", "held_out.parquet"
"""What lies beside the files of the official layout."""
ROLES = {
    "model.safetensors": "weights",
    "best_model.pt": "weights",
    "config.json": "settings",
    "args.json": "settings",
    "vocab.json": "vocabulary",
    "token_dictionary.pkl": "tokens",
    "gene_median_dictionary.pkl": "medians",
    "gene_name_id_dict.pkl": "names",
    "ensembl_mapping_dict.pkl": "mapping",
}
"""What each file of the official layouts is, as of the published checkpoints (:data:`zslib.frozen.weights.card.Role`)."""


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


def corpus(name: str) -> str:
    """Name of the corpus of a model."""
    datasets = {source["name"] for source in card(name)["corpus"]}
    return next(corpus for corpus, of in CORPORA.items() if set(of) == datasets)


def folder(name: str) -> Path:
    """Folder of a model, each of whose files has been checked against the hash on its card.

    Raises
    ------
    DataError
        If there is none of that name, or a file is not the one on its card.
    """
    for file, expected in card(name)["files"].items():
        path = FOLDER / name / file
        if not path.is_file() or store.sha256(path) != expected["sha256"]:
            raise DataError(f"{path} is missing or is not the file that its card names; install zslib again.")
    return FOLDER / name


def files(name: str) -> dict[str, Path]:
    """Paths of a model's files by role, each checked as for :func:`folder`."""
    where = folder(name)
    return {ROLES[file]: where / file for file in card(name)["files"]}


def weights_sha256(name: str) -> str:
    """Hash of the file of a model's tensors."""
    return next(about["sha256"] for file, about in card(name)["files"].items() if ROLES[file] == "weights")


def held_out(name: str) -> pd.DataFrame:
    """Comparison on held-out cells with what knows no context, see :func:`zslib.frozen.pretrain.pretraining.compare`."""
    card(name)
    return pd.read_parquet(FOLDER / name / HELD_OUT)
