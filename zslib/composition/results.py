"""Where the results of the experiment lie, and how they are written and read.

.. code-block:: text

    results/composition/corpus.h5ad                 the cells to pre-train on, those held out among them
    results/composition/targets/<study>.h5ad        the cells of a held-out study, over the same genes
    results/composition/orders.npz                  order of the cells by every scheme and seed
    results/composition/subsets.parquet             diversity of every subset
    results/composition/<model>/replicates.npy      scores over resampled cells, a row a score
    results/composition/<model>/scores.parquet      one score a row; written last
"""

from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData, read_h5ad

from zslib import store
from zslib.composition.cells import Target
from zslib.composition.experiment import Scores
from zslib.composition.settings import Settings
from zslib.pretrain.corpus import Corpus


def folder(results: str | Path) -> Path:
    """Folder of the experiment."""
    return Path(results) / "composition"


def write_cells(results: str | Path, corpus: Corpus, targets: list[Target]) -> None:
    """Write the corpus and the held-out studies, each file whole or not at all."""
    names = ("totals", "dataset", "held_out", "label", "batch")
    _write(
        folder(results) / "corpus.h5ad", corpus, {name: getattr(corpus, name) for name in names}, corpus.genes
    )
    for target in targets:
        obs = {"label": target.label} | ({} if target.batch is None else {"batch": target.batch})
        uns = {"genes_found": target.genes_found}
        _write(folder(results) / "targets" / f"{target.name}.h5ad", target, obs, corpus.genes, uns)


def read_cells(results: str | Path, settings: Settings) -> tuple[Corpus, list[Target]]:
    """Read what :func:`write_cells` wrote."""
    adata = read_h5ad(folder(results) / "corpus.h5ad")
    obs = {name: adata.obs[name].to_numpy() for name in adata.obs}
    text = {name: obs[name].astype(str) for name in ("dataset", "label", "batch")}
    corpus = Corpus(counts=adata.X, genes=tuple(adata.var_names), ids={}, sources=(), **obs | text)
    targets = []
    for name in settings.targets:
        adata = read_h5ad(folder(results) / "targets" / f"{name}.h5ad")
        batch = adata.obs["batch"].astype(str).to_numpy() if "batch" in adata.obs else None
        label = adata.obs["label"].astype(str).to_numpy()
        targets.append(Target(name, adata.X, label, batch, int(adata.uns["genes_found"])))
    return corpus, targets


def write_subsets(results: str | Path, orders: dict[str, np.ndarray], diversity: pd.DataFrame) -> None:
    """Write the order of the cells by every scheme and seed, and the diversity of the subsets."""
    with store.atomic(folder(results) / "orders.npz") as path:
        np.savez(path, **orders)
    store.write_table(folder(results) / "subsets.parquet", diversity)


def read_orders(results: str | Path) -> dict[str, np.ndarray]:
    """Order of the cells by every scheme and seed."""
    with np.load(folder(results) / "orders.npz", allow_pickle=False) as found:
        return dict(found)


def read_diversity(results: str | Path) -> pd.DataFrame:
    """Diversity of the subsets, see :func:`zslib.composition.experiment.diversity`."""
    return pd.read_parquet(folder(results) / "subsets.parquet")


def write_scores(results: str | Path, model: str, scores: Scores) -> None:
    """Write the scores of a model."""
    store.write_array(folder(results) / model / "replicates.npy", scores.replicates)
    store.write_table(folder(results) / model / "scores.parquet", scores.table)


def read_scores(results: str | Path, settings: Settings) -> Scores:
    """Read the scores of all models."""
    places = [folder(results) / model for model in settings.models]
    return Scores(
        pd.concat([pd.read_parquet(place / "scores.parquet") for place in places], ignore_index=True),
        np.concatenate([np.load(place / "replicates.npy", allow_pickle=False) for place in places]),
    )


def _write(path: Path, cells: Corpus | Target, obs: dict, genes, uns: dict | None = None) -> None:
    index = [str(i) for i in range(cells.counts.shape[0])]
    adata = AnnData(cells.counts, pd.DataFrame(obs, index=index), pd.DataFrame(index=list(genes)), uns=uns)
    with store.atomic(path) as temporary:
        adata.write_h5ad(temporary, compression="gzip")
