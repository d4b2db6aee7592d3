"""The official layout of a scGPT: ``best_model.pt``, ``args.json`` and ``vocab.json``."""

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path

import torch

from zslib.core import store
from zslib.core.errors import DataError
from zslib.frozen.scgpt.network import Config, ScGPT
from zslib.frozen.weights.readers import match, read_dictionary, read_tensors

# What args.json must say, where it speaks of it, for this to be the network of its checkpoint.
FIXED = {"input_style": "binned", "input_emb_style": "continuous", "MVC": True, "pre_norm": False}
# Written too, since the reference package asks for them.
_ALSO = {"training_tasks": "both", "n_layers_cls": 3, "no_cls": True, "fast_transformer": True}


def read_config(folder: str | os.PathLike) -> Config:
    """Read ``args.json``, and the number of tokens from ``vocab.json``.

    Raises
    ------
    DataError
        If a setting is missing, or asks for a network that this is not.
    """
    path = Path(folder) / "args.json"
    found = read_dictionary(path)
    names = [field.name for field in dataclasses.fields(Config)][1:]
    if missing := [name for name in names if name not in found]:
        raise DataError(f"{path} lacks {', '.join(missing)}. Is it the args.json of a scGPT?")
    if other := [name for name, value in FIXED.items() if found.get(name, value) != value]:
        listed = ", ".join(f"{name} {found[name]!r} where {FIXED[name]!r} is known" for name in other)
        raise DataError(f"{path} asks for a network that is not here: {listed}.")
    return Config(ntoken=len(read_vocab(folder)), **{name: found[name] for name in names})


def expected_tensors(config: Config) -> dict[str, tuple[int, ...]]:
    """Shape of every tensor of an official checkpoint of this size, by name: 163 for 12 layers."""
    with torch.device("meta"):
        state = ScGPT(config).state_dict()
    return {name: tuple(tensor.shape) for name, tensor in state.items()}


def load(folder: str | os.PathLike) -> ScGPT:
    """Load a checkpoint in the official layout: ``best_model.pt``, ``args.json`` and ``vocab.json``.

    Files of the plain torch network, with ``in_proj`` for ``Wqkv``, are the same under other names. The
    classifier ``cls_decoder``, which they may hold, is passed over; ``flag_encoder`` may be missing.

    Returns
    -------
    The network on the CPU, in float32 and evaluation mode; its tensors stay in the file until used.

    Raises
    ------
    DataError
        If a file is missing or damaged, or a tensor is unknown, missing or misshapen; names it.
    """
    folder = Path(folder)
    config = read_config(folder)
    found = read_tensors(folder / "best_model.pt")
    ignored = [name for name in found if name.startswith("cls_decoder.")]
    flag = ("flag_encoder.",)
    tensors = match(found, expected_tensors(config), rename=_official, optional=flag, ignored=ignored)
    with torch.device("meta"):
        model = ScGPT(config)
    if "flag_encoder.weight" not in tensors:
        model.flag_encoder = None
    model.load_state_dict(tensors, assign=True)
    return model.float().eval()


def read_vocab(folder: str | os.PathLike) -> dict[str, int]:
    """Read ``vocab.json``: the id of every gene symbol and special token.

    Raises
    ------
    DataError
        If the ids are not 0, 1, 2 … each once, or ``<cls>`` or ``<pad>`` is missing.
    """
    path = Path(folder) / "vocab.json"
    vocab = read_dictionary(path)
    if sorted(vocab.values(), key=str) != sorted(range(len(vocab)), key=str):
        raise DataError(f"{path} must give each of its {len(vocab)} tokens an id of its own, from 0 on.")
    if missing := {"<pad>", "<cls>"} - vocab.keys():
        raise DataError(
            f"{path} lacks {' and '.join(sorted(missing))}: it is not the vocabulary of a network."
        )
    return vocab


def save(model: ScGPT, folder: str | os.PathLike, vocab: Mapping[str, int]) -> Path:
    """Write the network in exactly the official layout; each file appears whole or not at all.

    Returns
    -------
    Path of the tensors.

    Raises
    ------
    DataError
        If the vocabulary is not that of the network.
    """
    folder, config = Path(folder), model.config
    if len(vocab) != config.ntoken:
        raise DataError(f"The network has {config.ntoken} tokens, the vocabulary {len(vocab)}.")
    settings = FIXED | _ALSO | dataclasses.asdict(config)
    del settings["ntoken"], settings["pre_norm"]
    store.write_json(folder / "args.json", settings)
    store.write_json(folder / "vocab.json", dict(vocab))
    # Copies, since a tensor that is part of a larger one would be saved with the whole of it.
    tensors = {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}
    # An open file, since torch writes a path's name into the archive, and a temporary one is never the same.
    with store.atomic(folder / "best_model.pt") as path, path.open("wb") as file:
        torch.save(tensors, file)
    return folder / "best_model.pt"


def _official(name: str) -> str:
    return name.replace(".self_attn.in_proj_", ".self_attn.Wqkv.")
