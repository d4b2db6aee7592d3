"""Which methods of a grid are networks that can be asked."""

import pytest
from anndata import AnnData

from zslib.errors import NotApplicable
from zslib.reconstruct import networks


def test_networks_are_told_from_other_methods_and_files_of_ones_own():
    listed = ["hvg", "scvi", "scgpt-random", "cell-sentence", "geneformer-mini-kang", "scgpt-human", "random"]
    controls = ["geneformer-mini-kang-permuted", "scgpt-permuted", "geneformer-permuted"]
    specs = {name: name for name in listed + controls} | {"mine": "/somewhere/mine.py"}
    assert networks.names(specs) == ["scgpt-random", "geneformer-mini-kang", "scgpt-human"]


def test_without_networks_nothing_applies():
    with pytest.raises(NotApplicable, match="No network"):
        networks.load([], AnnData())
