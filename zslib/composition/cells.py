"""The cells to pre-train on, and those of held-out studies, over one list of genes."""

import dataclasses
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from zslib import datasets
from zslib.composition.settings import Settings
from zslib.datasets.sample import stratified
from zslib.errors import DataError
from zslib.pretrain.corpus import Corpus, gather, overlapping

LEAST_COUNTS = 20
"""Cells of a held-out study with fewer counts in the genes that are read are left out."""
LEAST_CELLS = 10
"""So are types with fewer cells."""


@dataclass(frozen=True, eq=False)
class Target:
    """Cells of a held-out study."""

    name: str
    counts: sparse.csr_matrix
    """Raw counts of the corpus's genes, zero where the study's file lacks one; (n_cells, n_genes)."""
    label: np.ndarray
    """Cell type of each cell, shape (n_cells,)."""
    batch: np.ndarray | None
    """Batch of each cell, held out whole by the probe; None if there is one."""
    genes_found: int
    """Genes of the corpus that the file has."""

    def corpus(self, genes: tuple[str, ...]) -> Corpus:
        """The cells as a corpus, for what is trained on the study itself."""
        n = len(self.label)
        return Corpus(
            counts=self.counts,
            totals=np.asarray(self.counts.sum(axis=1, dtype=np.float64)).ravel(),
            genes=genes,
            ids={},
            dataset=np.repeat(self.name, n),
            held_out=np.zeros(n, dtype=bool),
            sources=(),
        )


def load(settings: Settings) -> tuple[Corpus, list[Target]]:
    """Load the corpus and the held-out studies.

    Raises
    ------
    DataError
        If a held-out study shares cells with the corpus.
    """
    for name in settings.targets:
        if shared := overlapping(name) & set(settings.corpus):
            raise DataError(f"{name} shares cells with {', '.join(sorted(shared))}, so it is not held out.")
    corpus = gather(settings.corpus, max_genes=settings.n_genes, n_cells=settings.n_cells, share=0.02)
    return corpus, [target(name, corpus.genes, settings.n_target) for name in settings.targets]


def target(name: str, genes: tuple[str, ...], n_cells: int) -> Target:
    """Load some cells of a held-out study, stratified by type and batch."""
    adata = datasets.load(name)
    column = {gene: i for i, gene in enumerate(genes)}
    at = np.array([column.get(symbol, -1) for symbol in adata.var["symbol"].astype(str)])
    known = np.flatnonzero(at >= 0)
    place = sparse.csr_matrix((np.ones(len(known)), (known, at[known])), (len(at), len(genes)))
    counts = (adata.layers["counts"] @ place).tocsr().astype(np.float32)
    enough = np.asarray(counts.sum(axis=1)).ravel() >= LEAST_COUNTS
    label, batch = (adata.obs[name].astype(str).to_numpy() for name in ("label", "batch"))
    types, size = np.unique(label[enough], return_counts=True)
    kept = np.flatnonzero(enough & np.isin(label, types[size >= LEAST_CELLS]))
    strata = np.char.add(np.char.add(label[kept].astype(str), "\0"), batch[kept].astype(str))
    rows = kept[stratified(strata, adata.obs_names.to_numpy(str)[kept], n_cells, seed=0, floor=1)]
    several = len(set(batch[rows])) > 1
    found = len(set(at[known]))
    return Target(name, counts[rows], label[rows], batch[rows] if several else None, found)


def part(corpus: Corpus, rows: np.ndarray) -> Corpus:
    """Some cells of a corpus as one of its own, over the genes that these express.

    Genes that none of them expresses are unknown to what is trained on them.
    """
    found = np.flatnonzero(corpus.counts[rows].getnnz(axis=0))
    # The training loop looks at held-out cells once, at its end, and nothing depends on it.
    looked_at = corpus.test[:64] if len(corpus.test) else rows[:64]
    looked_at = looked_at[corpus.counts[looked_at][:, found].getnnz(axis=1) > 1]
    both = np.concatenate([rows, looked_at])
    return dataclasses.replace(
        corpus,
        counts=corpus.counts[both][:, found],
        totals=corpus.totals[both],
        genes=tuple(np.array(corpus.genes)[found]),
        ids={},
        dataset=corpus.dataset[both],
        held_out=np.arange(len(both)) >= len(rows),
        label=None,
        batch=None,
    )
