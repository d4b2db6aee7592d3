"""scVI: a variational autoencoder of the counts, trained on the target data."""

import logging
import warnings
from contextlib import contextmanager

import numpy as np

from zslib.core.device import keep_threads
from zslib.datasets.counts import of_layer
from zslib.methods.card import MethodCard
from zslib.methods.hvg import variable

CARD = MethodCard(
    name="scvi",
    title="scVI",
    family="baseline",
    summary=(
        "A small neural network that learns to compress and re-create the counts of these very cells, "
        "with the batch given to both halves so that the code need not carry it."
    ),
    recipe=(
        "scvi-tools on raw counts, of all kept genes as in the paper or, where the profile says so, of the most "
        "variable ones, as its own documentation advises: 2 hidden layers, 30 latent dimensions, negative binomial "
        "likelihood, batch as covariate; the posterior mean is the embedding. Genes and epochs depend on the profile "
        "and are stated, with the training curve, on each run's page."
    ),
    caveat=(
        "It is given the batch and trained on the very cells it embeds, which a frozen model is not; with "
        "a few thousand cells the training itself is a source of variation from seed to seed."
    ),
    citation="Lopez et al., Nature Methods 15:1053 (2018), doi:10.1038/s41592-018-0229-2",
    trained_on_target=True,
    sees_batch=True,
    slow=True,
    in_record=("scVI",),
    color="#1A2466",
    marker="^",
)


def embed(
    adata,
    *,
    batch_key=None,
    seed=0,
    device="cpu",
    n_layers: int = 2,
    n_latent: int = 30,
    n_genes: int | None = None,
    max_epochs: int | None = None,
    early_stopping: bool = False,
    kl_warmup_epochs: int | None = None,
    batch_size: int = 128,
):
    """Posterior means, shape (n_cells, n_latent), of a model trained on nine tenths of the cells, and its loss by epoch.

    Parameters
    ----------
    n_genes
        How many of the most variable genes to read, chosen as by ``hvg``; ``None`` is all, as in the paper.
    max_epochs
        Passes over the cells; ``None`` is the library's own rule (400 up to 20,000 cells).
    early_stopping
        Stop when the held-out evidence bound (10 % of the cells) has not improved for 10 epochs.
    kl_warmup_epochs
        Epochs over which the prior's weight grows from 0 to 1; ``None`` is the library's 400, too many
        when ``max_epochs`` is small.
    """
    import scvi

    of_layer(adata)  # the library takes any number
    keep_threads()
    scvi.settings.seed = seed
    cells = adata if n_genes is None else adata[:, variable(adata, n_genes)].copy()
    scvi.model.SCVI.setup_anndata(cells, layer="counts", batch_key=batch_key)
    model = scvi.model.SCVI(cells, n_layers=n_layers, n_latent=n_latent, gene_likelihood="nb")
    model.train(
        max_epochs=max_epochs,
        batch_size=batch_size,
        early_stopping=early_stopping,
        early_stopping_patience=10,
        check_val_every_n_epoch=1,
        accelerator="gpu" if device.startswith("cuda") else "cpu",
        enable_progress_bar=False,
        plan_kwargs={"n_epochs_kl_warmup": kl_warmup_epochs or 400},
    )
    history = model.history
    training = {
        "unit": "negative evidence bound per cell (nats)",
        "train": [float(v) for v in history["elbo_train"].iloc[:, 0]],
        "held_out": [float(v) for v in history["elbo_validation"].iloc[:, 0]],
    }
    return model.get_latent_representation().astype(np.float32), {"training": training}


@contextmanager
def quiet():
    """Keep the library from telling of each of many small models that it trains."""
    with warnings.catch_warnings(action="ignore"):
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)
