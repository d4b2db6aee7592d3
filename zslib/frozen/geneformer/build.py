"""Geneformer as a frozen model: a checkpoint or an untrained network, with the encoder of one dataset's genes."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from zslib.core.errors import DataError, NotApplicable
from zslib.frozen import weights
from zslib.frozen.cells import Cells
from zslib.frozen.geneformer.genes import Dictionaries, own_dictionaries, read_dictionaries
from zslib.frozen.model import FrozenModel, hash_names, permuted

TITLE = "Geneformer"
PUBLISHED = "geneformer-v1-10m"
MOST = 50_000
"""Cells that own medians are taken from, so that a large file need not be read whole."""


def frozen(
    network,
    dictionaries: Dictionaries,
    cells: Cells,
    origin: str,
    *,
    layer: int = -2,
    seed: int = 0,
    max_length: int | None = None,
    permute: bool = False,
) -> FrozenModel:
    """Bring a network and the genes of a dataset together.

    Parameters
    ----------
    network
        A :class:`zslib.frozen.geneformer.network.Geneformer`.
    dictionaries
        Its tokens, medians and gene names.
    cells
        Cells to embed; ``ensembl_id``, ``symbol``, or else the index, names their genes.
    origin
        What tells these weights from others: a hash, or a seed.
    layer
        After which layer to read the features; −2 is the second to last, as the authors and the paper do.
    seed
        Of the permutation; the encoding has no chance in it.
    max_length
        Most tokens of a cell; the network's own limit if None.
    permute
        Shuffle the identities of the genes.

    Raises
    ------
    NotApplicable
        If fewer than half of the genes are known, or they look like those of another species.
    """
    try:
        ids = dictionaries.map(cells.var)
    except DataError as error:
        raise NotApplicable(str(error)) from None
    most = max_length or network.config.max_position_embeddings
    encoder = dictionaries.encoder(most)
    special = dictionaries.version == 2
    known = np.array([dictionaries.tokens[id_] for id_ in ids.tolist() if id_ in dictionaries.tokens])
    n_found = int(np.count_nonzero(ids))
    model = FrozenModel(
        network=network,
        tokenize=lambda counts: encoder.encode(counts, ids, empty="keep"),
        run=lambda net, tokens, mask: net.pooled(tokens, mask, layer=layer, drop_special=special),
        n_dims=network.config.hidden_size,
        identity={
            "network": "geneformer",
            "weights": origin,
            "genes": hash_names(ids),
            "medians": hash_names(dictionaries.medians.get(id_) for id_ in ids.tolist()),
            "layer": layer,
            "max_length": most,
        },
        report={
            "genes_found": n_found,
            "genes_not_found": len(ids) - n_found,
            "genes_with_a_token": len(np.unique(known)),
            "layer": layer,
            "max_length": most,
        },
    )
    return permuted(model, known, seed) if permute else model


# Torch is loaded by those that make a network alone, so that what is listed or read of it needs none.


def checkpoint(files: Mapping[str, Path]):
    """Network and dictionaries of a checkpoint in the official layout, its files by role."""
    from zslib.frozen.geneformer.files import load

    return load(files["weights"].parent), read_dictionaries(files)


def untrained(dictionaries: Dictionaries, seed: int):
    """A network of the size of V1-10M with untrained weights, for the tokens of these dictionaries."""
    from zslib.frozen.geneformer.network import V1_10M, Geneformer

    size = max(dictionaries.tokens.values()) + 1
    return Geneformer.untrained(dataclasses.replace(V1_10M, vocab_size=size), seed)


def dictionary(cells: Cells) -> tuple[Dictionaries, dict]:
    """What an untrained network names and ranks genes by, and in words whose medians these are.

    The published dictionaries of V1 where they are in the cache, and else those of the cells themselves.
    """
    if weights.available(PUBLISHED):
        files = weights.files(PUBLISHED)
        return read_dictionaries(files), {"medians": "published with V1"}
    counts = cells.read(0, min(MOST, cells.n_cells))
    return own_dictionaries(counts, cells.var), {"medians": "of these cells"}


def tokens(dictionaries: Dictionaries) -> Mapping[str, int]:
    """Token of each gene."""
    return dictionaries.tokens
