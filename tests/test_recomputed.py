"""The paper's scores in results, computed again by others from `embedding.npy` and `prepared.h5ad`.

Needs results: `results-smoke` after `make book PROFILE=smoke`, or the folder named by ZSLIB_RESULTS.
"""

import os

import anndata as ad
import numpy as np
import pytest

from zslib import metrics
from zslib.core import store
from zslib.datasets import prepare
from zslib.results import Run
from zslib.workflow import grid

# The metrics added since are compared with independent implementations one by one, in tests/metrics.
PAPER = {f"{score}_{algorithm}" for score in ("nmi", "ari") for algorithm in ("louvain", "leiden")}
PAPER |= {"asw_label", "avg_bio", "graph_connectivity", "asw_batch", "pcr_comparison", "avg_batch"}

RESULTS = store.ROOT / os.environ.get("ZSLIB_RESULTS", "results-smoke")
pytestmark = pytest.mark.skipif(
    not (RESULTS / "scores.parquet").exists(),
    reason=f"no results in {RESULTS.name}; run `make book PROFILE=smoke` first",
)


def _runs() -> list[Run]:
    if not (RESULTS / "scores.parquet").exists():
        return []
    setup = grid.read(RESULTS / "grid.json")
    runs = [Run(RESULTS, *run) for run in setup.runs]
    return [run for run in runs if run.ok]


def _spaces(X: np.ndarray) -> dict[str, np.ndarray]:
    from sklearn.decomposition import PCA

    return {"native": X, "pca50": X if X.shape[1] <= 50 else PCA(50, svd_solver="full").fit_transform(X)}


@pytest.mark.slow
@pytest.mark.parametrize("run", _runs(), ids=lambda c: f"{c.dataset}-{c.method}-{c.seed}")
def test_scores_are_those_of_scikit_learn_scib_and_scanpy(run):
    import scanpy as sc
    import scib
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score, silhouette_score

    adata = prepare.read(store.prepared_path(RESULTS, run.dataset))
    label, batch = adata.obs["label"].to_numpy(str), adata.obs["batch"].to_numpy(str)
    table = run.scores.set_index(["space", "metric"])["value"]
    for space, X in _spaces(run.embedding.astype(np.float64)).items():
        found, expected = table[space], {}
        expected["asw_label"] = (silhouette_score(X, label) + 1) / 2
        order = metrics.Space.of(X, label, batch, unintegrated=adata.obsm["X_unintegrated"]).order
        graph, ordered = metrics.neighbors(X).connectivities[order][:, order], label[order]
        for algorithm in ("louvain", "leiden"):
            repeated = metrics.best_of_resolutions(graph, ordered, algorithm=algorithm).clusters
            expected[f"nmi_{algorithm}"] = np.mean(
                [normalized_mutual_info_score(ordered, c) for c in repeated]
            )
            expected[f"ari_{algorithm}"] = np.mean([adjusted_rand_score(ordered, c) for c in repeated])
        parts = ("asw_label", "nmi_louvain", "ari_louvain")
        expected["avg_bio"] = np.mean([expected[part] for part in parts])

        theirs = ad.AnnData(adata.X.copy(), obs=adata.obs.copy(), obsm={"X_emb": X})
        sc.pp.neighbors(theirs, use_rep="X_emb", transformer="sklearn")
        expected["graph_connectivity"] = scib.me.graph_connectivity(theirs, "label")
        if len(set(batch)) > 1:
            expected["asw_batch"] = scib.me.silhouette_batch(theirs, "batch", "label", "X_emb", verbose=False)
            raw = ad.AnnData(adata.X.copy(), obs=adata.obs.copy())
            expected["pcr_comparison"] = scib.me.pcr_comparison(
                raw, theirs, "batch", embed="X_emb", n_comps=50
            )
            expected["avg_batch"] = np.mean([expected["asw_batch"], expected["pcr_comparison"]])
        assert set(expected) == PAPER & set(found.index)
        for metric, value in expected.items():
            assert found[metric] == pytest.approx(value, abs=2e-5), f"{metric} in {space}"
