"""ScVI's network, trained for a number of steps.

The library's own loop counts passes over the cells, and takes most of its time between them where these are few, as
they are where many small models are trained. What a reader would run on the cells at hand is the method ``scvi``,
which leaves everything to the library.
"""

import logging
import warnings
from contextlib import contextmanager

import numpy as np
from scipy import sparse


def train(model, counts: sparse.csr_matrix, *, steps: int, batch_size: int, seed: int) -> None:
    """Train a model in place and where it is, by its own loss and the library's optimizer.

    Parameters
    ----------
    model
        A :class:`scvi.model.SCVI` of one batch, not trained.
    counts
        Raw counts, shape (n_cells, n_genes).
    steps
        How many; the weight of the prior grows from 0 to 1 over the first half of them.
    batch_size
        Cells of a step, drawn with replacement.
    seed
        Of the draw of cells; weights and draws from the latent space follow torch's generator.
    """
    import torch

    module, device = model.module, model.device
    rng = np.random.default_rng(seed)
    optimizer = torch.optim.Adam(module.parameters(), lr=1e-3, eps=0.01, weight_decay=1e-6, fused=True)
    module.train()
    for step in range(steps):
        x = torch.from_numpy(counts[rng.integers(counts.shape[0], size=batch_size)].toarray()).to(device)
        one = torch.zeros(len(x), 1, device=device)  # one batch, one label
        warm = min(1.0, 2 * step / steps)
        _, _, found = module({"X": x, "batch": one, "labels": one}, loss_kwargs={"kl_weight": warm})
        optimizer.zero_grad()
        found.loss.backward()
        optimizer.step()
    module.eval()
    model.is_trained_ = True


@contextmanager
def quiet():
    """Keep a library that trains many models from saying so each time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)
