"""The metrics against the field's own implementations, where the definition is the same."""

import os
import subprocess
import sys
from importlib.util import find_spec

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from zslib import metrics

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def adata(cells):
    obs = pd.DataFrame({"label": pd.Categorical(cells.label), "batch": pd.Categorical(cells.batch)})
    obs.index = obs.index.astype(str)
    return ad.AnnData(cells.raw.copy(), obs=obs, obsm={"X_emb": cells.X.copy()})


@pytest.fixture(scope="module")
def scib():
    return pytest.importorskip("scib")


THEIRS = """
import anndata as ad, numpy as np, scanpy as sc
from scipy import sparse
from umap.umap_ import fuzzy_simplicial_set

given = np.load("in.npz")
a = ad.AnnData(given["X"], obsm={"X_emb": given["X"]})
sc.pp.neighbors(a, n_neighbors=15, use_rep="X_emb", method="umap", transformer="sklearn")
sparse.save_npz("scanpy.npz", sparse.csr_matrix(a.obsp["connectivities"]))
near, far = given["indices"], given["distances"]
graph, *_ = fuzzy_simplicial_set(near, 15, None, "euclidean", knn_indices=near, knn_dists=far)
sparse.save_npz("umap.npz", sparse.csr_matrix(graph))
"""


@pytest.fixture(scope="module")
def coinciding():
    """Neighbors of 100 cells of which ten are doubles.

    Not for scanpy: where a cell's first neighbor is its double, it takes the graph to lack the cells themselves and
    drops a neighbor of every cell.
    """
    X = np.random.default_rng(0).standard_normal((100, 4)).astype(np.float32)
    X[1::10] = X[::10]
    return metrics.neighbors(X, device="cpu")


@pytest.fixture(scope="module")
def theirs(cells, coinciding, tmp_path_factory):
    """Graphs by scanpy and by umap-learn, made in a process where numba compiles nothing.

    umap-learn takes half a minute to compile and a second to run on a few hundred cells as it stands.
    """
    if find_spec("umap") is None or find_spec("scanpy") is None:
        pytest.skip("scanpy and umap-learn are not installed")
    folder = tmp_path_factory.mktemp("theirs")
    indices = np.column_stack([np.arange(100), coinciding.indices])
    distances = np.column_stack([np.zeros(100), coinciding.distances])
    np.savez(folder / "in.npz", X=cells.X, indices=indices, distances=distances)
    plainly = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    subprocess.run([sys.executable, "-c", THEIRS], cwd=folder, env=plainly, check=True)
    return {name: sparse.load_npz(folder / f"{name}.npz") for name in ("scanpy", "umap")}


def test_graph_of_scanpy(cells, theirs):
    mine = metrics.neighbors(cells.X, device="cpu").connectivities
    assert mine.nnz == theirs["scanpy"].nnz
    assert abs(mine - theirs["scanpy"]).max() < 2e-5  # theirs is single precision


def test_graph_of_umap_with_coinciding_cells(coinciding, theirs):
    assert abs(coinciding.connectivities - theirs["umap"]).max() < 2e-5


@pytest.mark.parametrize("resolution", [0.2, 1.0])
def test_leiden_of_scanpy_finds_as_good_a_partition(cells, resolution):
    sc = pytest.importorskip("scanpy")
    import igraph

    graph = metrics.neighbors(cells.X, device="cpu").connectivities
    adata = ad.AnnData(np.zeros((400, 1), dtype=np.float32))
    sc.tl.leiden(
        adata, resolution, adjacency=graph, flavor="igraph", n_iterations=2, directed=False, random_state=0
    )
    g = igraph.Graph.Weighted_Adjacency(graph, mode="undirected")
    theirs, mine, louvain = (
        g.modularity(membership, weights="weight", resolution=resolution)
        for membership in (
            adata.obs["leiden"].astype(int).tolist(),
            metrics.leiden(graph, resolution=resolution).tolist(),
            metrics.Clusterings(graph)("louvain", resolution, 0).tolist(),
        )
    )
    assert mine == pytest.approx(theirs, abs=0.02)
    assert louvain == pytest.approx(theirs, abs=0.02)


def test_scib_silhouettes(adata, cells, scib):
    assert metrics.asw_label(cells.X, cells.label) == pytest.approx(
        scib.me.silhouette(adata, "label", "X_emb"), abs=1e-6
    )
    assert metrics.asw_batch(cells.X, cells.label, cells.batch) == pytest.approx(
        scib.me.silhouette_batch(adata, "batch", "label", "X_emb", verbose=False), abs=1e-6
    )


def test_scib_graph_connectivity(adata, cells, scib):
    adata = adata.copy()
    adata.uns["neighbors"] = {}
    adata.obsp["connectivities"] = metrics.neighbors(cells.X[:, :6], device="cpu").connectivities
    expected = scib.me.graph_connectivity(adata, "label")
    assert expected < 1
    assert metrics.graph_connectivity(cells.X[:, :6], cells.label) == pytest.approx(expected, abs=1e-12)


def test_scib_pcr(adata, cells, scib):
    # scib's PCs are single precision, so the data is given in double and the tolerance is 1e-6.
    after, before = cells.X.astype(float), cells.raw.astype(float)
    mine = metrics.pcr(metrics.pca(after, device="cpu"), cells.batch)
    assert mine == pytest.approx(scib.me.pc_regression(after, adata.obs["batch"], n_comps=50), abs=1e-6)
    few = after[:, :20]
    expected = scib.me.pc_regression(few, adata.obs["batch"], n_comps=50)
    assert metrics.pcr(few, cells.batch) == pytest.approx(expected, abs=1e-6)

    adata = ad.AnnData(before, obs=adata.obs, obsm={"X_emb": after})
    expected = scib.me.pcr_comparison(adata, adata, "batch", embed="X_emb", n_comps=50, recompute_pca=True)
    found = metrics.pcr_comparison(
        after, batch=cells.batch, unintegrated=metrics.pca(before, device="cpu"), device="cpu"
    )
    assert 0 < expected < 1
    assert found == pytest.approx(expected, abs=1e-6)


def test_scib_nmi_and_ari(adata, cells, scib):
    graph = metrics.neighbors(cells.X, device="cpu").connectivities
    found = metrics.best_of_resolutions(graph, cells.label, resolutions=(1.0,))
    adata.obs["cluster"] = pd.Categorical(found.clusters[0].astype(str))
    for name, theirs in (("nmi", scib.me.nmi), ("ari", scib.me.ari)):
        expected = theirs(adata, "cluster", "label")
        assert found.table[name].item() == pytest.approx(expected, abs=1e-12)


def test_scib_isolated_labels(adata, cells, scib):
    theirs = scib.me.isolated_labels_asw(adata, "label", "batch", "X_emb", verbose=False)
    assert metrics.isolated_asw(cells.X, cells.label, cells.batch) == pytest.approx(theirs, abs=1e-6)
    # Given our clusterings, their search finds the same F1.
    adata = adata.copy()
    clusterings = metrics.Clusterings(metrics.neighbors(cells.X, device="cpu").connectivities)
    for resolution in metrics.RESOLUTIONS:
        adata.obs[f"iso_label_{resolution}"] = pd.Categorical(
            clusterings("leiden", resolution, 0).astype(str)
        )
    theirs = scib.me.isolated_labels_f1(adata, "label", "batch", None, verbose=False)
    mine = metrics.isolated_f1(cells.X, cells.label, cells.batch)
    assert mine == pytest.approx(theirs, abs=1e-6)
