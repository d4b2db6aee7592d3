"""Which gene is meant: symbols and Ensembl ids brought to the Ensembl ids of a checkpoint."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from zslib.core.errors import DataError
from zslib.frozen.geneformer.encoder import TARGET_SUM, RankValueEncoder
from zslib.frozen.weights.readers import read_dictionary

DICTIONARIES = {
    "tokens": "token_dictionary",
    "medians": "gene_median_dictionary",
    "names": "gene_name_id_dict",
    "mapping": "ensembl_mapping_dict",
}
"""What the name of each dictionary's file begins with, by role."""
_VERSION = re.compile(r"(ENSG\d+)\.\d+\w*")


@dataclass(frozen=True, eq=False, repr=False)
class Dictionaries:
    """The gene dictionaries of a checkpoint."""

    tokens: Mapping[str, int]
    """Token of each Ensembl id."""
    medians: Mapping[str, float]
    """Median of each Ensembl id over the corpus."""
    names: Mapping[str, str]
    """Ensembl id of each symbol, alias and older id."""

    @property
    def version(self) -> int:
        """1 or 2; only V2 has special tokens, and only its names are written in capitals."""
        return 2 if "<cls>" in self.tokens else 1

    def map(self, var: pd.DataFrame) -> np.ndarray:
        """Ensembl ids of genes, a row each of `var`, see :func:`to_ensembl`.

        Those that the file names by symbol go by the checkpoint's own names, and else by the id that was found for them
        (:mod:`zslib.datasets.genes`), if it has a token.
        """
        symbols, ids = _symbols(var), var.get("ensembl_id", [])
        upper = self.version == 2
        found = {s.upper() if upper else s: i for s, i in zip(symbols, ids, strict=False) if i in self.tokens}
        known = {i: i for i in found.values()} | found | dict(self.names)
        return to_ensembl(gene_names(var), known, upper=upper)

    def encoder(self, max_length: int) -> RankValueEncoder:
        """The encoder of a checkpoint with that many positions."""
        return RankValueEncoder(self.tokens, self.medians, max_length=max_length, special=self.version == 2)


def read_dictionaries(files: str | os.PathLike | Mapping[str, str | os.PathLike]) -> Dictionaries:
    """Read the four dictionaries that are published with a checkpoint.

    Parameters
    ----------
    files
        A folder with one of each, or their paths by role: ``tokens``, ``medians``, ``names``,
        ``mapping``. Nothing in the files is executed.

    Raises
    ------
    DataError
        If a file is missing, there are two of a kind, or one is damaged or hostile.
    """
    paths = files if isinstance(files, Mapping) else _find(Path(files))
    if missing := set(DICTIONARIES) - set(paths):
        raise DataError(f"No path is given for the dictionaries of {', '.join(sorted(missing))}.")
    found = {role: read_dictionary(paths[role]) for role in DICTIONARIES}
    names = found["mapping"]  # of V2, it holds the symbols in capitals, and more
    if "<cls>" not in found["tokens"]:
        names = found["names"] | names
    return Dictionaries(found["tokens"], found["medians"], names)


