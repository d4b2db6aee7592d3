"""A toy dataset, and a toy wheel that a local package index serves."""

import dataclasses
import sys

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse
from toy_wheel import make_wheel

from zslib.datasets.card import DatasetCard


@pytest.fixture
def wheel(index):
    return make_wheel(index)


@pytest.fixture
def offline(monkeypatch):
    """Let pip find nothing, and fail a test that has it run at all where `forbid` is called."""

    def forbid():
        monkeypatch.setattr(sys, "executable", "/nowhere/python")

    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    return forbid


@pytest.fixture
def make_card():
    def make(**changes):
        text = [f.name for f in dataclasses.fields(DatasetCard) if f.type in ("str", str)]
        fields = {"label": "kind", "batch": "donor", "citation": (), "doi": ()}
        return DatasetCard(**(dict.fromkeys(text, "toy") | fields | changes))

    return make


@pytest.fixture
def raw():
    """What a read() returns: 60 cells of types a (30), b (25) and c (5) from two donors."""
    rng = np.random.default_rng(0)
    counts = sparse.csr_matrix(rng.poisson(1.0, (60, 20)).astype(np.float64))
    obs = pd.DataFrame(
        {"kind": ["a"] * 30 + ["b"] * 25 + ["c"] * 5, "donor": ["d1", "d2"] * 30},
        index=[f"cell{i}" for i in range(60)],
    )
    return AnnData(counts, obs=obs, var=pd.DataFrame(index=[f"G{i}" for i in range(20)]))
