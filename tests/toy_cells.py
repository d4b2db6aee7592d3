"""A dataset in a file of one's own: synthetic cells of four types in two batches."""

import anndata as ad
import numpy as np
import pandas as pd
from scipy import sparse

from zslib.datasets import DatasetCard

CARD = DatasetCard(
    name="toy-cells",
    title="Toy cells",
    summary="Synthetic cells of four types in two batches, for tests.",
    organism="Homo sapiens",
    tissue="none",
    protocol="simulated",
    source="simulated",
    citation=("This test",),
    doi=("none",),
    license="CC0",
    label="type",
    label_meaning="simulated type",
    batch="donor",
    batch_meaning="simulated donor",
)


def read(files):
    """Make the cells: each type has its own genes up, each donor a mild shift."""
    rng = np.random.default_rng(0)
    n, genes = 240, 2300
    kind, donor = rng.integers(0, 4, n), rng.integers(0, 2, n)
    rate = (0.2 + rng.gamma(0.5, 1.0, genes)) * np.ones((n, 1))
    for k in range(4):
        rate[np.ix_(kind == k, range(k * 60, k * 60 + 60))] += 6
    rate[donor == 1] *= rng.lognormal(0, 0.3, genes)
    counts = sparse.csr_matrix(rng.poisson(rate).astype(np.float32))
    obs = pd.DataFrame({"type": [f"type {k}" for k in kind], "donor": [f"donor {d}" for d in donor]})
    obs.index = [f"cell{i}" for i in range(n)]
    return ad.AnnData(counts, obs=obs, var=pd.DataFrame(index=[f"GENE{g}" for g in range(genes)]))
