"""Geneformer as a frozen model: a checkpoint or an untrained network, with the encoder of one dataset's genes."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from zslib.errors import DataError, NotApplicable
from zslib.frozen import weights
from zslib.frozen.model import FrozenModel, hash_names, permuted
from zslib.frozen.tokenize import Dictionaries, read_dictionaries
from zslib.frozen.tokenize.genes import ROLES, stable_id
from zslib.frozen.tokenize.medians import medians

PUBLISHED = "geneformer-v1-10m"


def frozen(
    network,
    dictionaries: Dictionaries,
    var: pd.DataFrame,
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
        A :class:`zslib.frozen.models.geneformer.Geneformer`.
    dictionaries
        Its tokens, medians and gene names.
    var
        A row a gene of the dataset; ``ensembl_id``, ``symbol``, or else the index, names it.
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
        ids, mapped = dictionaries.map(gene_names(var))
    except DataError as error:
        raise NotApplicable(str(error)) from None
    most = max_length or network.config.max_position_embeddings
    encoder = dictionaries.encoder(most)
    special = dictionaries.version == 2
    known = np.array([dictionaries.tokens[id_] for id_ in ids.tolist() if id_ in dictionaries.tokens])
    model = FrozenModel(
        network=network,
        tokenize=lambda counts: encoder.encode(counts, ids),
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
            "genes_found": mapped.n_mapped,
            "genes_not_found": mapped.n_genes - mapped.n_mapped,
            "genes_with_a_token": len(np.unique(known)),
            "layer": layer,
            "max_length": most,
        },
    )
    return permuted(model, known, seed) if permute else model


def checkpoint(files: Mapping[str, Path]):
    """Network and dictionaries of a checkpoint in the official layout, its files by role."""
    from zslib.frozen.models import geneformer

    return geneformer.load(files["weights"].parent), read_dictionaries({role: files[role] for role in ROLES})


def untrained(seed: int, dictionaries: Dictionaries):
    """The network of V1-10M with untrained weights, for the tokens of these dictionaries."""
    from zslib.frozen.models import geneformer

    size = max(dictionaries.tokens.values()) + 1
    return geneformer.random(dataclasses.replace(geneformer.V1_10M, vocab_size=size), seed)


def gene_names(var: pd.DataFrame) -> list[str]:
    """Names of genes: the Ensembl id where there is one, the symbol elsewhere, without versions."""
    symbols = (var["symbol"] if "symbol" in var else var.index.to_series()).astype(str)
    if "ensembl_id" not in var:
        return [stable_id(name) for name in symbols]
    ids = var["ensembl_id"].astype(str)
    return [stable_id(name) for name in ids.where(ids.str.startswith("ENSG"), symbols)]


def dictionaries_here(counts, var: pd.DataFrame) -> tuple[Dictionaries, str]:
    """The published dictionaries of V1 where they are in the cache, and else those of the cells themselves.

    Parameters
    ----------
    counts, var
        As for :func:`own_dictionaries`.

    Returns
    -------
    The dictionaries, and in words whose they are.
    """
    if weights.available(PUBLISHED):
        files = weights.files(PUBLISHED)
        return read_dictionaries({role: files[role] for role in ROLES}), "published with V1"
    return own_dictionaries(counts, var), "of these cells"


def own_dictionaries(counts, var: pd.DataFrame) -> Dictionaries:
    """Dictionaries made of the cells themselves, for a network that has none of its own.

    Parameters
    ----------
    counts
        Raw counts of all cells, CSR of shape (n_cells, n_genes).
    var
        A row a gene, named as for :func:`frozen`.
    """
    totals = np.asarray(counts.sum(axis=1, dtype=np.float64)).ravel()
    genes = gene_names(var)
    expressed = dict(zip(genes, medians(counts, totals).tolist(), strict=True))
    expressed = {gene: median for gene, median in expressed.items() if median > 0}
    tokens = {"<pad>": 0, "<mask>": 1} | {gene: 2 + i for i, gene in enumerate(expressed)}
    return Dictionaries(tokens, expressed, {gene: gene for gene in genes})
