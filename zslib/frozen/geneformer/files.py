"""The official layout of a Geneformer: ``config.json`` and the tensors of a transformers BERT beside it."""

import dataclasses
import os
from pathlib import Path

import torch

from zslib.core.errors import DataError
from zslib.core.store import atomic, write_json
from zslib.frozen.geneformer.network import ACTIVATIONS, Config, Geneformer
from zslib.frozen.weights.readers import match, read_dictionary, read_tensors

FILES = ("model.safetensors", "pytorch_model.bin")

_OFFICIAL = {
    "gene": "bert.embeddings.word_embeddings",
    "rank": "bert.embeddings.position_embeddings",
    "kind": "bert.embeddings.token_type_embeddings",
    "norm": "bert.embeddings.LayerNorm",
    "head": "cls.predictions.transform.dense",
    "head_norm": "cls.predictions.transform.LayerNorm",
}
_OFFICIAL_IN_LAYER = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "mix": "attention.output.dense",
    "norm1": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "norm2": "output.LayerNorm",
}
_POSITION_IDS = "bert.embeddings.position_ids"
# What a file may hold a second time.
_TIED = {
    "cls.predictions.decoder.weight": "bert.embeddings.word_embeddings.weight",
    "cls.predictions.decoder.bias": "cls.predictions.bias",
}


def read_config(path: str | os.PathLike) -> Config:
    """Read a ``config.json``; entries that the network does not need are passed over.

    Raises
    ------
    DataError
        If a size is missing, or an entry asks for something that this network is not.
    """
    found = {"transformers_version": "", **read_dictionary(path)}
    for key, value in (("model_type", "bert"), ("position_embedding_type", "absolute")):
        if found.get(key, value) != value:
            raise DataError(f"{path} says {key} {found[key]!r}; a Geneformer has {value!r}.")
    names = [field.name for field in dataclasses.fields(Config)]
    if missing := [name for name in names[:7] if name not in found]:
        raise DataError(f"{path} lacks {', '.join(missing)}. Is it the config.json of a Geneformer?")
    if found["hidden_act"] not in ACTIVATIONS:
        raise DataError(f"{path} says hidden_act {found['hidden_act']!r}; known: {list(ACTIVATIONS)}.")
    return Config(**{name: found[name] for name in names if name in found})


def expected_tensors(config: Config) -> dict[str, tuple[int, ...]]:
    """Shape of every tensor of an official checkpoint of this size, by its official name.

    107 tensors for V1-10M and 202 for V2-104M. The decoder of the head is not among them: it is the
    table of gene embeddings.
    """
    with torch.device("meta"):
        state = Geneformer(config).state_dict()
    official = {_official(name): tuple(tensor.shape) for name, tensor in state.items()}
    if config.stores_position_ids:
        official[_POSITION_IDS] = (1, config.max_position_embeddings)
    return official


def load(folder: str | os.PathLike) -> Geneformer:
    """Load a checkpoint in the official layout: ``config.json`` and the tensors beside it.

    Raises
    ------
    DataError
        If a file is missing or damaged, or a tensor is unknown, missing, misshapen or, where the file
        holds the decoder too, not tied; the message names it.
    """
    folder = Path(folder)
    config = read_config(folder / "config.json")
    path = next((folder / name for name in FILES if (folder / name).is_file()), folder / FILES[0])
    found = read_tensors(path)
    expected = {k: v for k, v in expected_tensors(config).items() if k != _POSITION_IDS}
    tensors = match(found, expected, ignored=(_POSITION_IDS, *_TIED))
    for copy, original in _TIED.items():
        if copy in found and not torch.equal(found[copy], tensors[original]):
            raise DataError(f"{path}: {copy} differs from {original}, to which a Geneformer ties it.")
    model = Geneformer.bare(config)
    model.load_state_dict({name: tensors[_official(name)] for name in model.state_dict()})
    return model


def save(model: Geneformer, folder: str | os.PathLike) -> Path:
    """Write the network in exactly the official layout, ``config.json`` and ``model.safetensors``.

    Returns
    -------
    Path of the tensors. Both files appear whole or not at all.
    """
    from safetensors.torch import save_file

    folder, config = Path(folder), model.config
    tensors = {_official(name): tensor.detach().cpu() for name, tensor in model.state_dict().items()}
    if config.stores_position_ids:
        tensors[_POSITION_IDS] = torch.arange(config.max_position_embeddings)[None]
    with atomic(folder / FILES[0]) as temporary:
        save_file(tensors, temporary, metadata={"format": "pt"})
    fixed = {"architectures": ["BertForMaskedLM"], "model_type": "bert", "pad_token_id": 0}
    fixed |= {"position_embedding_type": "absolute", "use_cache": True}
    write_json(folder / "config.json", dict(sorted((fixed | dataclasses.asdict(config)).items())))
    return folder / FILES[0]


def _official(name: str) -> str:
    """Name in the official files of a tensor of ours: a pure renaming."""
    if name == "head_bias":
        return "cls.predictions.bias"
    *module, kind = name.split(".")
    if module[0] == "layers":
        _, number, part = module
        return f"bert.encoder.layer.{number}.{_OFFICIAL_IN_LAYER[part]}.{kind}"
    return f"{_OFFICIAL[module[0]]}.{kind}"
