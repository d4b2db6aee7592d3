"""The models: each is pre-trained on some cells, and embeds others as they come.

All five have one signature: a corpus, whose cells that are not held out are trained on, the counts to embed,
the number of steps, which is 0 for an untrained model, a seed and a device. What comes back is one embedding
for each of the matrices of counts.
"""

from collections.abc import Callable, Sequence

import numpy as np
from scipy import sparse

from zslib import variational
from zslib.composition.settings import Settings
from zslib.prepare import log_normalize
from zslib.pretrain.corpus import Corpus

N_COMPS = 50
SCVI = {"n_hidden": 128, "n_latent": 10, "n_layers": 1, "gene_likelihood": "nb"}
"""As DenAdel et al. have it; no batch is given."""
SCVI_BATCH = 64
TINY_BATCH, TINY_RATE = 16, 1e-2

Counts = Sequence[sparse.csr_matrix]


def pca(
    corpus: Corpus, counts: Counts, settings: Settings, steps: int, seed: int, device
) -> list[np.ndarray]:
    """Principal components fitted on the corpus, applied to others; untrained, as many random directions."""
    X = log_normalize(corpus.counts[corpus.train])
    n_comps = min(N_COMPS, min(X.shape) - 1)
    if steps:
        from sklearn.decomposition import PCA

        model = PCA(n_comps, svd_solver="arpack", random_state=seed).fit(X.astype(np.float64))
        directions, center = model.components_.T, model.mean_
    else:
        directions = np.random.default_rng(seed).standard_normal((X.shape[1], N_COMPS)) / np.sqrt(X.shape[1])
        center = np.zeros(X.shape[1])
    return [(log_normalize(part) @ directions - center @ directions).astype(np.float32) for part in counts]


def masked_autoencoder(corpus: Corpus, counts: Counts, settings: Settings, steps: int, seed: int, device):
    """The latent features of a masked autoencoder."""
    from zslib.composition import autoencoder

    X = log_normalize(corpus.counts[corpus.train])
    model = autoencoder.train(X, steps=steps, seed=seed, device=device)
    return [autoencoder.embed(model, log_normalize(part), device) for part in counts]


def scvi(
    corpus: Corpus, counts: Counts, settings: Settings, steps: int, seed: int, device
) -> list[np.ndarray]:
    """Posterior means of scVI."""
    from anndata import AnnData

    with variational.quiet():
        from scvi import model as networks
        from scvi import settings as library

        library.seed = seed
        train = AnnData(corpus.counts[corpus.train])
        networks.SCVI.setup_anndata(train)
        model = networks.SCVI(train, **SCVI)
        model.to_device(device)
        variational.train(model, train.X, steps=steps, batch_size=SCVI_BATCH, seed=seed)
        return [model.get_latent_representation(AnnData(part)).astype(np.float32) for part in counts]


def rank_transformer(corpus: Corpus, counts: Counts, settings: Settings, steps: int, seed: int, device):
    """Geneformer's architecture, tiny: means of the tokens before the last layer."""
    from zslib.tokenize.rank_value import RankValueEncoder

    model, objective = _tiny("geneformer", corpus, settings, steps, seed, device)
    genes = objective.corpus.genes
    encoder = RankValueEncoder(
        objective.tokens, objective.medians, max_length=settings.max_length, special=False
    )
    return [_run(model, encoder.encode(part, genes), device) for part in counts]


def bin_transformer(corpus: Corpus, counts: Counts, settings: Settings, steps: int, seed: int, device):
    """ScGPT's architecture, tiny: the features of ``<cls>``."""
    from zslib.tokenize.scgpt_recipes import authors

    model, objective = _tiny("scgpt", corpus, settings, steps, seed, device)
    tokenize = authors(objective.corpus.genes, objective.vocab, max_len=settings.max_length)
    return [_run(model, tokenize(part), device) for part in counts]


FIT: dict[str, Callable[..., list[np.ndarray]]] = {
    "pca": pca,
    "scvi": scvi,
    "autoencoder": masked_autoencoder,
    "rank-transformer": rank_transformer,
    "bin-transformer": bin_transformer,
}
"""By the names of :data:`zslib.composition.settings.MODELS`."""


def _tiny(architecture: str, corpus: Corpus, settings: Settings, steps: int, seed: int, device):
    """A network of two layers and its objective, whose vocabulary and medians are of these cells alone."""
    from zslib.pretrain.recipe import Recipe
    from zslib.pretrain.training import Schedule, train

    looks = {"evaluate_every": max(1, steps), "evaluate_cells": 64, "patience": 1}
    recipe = Recipe(
        architecture=architecture,
        corpus=(),
        layers=2,
        dropout=0.0,  # of so small a network nothing need be left out, and attention is faster
        width=settings.width,
        max_length=settings.max_length,
        schedule=Schedule(
            steps=max(1, steps), batch_size=TINY_BATCH, learning_rate=TINY_RATE, seed=seed, **looks
        ),
    )
    objective = recipe.objective(corpus)
    model = recipe.network(objective)
    if steps:
        model = train(model, objective, recipe.schedule, device=device).model
    return model.to(device).eval(), objective


def _run(model, tokens, device) -> np.ndarray:
    """Embeddings of tokenized cells, some at a time, shape (n_cells, width)."""
    import torch

    found = []
    for start in range(0, len(tokens.lengths), 64):
        arrays = (torch.from_numpy(part).to(device) for part in tokens.padded(slice(start, start + 64)))
        found.append(model.embed(*arrays).float().cpu().numpy())
    return np.concatenate(found)
