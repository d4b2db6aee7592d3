"""A dataset in a file: the cells of `kang` that `carry.py` wrote, at the path in ZSLIB_GPU_CELLS."""

import dataclasses
import os

import numpy as np
import pandas as pd
from scipy import sparse

from zslib.datasets import kang

PATH = "ZSLIB_GPU_CELLS"
CARD = dataclasses.replace(
    kang.CARD,
    name="kang-carried",
    label="label",
    batch="batch",
    files=(),
    expected_cells=None,
    expected_genes=None,
)


def read(files):
    """Return the counts with their labels and conditions."""
    from anndata import AnnData

    with np.load(os.environ[PATH]) as found:
        parts = (found["data"].astype(np.float32), found["indices"].astype(np.int32), found["indptr"])
        obs = pd.DataFrame({name: found[name] for name in ("label", "batch")}, index=found["cells"])
        counts = sparse.csr_matrix(parts, shape=tuple(found["shape"]))
        return AnnData(layers={"counts": counts}, obs=obs, var=pd.DataFrame(index=found["genes"]))
