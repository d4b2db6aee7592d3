"""A small self-supervised model, to see what it means that a test cell was among those it was trained on."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from zslib.core.errors import DataError
from zslib.metrics.checks import check_embedding
from zslib.studies.teaching.threads import one_thread

Function = Callable[[np.ndarray], np.ndarray]


class Pretrained(NamedTuple):
    """A model that was trained to fill in hidden genes, and is frozen."""

    embed: Function
    """Cells, shape (n_cells, n_genes) → embedding, float32 of shape (n_cells, n_dims)."""
    error: Function
    """Cells, shape (n_cells, n_genes) → mean squared error on hidden genes of each, shape (n_cells,)."""


def pretrain(
    X, *, n_dims: int = 32, width: int = 128, masked: float = 0.3, steps: int = 600, seed: int = 0
) -> Pretrained:
    """Train an autoencoder to fill in genes that are hidden from it, without any label.

    Parameters
    ----------
    X
        Expression of the cells to train on, shape (n_cells, n_genes).
    n_dims
        Dimensions of the embedding.
    width
        Units of the hidden layers.
    masked
        Share of genes hidden at a time, in (0, 1).
    steps
        Steps of 64 cells, the same whatever the number of cells, so that two models had equal training.
    seed
        Of weights, masks and order.

    Returns
    -------
    The frozen model. Its error hides the same genes of every cell it is asked about, several times over.

    Raises
    ------
    DataError
        If the share of hidden genes is not between 0 and 1.
    """
    if not 0 < masked < 1:
        raise DataError(f"the share of hidden genes lies between 0 and 1; it is {masked}")
    X = check_embedding(X, len(X))
    mean, scale = X.mean(axis=0), X.std(axis=0)
    scale = np.where(scale > 0, scale, 1)

    def tensor(cells: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(np.asarray((cells - mean) / scale, dtype=np.float32))

    data, d = tensor(X), X.shape[1]
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder = torch.nn.Sequential(
            torch.nn.Linear(d, width), torch.nn.ReLU(), torch.nn.Linear(width, n_dims)
        )
        decoder = torch.nn.Sequential(
            torch.nn.Linear(n_dims, width), torch.nn.ReLU(), torch.nn.Linear(width, d)
        )
        optimizer = torch.optim.AdamW([*encoder.parameters(), *decoder.parameters()], lr=1e-3, fused=True)
        for _ in range(steps):
            cells = data[torch.randint(len(data), (64,))]
            hidden = torch.rand_like(cells) < masked
            optimizer.zero_grad()
            filled = decoder(encoder(cells.masked_fill(hidden, 0)))
            ((filled - cells)[hidden] ** 2).mean().backward()
            optimizer.step()
        masks = torch.rand((8, d)) < masked

    def embed(cells: np.ndarray) -> np.ndarray:
        with one_thread(), torch.no_grad():
            return encoder(tensor(cells)).numpy()

    def error(cells: np.ndarray) -> np.ndarray:
        found, asked = torch.zeros(len(cells)), tensor(cells)
        with one_thread(), torch.no_grad():
            for hidden in masks:
                filled = decoder(encoder(asked.masked_fill(hidden, 0)))
                found += ((filled - asked)[:, hidden] ** 2).mean(dim=1)
        return (found / len(masks)).double().numpy()

    return Pretrained(embed, error)
