"""Geneformer: genes of a cell in the order of their rank, to a network in plain PyTorch.

:mod:`~zslib.frozen.geneformer.network` is the network, :mod:`~zslib.frozen.geneformer.files` the layout of its
checkpoints; :mod:`~zslib.frozen.geneformer.genes` says which gene is meant, :mod:`~zslib.frozen.geneformer.encoder`
ranks those of each cell.
"""

from zslib.frozen.geneformer.build import TITLE, checkpoint, dictionary, frozen, tokens, untrained
from zslib.frozen.geneformer.encoder import RankValueEncoder
from zslib.frozen.geneformer.genes import (
    Dictionaries,
    gene_names,
    own_dictionaries,
    read_dictionaries,
    to_ensembl,
)
