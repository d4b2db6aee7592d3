"""Cells to pre-train on: any list of datasets, brought to one list of genes, some cells held out.

Vocabulary and medians come from these cells alone, so that a model trained here has seen nothing else.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from zslib import datasets
from zslib.core.errors import DataError

log = logging.getLogger(__name__)

HELD_OUT = 0.1
"""Share of each dataset's cells that is never trained on."""
LEAST_BATCHES = 5
"""From so many batches on, whole ones are held out."""


@dataclass(frozen=True, eq=False)
class Corpus:
    """Cells of one or more datasets over one list of genes."""

    counts: sparse.csr_matrix
    """Raw counts, CSR float32 of shape (n_cells, n_genes)."""
    totals: np.ndarray
    """Counts of each cell over all genes of its file, those outside the vocabulary too, shape (n_cells,)."""
    genes: tuple[str, ...]
    """Symbol of each column."""
    ids: Mapping[str, str]
    """Symbol by Ensembl id, where a dataset gives one."""
    dataset: np.ndarray
    """Name of the dataset each cell is from, shape (n_cells,)."""
    held_out: np.ndarray
    """True at cells that are never trained on, shape (n_cells,)."""
    sources: tuple[dict, ...]
    """Of each dataset: name, cells, cells held out, how these were chosen, hashes of its files."""

    @property
    def train(self) -> np.ndarray:
        """Rows that are trained on."""
        return np.flatnonzero(~self.held_out)

    @property
    def test(self) -> np.ndarray:
        """Rows that are held out."""
        return np.flatnonzero(self.held_out)


def gather(
    names: Sequence[str],
    *,
    min_cells: int = 20,
    max_genes: int | None = None,
    n_cells: int | None = None,
    share: float = HELD_OUT,
    seed: int = 0,
) -> Corpus:
    """Load datasets and make a corpus of them.

    Parameters
    ----------
    names
        Datasets, by name or by the path of a file of one's own.
    min_cells, max_genes
        A gene must be found in so many of the cells to get a token; of more genes those found in the most cells stay.
    n_cells
        Most cells of each dataset, drawn at random.
    share
        Share of each dataset that is held out, see :func:`hold_out`.
    seed
        Of the cells drawn and of those held out.

    Raises
    ------
    DataError
        If there is no dataset, one is named twice or is not of human cells, or no gene is left.
    """
    if not names:
        raise DataError("A corpus needs a dataset: --corpus NAME, which may be repeated.")
    parts, sources = [], []
    for number, name in enumerate(names):
        card = datasets.card(name)
        if card.organism != "Homo sapiens":
            raise DataError(f"{card.name} is of {card.organism}; vocabularies here are of human genes.")
        if card.name in {source["name"] for source in sources}:
            raise DataError(f"{card.name} is named twice; each dataset is once in a corpus.")
        adata = datasets.load(name)
        rng = np.random.default_rng([seed, number])
        if n_cells is not None and n_cells < adata.n_obs:
            adata = adata[np.sort(rng.choice(adata.n_obs, n_cells, replace=False))].copy()
        held, how = hold_out(adata.obs["batch"], share, rng, whole=not card.batch_is_biology)
        files = {file.filename: file.sha256 for file in card.files}
        about = {"name": card.name, "cells": adata.n_obs, "held_out": int(held.sum()), "how": how}
        sources.append(about | {"files": files})
        parts.append((card.name, adata, held))
    known = {source["name"] for source in sources}
    for name in sorted(known):
        if shared := overlapping(name) & known:
            log.warning(
                f"{name} and {', '.join(sorted(shared))} hold some of the same cells, which count twice."
            )
    return _join(parts, sources, min_cells, max_genes)


def overlapping(name: str) -> set[str]:
    """Names of the datasets that share cells with one, by what their cards say of each other."""
    said = {other: set(datasets.card(other).overlaps) for other in datasets.names()}
    return said.get(name, set()) | {other for other, shared in said.items() if name in shared}


def hold_out(
    batch: pd.Series, share: float, rng: np.random.Generator, *, whole: bool
) -> tuple[np.ndarray, str]:
    """Choose the cells that are never trained on: bool of shape (n_cells,), and how it was chosen in words.

    About that share of them, in whole batches where that is allowed and there are enough. Batches that are conditions
    of an experiment must stay, or the model would never see one of them.

    Raises
    ------
    DataError
        If the share is not between 0 and 1, or leaves nothing on one side.
    """
    if not 0 < share < 1:
        raise DataError(f"The share of cells held out lies between 0 and 1; it is {share}.")
    n, sizes = len(batch), batch.astype(str).value_counts().sort_index()
    want = max(1, round(share * n))
    if n - want < 1:
        raise DataError(f"{n} cells are too few to hold out {share:.0%} of them.")
    if whole and len(sizes) >= LEAST_BATCHES:
        order = sizes.index[rng.permutation(len(sizes))]
        upto = np.cumsum(sizes[order].to_numpy())
        chosen = sorted(order[: 1 + int(np.searchsorted(upto, want))])
        if len(chosen) < len(sizes):
            return batch.astype(str).isin(chosen).to_numpy(), f"whole batches: {', '.join(chosen)}"
    held = np.zeros(n, dtype=bool)
    held[rng.permutation(n)[:want]] = True
    return held, "cells at random"


def _join(parts, sources, min_cells: int, max_genes: int | None) -> Corpus:
    """Bring datasets to one list of genes: those of any of them that are found often enough."""
    loaded = [adata for _, adata, _ in parts]
    symbols = [adata.var["symbol"].astype(str).to_numpy() for adata in loaded]
    every = pd.Index(np.unique(np.concatenate(symbols)))
    blocks, ids = [], {}
    for adata, names in zip(loaded, symbols, strict=True):
        column = every.get_indexer(names)
        # A symbol that stands for several columns gets their sum.
        place = sparse.csr_matrix(
            (np.ones(len(column), np.float32), (np.arange(len(column)), column)), (len(column), len(every))
        )
        blocks.append((adata.layers["counts"] @ place).tocsr())
        if "ensembl_id" in adata.var:
            ids |= dict(zip(adata.var["ensembl_id"].astype(str), names, strict=True))
    counts = sparse.vstack(blocks, format="csr").astype(np.float32)
    held = np.concatenate([part[2] for part in parts])
    found = counts[~held].getnnz(axis=0)  # cells held out must not choose the vocabulary
    keep = np.flatnonzero(found >= min_cells)
    if max_genes is not None and len(keep) > max_genes:
        keep = np.sort(keep[np.argsort(-found[keep], kind="stable")[:max_genes]])
    if not len(keep):
        raise DataError(f"No gene is found in {min_cells} cells of this corpus; lower min_cells.")
    totals = np.asarray(counts.sum(axis=1, dtype=np.float64)).ravel()
    counts = counts[:, keep]
    counts.sort_indices()
    genes = tuple(every[keep])
    if empty := int((counts.getnnz(axis=1) == 0).sum()):
        raise DataError(
            f"{empty} cells express none of the {len(genes)} genes of the vocabulary; lower min_cells."
        )
    return Corpus(
        counts=counts,
        totals=totals,
        genes=genes,
        ids={id_: name for id_, name in ids.items() if name in set(genes) and id_},
        dataset=np.concatenate([np.repeat(part[0], part[1].n_obs) for part in parts]),
        held_out=held,
        sources=tuple(sources),
    )
