"""The numbers stored in the paper's notebooks, where the published weights and the pancreas cells are here.

The cells are the human pancreas of Luecken et al. (Nature Methods 19:41, 2022, doi:10.1038/s41592-021-01336-8),
https://doi.org/10.6084/m9.figshare.12420968. Put ``human_pancreas_norm_complexBatch.h5ad`` into the cache folder
(``ZSLIB_CACHE``), and fetch the weights with ``zslib weights fetch``. The notebooks drew other cells and other bins of
equal counts, hence the tolerances; the ranks come from 500 cells.
"""

import numpy as np
import pytest
from scipy import sparse

from zslib.core import fetch
from zslib.frozen import geneformer, scgpt, weights
from zslib.studies.expression import published
from zslib.studies.expression.cards import Settings
from zslib.studies.expression.networks import Network

FILE = "human_pancreas_norm_complexBatch.h5ad"


@pytest.fixture(scope="module")
def pancreas():
    """Raw counts, and the names of genes."""
    path = fetch.root() / FILE
    if not path.exists():
        pytest.skip(f"{FILE} is not in the cache")
    from anndata import read_h5ad

    adata = read_h5ad(path)
    counts = sparse.csr_matrix(adata.layers["counts"], dtype=np.float32)
    counts.data = np.rint(counts.data)  # some of its studies hold corrected counts
    counts.eliminate_zeros()
    kept = counts.getnnz(axis=1) >= 10
    return counts[kept], list(adata.var_names)


def ready(name):
    if not weights.available(name):
        pytest.skip(f"the weights {name} are not in the cache")
    return weights.files(name)


@pytest.mark.slow
def test_scgpt_on_the_pancreas(pancreas):
    files = ready("scgpt-human")
    counts, genes = pancreas
    model, vocab = scgpt.checkpoint(files)
    network = Network(name="scgpt-human", kind="scgpt", model=model, genes=genes, vocab=vocab)
    rows = np.random.default_rng(7).permutation(counts.shape[0])[:500]
    table = published.bins(network, counts, rows, Settings(seed=7, n_boot=10), "cpu")
    found = table.set_index(["predictor", "score"])["value"]
    want = {
        "GEP": (200.97, 12.04, 0.413),
        "GEPC": (148.52, 10.18, 0.443),
        "mean bin": (202.45, 12.32, 0.488),
    }
    for predictor, numbers in want.items():
        for score, number in zip(("mse", "mae", "mre"), numbers, strict=True):
            assert found[predictor, score] == pytest.approx(number, rel=0.05), (predictor, score)


@pytest.mark.slow
def test_geneformer_on_the_pancreas(pancreas):
    files = ready("geneformer-v1-10m")
    counts, genes = pancreas
    model, dictionaries = geneformer.checkpoint(files)
    network = Network(
        name="geneformer-v1-10m", kind="geneformer", model=model, genes=genes, dictionaries=dictionaries
    )
    rows = np.random.default_rng(7).permutation(counts.shape[0])[:500]
    table = published.ranks(network, counts, rows, Settings(window=2048, n_boot=10), "cpu")
    found = table.set_index("predictor")["value"]
    assert found["network"] == pytest.approx(0.5715, abs=0.03)
    assert found["mean rank"] == pytest.approx(0.6615, abs=0.03)
