"""Two small networks that mislead: one is told the cell types, the other has seen the cells that it is tested on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from zslib.core.errors import DataError
from zslib.metrics.checks import check_embedding, encode

HIDDEN = 0.3
"""Share of the genes that a model fills in, at a time."""


class Supervised(NamedTuple):
    """What a network trained on labels makes of cells."""

    embedding: np.ndarray
    """Last hidden layer, float32 of shape (n_cells, n_dims)."""
    probability: np.ndarray
    """Probability of each known type, shape (n_cells, n_types)."""
    types: np.ndarray
    """Names of the types it knows, shape (n_types,)."""


def supervised_embedding(
    X, label, *, known=None, n_dims: int = 16, width: int = 64, epochs: int = 20, seed: int = 0
) -> Supervised:
    """Train a network of three layers to name the cell type, and use what it computes last before the name.

    Parameters
    ----------
    X
        Expression of shape (n_cells, n_genes).
    label
        Cell type of each cell, shape (n_cells,).
    known
        Which cells it is trained on, boolean of shape (n_cells,); None for all. The others are embedded only.
    n_dims, width
        Dimensions of the embedding, and units of the first hidden layer.
    epochs
        Passes over the cells it is trained on.
    seed
        Of the weights and of the order of cells.

    Returns
    -------
    Embedding and probabilities of **all** cells.

    Raises
    ------
    DataError
        If the cells it is trained on are of one type only.

    Notes
    -----
    In the spirit of Islander: after the argument of Wang, Leskovec and Regev 2025, doi:10.1038/s41587-025-02702-z; not
    their network.
    """
    X = check_embedding(X, len(label))
    known = np.ones(len(X), dtype=bool) if known is None else np.asarray(known, dtype=bool)
    code, types = encode(np.asarray(label)[known], int(known.sum()), "label")
    if len(types) < 2:
        raise DataError("a network that names cell types needs two of them to learn from; there is one")
    inputs = torch.from_numpy(np.asarray(X, dtype=np.float32))
    seen, target = inputs[torch.from_numpy(known)], torch.from_numpy(np.asarray(code, dtype=np.int64))
    with _alone(seed):
        body = nn.Sequential(nn.Linear(X.shape[1], width), nn.ReLU(), nn.Linear(width, n_dims), nn.ReLU())
        head = nn.Linear(n_dims, len(types))
        optimizer = torch.optim.AdamW([*body.parameters(), *head.parameters()], lr=2e-3, fused=True)
        for _ in range(epochs):
            for rows in torch.randperm(len(seen)).split(64):
                optimizer.zero_grad()
                nn.functional.cross_entropy(head(body(seen[rows])), target[rows]).backward()
                optimizer.step()
        with torch.no_grad():
            hidden = body(inputs)
            probability = torch.softmax(head(hidden).double(), dim=1)
    return Supervised(hidden.numpy(), probability.numpy(), np.asarray(types))


class Pretrained(NamedTuple):
    """A model that was trained to fill in hidden genes, and is frozen."""

    embed: Callable[[np.ndarray], np.ndarray]
    """Cells, shape (n_cells, n_genes) → embedding, float32 of shape (n_cells, n_dims)."""
    error: Callable[[np.ndarray], np.ndarray]
    """Cells, shape (n_cells, n_genes) → mean squared error on hidden genes of each, shape (n_cells,)."""


def pretrain(X, *, n_dims: int = 32, width: int = 128, steps: int = 600, seed: int = 0) -> Pretrained:
    """Train an autoencoder to fill in genes that are hidden from it, without any label.

    Parameters
    ----------
    X
        Expression of the cells to train on, shape (n_cells, n_genes).
    n_dims, width
        Dimensions of the embedding, and units of the hidden layers.
    steps
        Steps of 64 cells, the same whatever the number of cells, so that two models had equal training.
    seed
        Of weights, masks and order.

    Returns
    -------
    The frozen model. Its error hides the same genes of every cell it is asked about, several times over.
    """
    X = check_embedding(X, len(X))
    mean, scale = X.mean(axis=0), X.std(axis=0)
    scale = np.where(scale > 0, scale, 1)

    def tensor(cells: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(np.asarray((cells - mean) / scale, dtype=np.float32))

    data, d = tensor(X), X.shape[1]
    with _alone(seed):
        encoder = nn.Sequential(nn.Linear(d, width), nn.ReLU(), nn.Linear(width, n_dims))
        decoder = nn.Sequential(nn.Linear(n_dims, width), nn.ReLU(), nn.Linear(width, d))
        optimizer = torch.optim.AdamW([*encoder.parameters(), *decoder.parameters()], lr=1e-3, fused=True)
        for _ in range(steps):
            cells = data[torch.randint(len(data), (64,))]
            hidden = torch.rand_like(cells) < HIDDEN
            optimizer.zero_grad()
            filled = decoder(encoder(cells.masked_fill(hidden, 0)))
            ((filled - cells)[hidden] ** 2).mean().backward()
            optimizer.step()
        masks = torch.rand((8, d)) < HIDDEN

    def embed(cells: np.ndarray) -> np.ndarray:
        with _alone(seed), torch.no_grad():
            return encoder(tensor(cells)).numpy()

    def error(cells: np.ndarray) -> np.ndarray:
        found, asked = torch.zeros(len(cells)), tensor(cells)
        with _alone(seed), torch.no_grad():
            for hidden in masks:
                filled = decoder(encoder(asked.masked_fill(hidden, 0)))
                found += ((filled - asked)[:, hidden] ** 2).mean(dim=1)
        return (found / len(masks)).double().numpy()

    return Pretrained(embed, error)


@contextmanager
def _alone(seed: int) -> Iterator[None]:
    """Seed torch and hold it to one thread, which is faster for networks so small; then put both back."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(before)
