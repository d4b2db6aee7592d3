"""What every part is given: the device, real cells, and networks of full size with random weights."""

import dataclasses
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from gpu_parts.carried_cells import PATH
from zslib import datasets, frozen, metrics
from zslib.datasets import prepare
from zslib.frozen import geneformer as ranks
from zslib.frozen import scgpt as values
from zslib.frozen.geneformer import Dictionaries
from zslib.frozen.geneformer import network as geneformer
from zslib.frozen.scgpt import network as scgpt

CELLS = str(Path(__file__).with_name("carried_cells.py"))
PRECISIONS = ("float32", "bfloat16", "float16")
SCGPT, SCGPT_ALL = "scGPT human, 1,200 genes", "scGPT human, all genes"
V1, V2, V2_LARGE = "Geneformer V1-10M", "Geneformer V2-104M", "Geneformer V2-316M"
SIZES = {V1: geneformer.V1_10M, V2: geneformer.V2_104M, V2_LARGE: geneformer.V2_316M}
MODELS = (SCGPT, SCGPT_ALL, V1, V2, V2_LARGE)


@dataclass(frozen=True)
class Given:
    """What was asked for.

    Parameters
    ----------
    device
        ``"cpu"`` or ``"cuda"``.
    small
        Few cells and networks of a few layers: to see that every part runs, not to measure.
    """

    device: str
    small: bool

    def pick(self, full, small):
        """The one that goes with the size of this run."""
        return small if self.small else full

    @cached_property
    def cells(self):
        """Real cells: an AnnData as :func:`zslib.datasets.load` gives it."""
        found = datasets.load(CELLS)
        return found[:200].copy() if self.small else found

    @cached_property
    def prepared(self):
        """The same with what metrics compare with; no cell and no gene goes, as it would for a grid."""
        found = self.cells.copy()
        found.X = prepare.log_normalize(found.layers["counts"])
        found.obsm["X_unintegrated"] = prepare.pca(found.X)
        with np.load(os.environ[PATH]) as carried:
            found.obsm["X_within_batch"] = carried["within_batch"][: found.n_obs]
        found.uns["prepare"] = {"hash": "cells of kang"}
        return found

    def some(self, n_cells: int) -> frozen.Cells:
        """So many cells to be embedded, from the first on, and from the first again where they do not suffice."""
        counts = self.cells.layers["counts"][np.resize(np.arange(self.cells.n_obs), n_cells)]
        return frozen.Cells(n_cells, self.cells.var, lambda start, stop: counts[start:stop], "cells of kang")

    def model(self, name: str) -> frozen.FrozenModel:
        """The frozen model of this name with random weights: biases and norms too, so that no mix-up goes unseen."""
        var, cells, length = self.cells.var, frozen.in_memory(self.cells), self.pick(None, 128)
        if name not in SIZES:
            vocab = values.vocabulary()
            narrow = {"embsize": 64, "d_hid": 64, "nheads": 4, "nlayers": 2}
            config = scgpt.Config(ntoken=len(vocab), **self.pick({}, narrow))
            recipe = "authors" if name == SCGPT_ALL else "paper"
            network = _shaken(scgpt.ScGPT.untrained(config, 0))
            with np.load(os.environ[PATH]) as carried:
                hvg = var["symbol"].isin(carried["variable"]).to_numpy()
            options = {"recipe": recipe, "hvg": hvg, "max_length": length}
            return values.frozen(network, vocab, cells, "random", **options)
        narrow = {
            "hidden_size": 64,
            "intermediate_size": 128,
            "num_attention_heads": 4,
            "num_hidden_layers": 3,
        }
        config = dataclasses.replace(SIZES[name], **self.pick({}, narrow))
        dictionaries = ranks.own_dictionaries(self.cells.layers["counts"], var)
        dictionaries = dictionaries if name == V1 else _second(dictionaries)
        network = _shaken(geneformer.Geneformer.untrained(config, 0))
        return ranks.frozen(network, dictionaries, cells, "random", max_length=length)


def embed(model: frozen.FrozenModel, cells: frozen.Cells, device: str, precision: str, **options):
    """Embeddings, float32 of shape (n_cells, n_dims), and the engine's report."""
    return frozen.embed(model, cells, device=device, precision=precision, **options)


def apart(found: np.ndarray, expected: np.ndarray) -> float:
    """Largest distance between the two embeddings of a cell, by the norm of the expected one."""
    expected = np.asarray(expected, dtype=np.float64)
    return float((np.linalg.norm(found - expected, axis=1) / np.linalg.norm(expected, axis=1)).max())


def avg_bio(embedding: np.ndarray, obs, device: str) -> float:
    """AvgBIO of an embedding, as it is."""
    return metrics.avg_bio(embedding, obs["label"], obs["batch"], device=device)


def wait(device: str) -> None:
    """Until the card has done what it was told."""
    if device == "cuda":
        torch.cuda.synchronize()


def release(device: str) -> None:
    """Give the memory that nothing uses back to the card."""
    if device == "cuda":
        torch.cuda.empty_cache()


def on_device(model: frozen.FrozenModel, function: Callable, device: str):
    """What `function(network)` returns with the network on a device, as a float64 array; the network comes back."""
    network = model.network.to(device).eval()
    try:
        with torch.inference_mode():
            return function(network).double().cpu().numpy()
    finally:
        network.to("cpu")


def _shaken(network: torch.nn.Module) -> torch.nn.Module:
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in network.parameters():
            weight += 0.02 * torch.randn(weight.shape, generator=generator)
    return network


def _second(dictionaries: Dictionaries) -> Dictionaries:
    """The same genes with the special tokens of V2, whose names are in capitals."""
    genes = [gene for gene in dictionaries.tokens if not gene.startswith("<")]
    tokens = {"<pad>": 0, "<mask>": 1, "<cls>": 2, "<eos>": 3} | {g: 4 + i for i, g in enumerate(genes)}
    return Dictionaries(tokens, dictionaries.medians, {name.upper(): name for name in dictionaries.names})
