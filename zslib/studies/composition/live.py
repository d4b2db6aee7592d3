"""PCA and scVI pre-trained here: on nested subsets of one dataset, with as many passes over every one of them.

Passes, and not steps, are the same for every size, so that each cell of a large subset is seen as often as each of a
small one. More cells then mean more steps as well; PCA, which is solved and not trained, shows cells alone.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from zslib import datasets, metrics
from zslib.core.device import keep_threads
from zslib.methods.scvi import quiet
from zslib.studies.composition.cards import Settings

MODELS = {"pre-trained-pca": "PCA, pre-trained", "scvi": "scVI, pre-trained"}
N_COMPS = 50
LEAST_CELLS = 10
"""Types of a held-out dataset with fewer cells are left out."""


def cells(settings: Settings):
    """Load the corpus and the held-out cells, over the variable genes of the corpus that all of them have.

    Cells that express none of these genes are left out.

    Returns
    -------
    corpus, held_out
        AnnData, and AnnData by dataset: X is log1p of counts per 10,000, ``layers["counts"]`` the counts.
    """
    import anndata
    import scanpy as sc

    found = {}
    for name in settings.datasets:
        adata = datasets.load(name)
        adata.X, adata.var_names = adata.layers["counts"].copy(), adata.var["symbol"].astype(str)
        found[name] = adata[:, ~adata.var_names.duplicated()]
    every = anndata.concat(found, join="inner", label="dataset", index_unique=" ")
    sc.pp.normalize_total(every, target_sum=1e4)
    sc.pp.log1p(every)
    corpus = every[every.obs["dataset"] == settings.corpus]
    chosen = sc.pp.highly_variable_genes(corpus, n_top_genes=settings.n_genes, inplace=False)
    every = every[:, chosen["highly_variable"].to_numpy()]
    every = every[every.layers["counts"].getnnz(axis=1) > 0]  # a cell of none of these genes has no place
    parts = {name: every[every.obs["dataset"] == name] for name in found}
    corpus = parts.pop(settings.corpus).copy()
    return corpus, {name: _sample(part, settings.n_cells) for name, part in parts.items()}


def subset(corpus, n_cells: int, seed: int):
    """The first so many cells of the corpus in an order drawn by the seed: a smaller subset is part of a larger one."""
    return corpus[np.random.default_rng(seed).permutation(corpus.n_obs)[:n_cells]].copy()


def pca(train, held_out, seed: int) -> list[np.ndarray]:
    """Components fitted on some cells, of others; without cells to fit, as many random directions."""
    from sklearn.decomposition import PCA
    from sklearn.random_projection import GaussianRandomProjection

    if train is None:
        model = GaussianRandomProjection(N_COMPS, random_state=seed).fit(held_out[0].X)
    else:
        n_comps = min(N_COMPS, train.n_obs - 1)
        model = PCA(n_comps, svd_solver="covariance_eigh", random_state=seed).fit(train.X)
    return [np.asarray(model.transform(adata.X)) for adata in held_out]


def scvi(train, held_out, seed: int, *, epochs: int) -> list[np.ndarray]:
    """Posterior means of scVI trained on some cells; without these, of the network as it was drawn.

    Layers and likelihood are those of DenAdel et al.; no batch is given.
    """
    with quiet():
        import scvi as library

        keep_threads()
        library.settings.seed = seed
        adata = held_out[0].copy() if train is None else train
        library.model.SCVI.setup_anndata(adata, layer="counts")
        model = library.model.SCVI(adata, n_layers=1, n_hidden=128, n_latent=10, gene_likelihood="nb")
        if train is None:
            model.module.eval()  # training ends with this; before it, neurons are dropped and batches normalized
            model.is_trained_ = True  # the library refuses to embed otherwise
        else:
            quietly = {"enable_progress_bar": False, "logger": False, "enable_checkpointing": False}
            warm = {"n_epochs_kl_warmup": epochs}
            model.train(max_epochs=epochs, train_size=1.0, accelerator="cpu", plan_kwargs=warm, **quietly)
        return [model.get_latent_representation(adata) for adata in held_out]


def score(embedding: np.ndarray, label) -> float:
    """AvgBIO of an embedding in its own space: the mean of NMI and ARI at the best resolution and of label ASW."""
    return metrics.avg_bio(np.asarray(embedding, dtype=np.float32), label, device="cpu")


def run(settings: Settings) -> pd.DataFrame:
    """Pre-train both models on every subset, and score them beside HVG and PCA of the held-out cells.

    Returns
    -------
    Columns model, dataset, size (cells; 0 untrained, missing for HVG and PCA), seed, value (AvgBIO), suspect.
    """
    import scanpy as sc

    corpus, held_out = cells(settings)
    several, rows = list(held_out.values()), []

    def add(model: str, size: float, seed: float, embeddings) -> None:
        for (name, adata), embedding in zip(held_out.items(), embeddings, strict=True):
            rows.append((model, name, size, seed, score(embedding, adata.obs["label"])))

    for size in (0, *settings.sizes):
        for seed in settings.seeds:
            train = subset(corpus, size, seed) if size else None
            add("pre-trained-pca", size, seed, pca(train, several, seed))
            add("scvi", size, seed, scvi(train, several, seed, epochs=settings.epochs))
    n_comps = min(N_COMPS, settings.n_genes - 1, min(adata.n_obs for adata in several) - 1)
    add("hvg", np.nan, np.nan, [adata.X.toarray() for adata in several])
    add("pca", np.nan, np.nan, [sc.pp.pca(adata.X, n_comps=n_comps) for adata in several])
    return pd.DataFrame(rows, columns=["model", "dataset", "size", "seed", "value"]).assign(suspect=False)


def path(results: str | Path) -> Path:
    """Where the scores lie."""
    return Path(results) / "composition" / "scores.parquet"


def read(results: str | Path) -> pd.DataFrame | None:
    """The scores of :func:`run`; None where this build has none."""
    return pd.read_parquet(path(results)) if path(results).exists() else None


def _sample(adata, n_cells: int):
    """Some cells at random, without types of which too few are left."""
    adata = adata[np.sort(np.random.default_rng(0).permutation(adata.n_obs)[:n_cells])]
    label = adata.obs["label"].astype(str)
    return adata[(label.map(label.value_counts()) >= LEAST_CELLS).to_numpy()].copy()
