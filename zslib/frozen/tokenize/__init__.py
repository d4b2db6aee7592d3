"""From counts to what a network reads: arrays and CSR matrices in, token ids out.

:func:`read_dictionaries` and :func:`to_ensembl` say which gene is meant, :class:`RankValueEncoder` ranks
the genes of each cell for Geneformer; :mod:`zslib.frozen.tokenize.binning` is scGPT's.
"""

from zslib.frozen.tokenize.genes import Dictionaries, GeneReport, read_dictionaries, to_ensembl
from zslib.frozen.tokenize.rank_value import RankValueEncoder
from zslib.frozen.tokenize.tokens import EncodingReport, Tokens, ValueTokens

__all__ = [
    "Dictionaries",
    "EncodingReport",
    "GeneReport",
    "RankValueEncoder",
    "Tokens",
    "ValueTokens",
    "read_dictionaries",
    "to_ensembl",
]
