"""What the chapter on stale neighbors says of scib, asked of scib."""

import numpy as np
import pytest
from sklearn.metrics import normalized_mutual_info_score as nmi

from zslib import metrics
from zslib.studies import teaching


@pytest.mark.slow
def test_scib_takes_an_old_graph_for_a_new_embedding_of_the_same_name(monkeypatch):
    import anndata as ad
    import scib

    def neighbors(adata, use_rep):
        """What scanpy's leaves behind, without its compilation."""
        adata.obsp["connectivities"] = metrics.neighbors(adata.obsm[use_rep]).connectivities
        adata.uns["neighbors"] = {"params": {"use_rep": use_rep}}

    def cluster(adata, resolution, key_added):
        found = metrics.leiden(adata.obsp["connectivities"], resolution=resolution)
        adata.obs[key_added] = found.astype(str)

    monkeypatch.setattr("scanpy.pp.neighbors", neighbors)
    cells = teaching.simulate_cells(200, n_types=4, batch_shift=0, seed=1)
    noise = np.random.default_rng(0).standard_normal((200, 20))
    adata = ad.AnnData(np.zeros((200, 1)))
    adata.obs["label"] = cells.label
    found = {}
    for name, key, X in (("cells", "X_emb", cells.X), ("noise", "X_emb", noise), ("renamed", "X_new", noise)):
        adata.obsm[key] = X
        scib.me.cluster_optimal_resolution(
            adata,
            "label",
            "cluster",
            cluster_function=cluster,
            metric=lambda adata, label, cluster: nmi(adata.obs[label], adata.obs[cluster]),
            use_rep=key,
            resolutions=[1.0],
            force=True,
            verbose=False,
        )
        found[name] = nmi(cells.label, adata.obs["cluster"].to_numpy())
    assert found["cells"] > 0.9
    assert found["noise"] == found["cells"]  # noise cannot hold types: the graph is that of the cells
    assert found["renamed"] < 0.3
