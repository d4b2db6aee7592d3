"""What is said where a batch cannot be told from a cell type."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from zslib.results import report


def cells(label: str, batch: str):
    obs = pd.DataFrame({"label": pd.Categorical(list(label)), "batch": pd.Categorical(list(batch))})
    return ad.AnnData(np.ones((len(obs), 1)), obs=obs.set_index(obs.index.astype(str)))


@pytest.mark.parametrize(
    ("label", "batch", "confounded", "said"),
    [
        ("aabb", "xxyy", True, "**No cell type is in two batches.**"),
        ("aabb", "xyxx", False, "In one batch alone is b: what sets"),
        ("aabbcc", "xyxxyy", False, "In one batch alone are b and c: what sets"),
        ("aabb", "xyxy", False, ""),
        ("aabb", "xxxx", False, ""),
    ],
)
def test_types_that_one_batch_alone_holds_are_named(label, batch, confounded, said):
    adata = cells(label, batch)
    assert report.confounded(adata) == confounded
    found = report.confounding(adata)
    assert found.data.startswith(said) if said else found is None


def test_nobody_is_best_where_a_batch_cannot_be_told_from_a_type():
    for sentence in (report.biology, report.discovery):
        assert "no type is in two batches" in sentence(None, confounded=True).data