def to_ensembl(
    names: Sequence[str], known: Mapping[str, str], *, upper: bool = False, minimum: float = 0.5
) -> np.ndarray:
    """Ensembl ids of genes named by symbol, by Ensembl id with or without version, or by both.

    Parameters
    ----------
    names
        A name for each gene, n_genes of them.
    known
        Ensembl id of each name. Ids it leads to are known too.
    upper
        Look names up in capitals, as V2's dictionary has them.
    minimum
        Least share of the genes that must be found.

    Returns
    -------
    Ids, shape (n_genes,), empty text where a name was not found. Names that stand for the same gene get the same
    id; the encoder sums their counts.

    Raises
    ------
    DataError
        If too few are found, or they look like mouse genes, whose symbols in capitals are often human ones.
    """
    names = [stable_id(name) for name in names]
    ids = set(known.values())
    found = np.array(
        [known.get(name.upper() if upper else name, name if name in ids else "") for name in names], dtype=str
    )
    n_found = np.count_nonzero(found)
    if n_found < max(minimum * len(names), 1):
        missing = [name for name, id_ in zip(names, found, strict=True) if not id_]
        raise DataError(
            f"Only {n_found} of {len(names)} genes were found, fewer than {minimum:.0%}. Not found: "
            f"{_few(missing)}. Name genes by human symbol or Ensembl id (ENSG…); genes of another species "
            f"must first be brought to their human orthologs."
        )
    lower = [name for name, id_ in zip(names, found, strict=True) if id_ and name != name.upper()]
    if upper and len(lower) > n_found / 2:
        raise DataError(
            f"Most genes are written like those of a mouse, such as {_few(lower)}. In capitals they would pass "
            f"for human ones. Bring them to their human orthologs first."
        )
    return found


def stable_id(name: str) -> str:
    """A gene's name, and of an Ensembl id the part without version."""
    return found[1] if (found := _VERSION.fullmatch(str(name))) else str(name)


def gene_names(var: pd.DataFrame) -> list[str]:
    """Names of genes: the Ensembl id where the file gives one, the symbol elsewhere, without versions."""
    symbols = _symbols(var)
    ids = var.get("ensembl_id", symbols).astype(str)
    given = ids.str.startswith("ENSG") & ~var.get("id_from_symbol", pd.Series(False, var.index)).astype(bool)
    return [stable_id(name) for name in ids.where(given, symbols)]


def _symbols(var: pd.DataFrame) -> pd.Series:
    return var.get("symbol", var.index.to_series()).astype(str)


def own_dictionaries(counts, var: pd.DataFrame) -> Dictionaries:
    """Dictionaries made of the cells themselves, for a network that has none of its own.

    Parameters
    ----------
    counts
        Raw counts of all cells, CSR of shape (n_cells, n_genes).
    var
        A row a gene, see :func:`gene_names`.
    """
    totals = np.asarray(counts.sum(axis=1, dtype=np.float64)).ravel()
    genes = gene_names(var)
    expressed = dict(zip(genes, medians(counts, totals).tolist(), strict=True))
    expressed = {gene: median for gene, median in expressed.items() if median > 0}
    tokens = {"<pad>": 0, "<mask>": 1} | {gene: 2 + i for i, gene in enumerate(expressed)}
    return Dictionaries(tokens, expressed, {gene: gene for gene in genes})


def medians(counts: sparse.csr_matrix, totals: np.ndarray) -> np.ndarray:
    """Median of each gene's expression over the cells that express it, as Geneformer's corpus has it.

    Parameters
    ----------
    counts
        Raw counts, CSR of shape (n_cells, n_genes).
    totals
        Counts of each cell over all of its genes, shape (n_cells,).

    Returns
    -------
    float64 of shape (n_genes,), in counts per 10,000; NaN for a gene that no cell expresses.
    """
    scaled = sparse.csr_matrix(counts, dtype=np.float64, copy=True)
    scaled.data *= np.repeat(TARGET_SUM / totals, np.diff(scaled.indptr))
    columns = scaled.tocsc()
    columns.eliminate_zeros()
    found = np.full(columns.shape[1], np.nan)
    for gene in np.flatnonzero(np.diff(columns.indptr)):
        found[gene] = np.median(columns.data[columns.indptr[gene] : columns.indptr[gene + 1]])
    return found


def _find(folder: Path) -> dict[str, Path]:
    """Path of each dictionary in a folder, by role."""
    paths = {}
    for role, stem in DICTIONARIES.items():
        found = sorted(folder.glob(f"{stem}*"))
        if len(found) != 1:
            there = ", ".join(path.name for path in found) or "none"
            raise DataError(f"{folder} must hold one {stem}*.pkl; there is {there}.")
        paths[role] = found[0]
    return paths


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
