"""What scVI says of hidden genes: a variational autoencoder of counts, trained on the training cells alone.

It is trained on whole training cells, and is then given evaluated cells in which the hidden genes have no counts, so
that the library size it goes by is that of the visible genes. It was not trained on cells with holes in them: that
is how an scVI fitted to a reference is used on cells measured with fewer genes. What it reconstructs is how large a
share of a cell's counts each gene has, which is turned into bins or ranks by a line fitted to the training cells.
"""

import random
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from zslib.core.device import keep_threads
from zslib.methods.scvi import quiet
from zslib.studies.expression.baselines import Prediction, given_means
from zslib.studies.expression.masking import MaskedGenes

NAME = "scVI"
SAMPLES = 10
"""Draws from a cell's place in the latent space, over which its reconstruction is averaged."""
BATCH = 32
"""Training cells of a step: they are few, and of larger batches there would be too few steps."""
FEWEST = 1e-9


@dataclass(frozen=True, eq=False)
class Autoencoder:
    """A trained scVI, and how its reconstructions become values of one scale."""

    model: object
    """The :class:`scvi.model.SCVI`."""
    counts: np.ndarray
    """Counts of the evaluated cells, shape (n_test, n_genes)."""
    lines: tuple[tuple[np.ndarray, np.ndarray, float], ...]
    """For what to expect at all, and of cells that express the gene: of each gene the mean value and mean log share,
    shape (n_genes,); slope of the one on the other, shared by all genes."""
    seed: int
    """Of the draws from a cell's place in the latent space, the same every time."""

    def predict(self, masked: MaskedGenes) -> Prediction:
        """Predict the hidden genes of the evaluated cells, from the counts of visible genes."""
        with _chance(self.seed):
            share = _log_share(self.model, np.where(masked.hidden, 0, self.counts[: len(masked.truth)]))
        return Prediction(
            *((value + slope * (share - place))[:, masked.hidden] for value, place, slope in self.lines)
        )


def fit(train, values, counts, *, epochs: int, seed: int) -> Autoencoder:
    """Train scVI.

    Parameters
    ----------
    train
        Counts of the training cells, shape (n_train, n_genes).
    values
        Their bins or ranks, same shape, 0 where a gene is not expressed.
    counts
        Counts of the evaluated cells, shape (n_test, n_genes).
    epochs
        Passes over the training cells.
    seed
        Of weights, of the order of cells and of draws from the latent space. The global generators of chance are left
        as they were.
    """
    import scvi

    keep_threads()
    with _chance(seed), quiet():
        scvi.settings.seed = seed
        adata = _cells(train)
        scvi.model.SCVI.setup_anndata(adata)
        model = scvi.model.SCVI(adata, gene_likelihood="nb")
        # The weight of the prior grows over the first half of the training.
        warm = {"n_epochs_kl_warmup": max(1, epochs // 2)}
        quietly = {"enable_progress_bar": False, "logger": False, "enable_checkpointing": False}
        how = {"batch_size": BATCH, "train_size": 1.0, "accelerator": "cpu", "plan_kwargs": warm}
        model.train(max_epochs=epochs, **how, **quietly)
        share = _log_share(model, train)
    level = _line(values, share, values.mean(axis=0, dtype=np.float64), np.ones(values.shape, bool))
    return Autoencoder(model, counts, (level, _line(values, share, given_means(values), values > 0)), seed)


@contextmanager
def _chance(seed: int):
    """Seed torch, and leave its generator and those of Python and numpy as they were."""
    import torch

    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 scVI draws from it
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002


def _line(values, share, value: np.ndarray, where: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Mean value and mean log share of each gene, and the slope of least squares around them, over some entries."""
    times, total = where.sum(axis=0), np.where(where, share, 0).sum(axis=0)
    place = np.where(times > 0, total / np.maximum(times, 1), share.mean(axis=0))
    off = np.where(where, share - place, 0)
    return value, place, float((off * (values - value)).sum() / max((off**2).sum(), FEWEST))


def _log_share(model, counts: np.ndarray) -> np.ndarray:
    """Log of the share of a cell's counts that each gene has, as reconstructed, shape (n_cells, n_genes)."""
    how = {"library_size": 1, "n_samples": SAMPLES, "return_numpy": True}
    share = model.get_normalized_expression(_cells(counts), **how)
    return np.log(np.maximum(np.asarray(share, np.float64), FEWEST))


def _cells(counts: np.ndarray):
    from anndata import AnnData

    return AnnData(np.asarray(counts, np.float32))
