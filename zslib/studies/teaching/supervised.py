"""A small network that is told the cell types, in the spirit of Islander: an embedding that passes tests by heart."""

from typing import NamedTuple

import numpy as np
import torch

from zslib.core.errors import DataError
from zslib.metrics.checks import check_embedding, encode
from zslib.studies.teaching.threads import one_thread


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
    n_dims
        Dimensions of the embedding.
    width
        Units of the first hidden layer.
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
    After the argument of Wang, Leskovec and Regev 2025, doi:10.1038/s41587-025-02702-z; not their network.
    """
    X = check_embedding(X, len(label))
    known = np.ones(len(X), dtype=bool) if known is None else np.asarray(known, dtype=bool)
    code, types = encode(np.asarray(label)[known], int(known.sum()), "label")
    if len(types) < 2:
        raise DataError("a network that names cell types needs two of them to learn from; there is one")
    inputs = torch.from_numpy(np.asarray(X, dtype=np.float32))
    seen, target = inputs[torch.from_numpy(known)], torch.from_numpy(np.asarray(code, dtype=np.int64))
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        body = torch.nn.Sequential(
            torch.nn.Linear(X.shape[1], width),
            torch.nn.ReLU(),
            torch.nn.Linear(width, n_dims),
            torch.nn.ReLU(),
        )
        head = torch.nn.Linear(n_dims, len(types))
        optimizer = torch.optim.AdamW([*body.parameters(), *head.parameters()], lr=2e-3, fused=True)
        for _ in range(epochs):
            for rows in torch.randperm(len(seen)).split(64):
                optimizer.zero_grad()
                torch.nn.functional.cross_entropy(head(body(seen[rows])), target[rows]).backward()
                optimizer.step()
        with torch.no_grad():
            hidden = body(inputs)
            probability = torch.softmax(head(hidden).double(), dim=1)
    return Supervised(hidden.numpy(), probability.numpy(), np.asarray(types))
