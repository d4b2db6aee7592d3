"""What the columns of a file are: genes or not, and each gene's symbol and Ensembl id.

Symbols are found for Ensembl ids in ``genes.csv.gz``: the 32,738 pairs of Ensembl's annotation of GRCh37 that 10x
Genomics counts PBMC 3k with and that the file of :mod:`zslib.datasets.pbmc3k` carries. Ensembl puts no restriction on
the use of its data.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from zslib.core.errors import DataError
from zslib.datasets.findings import Findings
from zslib.datasets.matrices import csr_float32

PAIRS = Path(__file__).with_name("genes.csv.gz")
SYMBOLS = (
    "symbol", "feature_name", "gene_symbols", "gene_symbol", "gene_names", "gene_name", "gene_short_name", "hgnc_symbol",
    "symbols", "features",
)  # fmt: skip
IDS = (
    "ensembl_id", "gene_ids", "gene_id", "ensembl_ids", "ensembl_gene_id", "ensembl", "ensemblid", "feature_id",
)  # fmt: skip
TYPES = ("feature_types", "feature_type", "feature_biotype")
EXPRESSION = {"gene expression", "gene", "rna", "gex", "genes", "gene_expression"}
NO_GENE = {
    "antibody capture", "crispr guide capture", "multiplexing capture", "custom", "peaks", "antigen capture", "adt", "hto",
    "antibody", "protein", "spike-in", "vdj", "atac",
}  # fmt: skip
ENSEMBL = re.compile(r"(ENS[A-Z]*G\d+)(?:\.\d+)?(?:_PAR_Y)?")
FEW = 0.05
"""Share of genes with a human symbol below which something is amiss."""
SPIKE_IN = r"ERCC-\d{5}"


@dataclass(frozen=True)
class Genes:
    """The genes of a file."""

    var: pd.DataFrame
    """A row a gene, by its symbol; ``symbol``, and ``ensembl_id`` where one is known, else empty text."""
    columns: np.ndarray
    """The columns of the file that are genes."""
    place: np.ndarray
    """Which gene each of these is."""

    def of(self, counts: sparse.csr_matrix) -> sparse.csr_matrix:
        """Counts of the genes, CSR float32, from those of all columns: several of one gene are summed."""
        counts = csr_float32(counts)
        if len(self.columns) < counts.shape[1]:
            counts = counts[:, self.columns]
        if len(self.var) < len(self.place):
            n = len(self.place)
            sums = sparse.csr_matrix((np.ones(n, np.float32), (np.arange(n), self.place)), (n, len(self.var)))
            counts = counts @ sums
        return csr_float32(counts)


@cache
def pairs() -> pd.DataFrame:
    """Human genes: ``symbol`` by Ensembl id."""
    table = pd.read_csv(PAIRS)
    return pd.DataFrame(
        {"symbol": table["symbol"].to_numpy()}, index="ENSG" + table["number"].astype(str).str.zfill(11)
    )


@cache
def _symbols_known() -> np.ndarray:
    return pairs()["symbol"].to_numpy(str)


def wanted(column: str) -> bool:
    """Whether a column of var may say what a gene is."""
    return column.lower() in {*SYMBOLS, *IDS, *TYPES}


def genes_of(table: pd.DataFrame, findings: Findings) -> Genes:
    """Tell genes from the rest, and name them.

    Parameters
    ----------
    table
        The columns of var that are :func:`wanted`, by the names that the file gives.
    findings
        Where what was found is noted.

    Raises
    ------
    DataError
        If none of the columns is a gene.
    """
    table = table.rename(columns=str.lower)
    columns = np.flatnonzero(_are_genes(table, findings))
    table = table.iloc[columns]
    symbol, ids = _symbols(table, findings), _ids(table)
    symbol = _filled(symbol, ids, findings)
    if (nameless := symbol == "").any():
        what = f"{int(nameless.sum()):,} genes without a name, first in column {columns[nameless.argmax()]}"
        findings.add("left out", what, int(nameless.sum()))
        columns, symbol, ids = columns[~nameless], symbol[~nameless], ids[~nameless]
    place, unique = pd.factorize(symbol)
    if not _are_ids(unique) and (known := np.isin(unique.astype(str), _symbols_known())).mean() < FEW:
        what = f"{int(known.sum()):,} of {len(unique):,} genes, such as {unique[0]!r}, have a human symbol: other species?"
        findings.add("note", what)
    if (more := len(symbol) - len(unique)) > 0:
        again = symbol[pd.Series(symbol).duplicated().to_numpy()][0]
        findings.add(
            "mended", f"{more:,} columns are of a symbol that was there before, first {again!r}; summed", more
        )
    first = np.unique(place, return_index=True)[1]
    var = pd.DataFrame({"symbol": unique}, index=pd.Index(unique, dtype=object))
    if (ids != "").any():
        var.insert(0, "ensembl_id", ids[first])
    return Genes(var, columns, place)


def _are_genes(table: pd.DataFrame, findings: Findings) -> np.ndarray:
    """Which rows are genes: not tags of antibodies, guides, peaks or spike-ins."""
    genes = np.ones(len(table), dtype=bool)
    for column in (c for c in TYPES if c in table):
        kinds = table[column].astype(object).map(str).str.strip()
        known = kinds.str.lower()
        other = ~known.isin(EXPRESSION) if known.isin(EXPRESSION).any() else known.isin(NO_GENE)
        for kind, rows in kinds[other.to_numpy() & genes].groupby(kinds, sort=True):
            findings.add(
                "left out",
                f"{len(rows):,} features that are no genes but {kind}, first {rows.index[0]!r}",
                len(rows),
            )
        genes &= ~other.to_numpy()
    spikes = np.asarray(table.index.str.fullmatch(SPIKE_IN), dtype=bool) & genes
    if spikes.any():
        findings.add("left out", f"{int(spikes.sum())} spike-ins, named ERCC-…", int(spikes.sum()))
    if not (genes & ~spikes).any():
        raise DataError("The file holds no genes: every feature is something else. Give the gene expression.")
    return genes & ~spikes


def _clean(values) -> np.ndarray:
    """Names as text without blanks around; empty where there is none."""
    values = pd.Series(values).astype(object)
    return (
        values.where(values.notna(), "")
        .map(str)
        .str.strip()
        .replace({"nan": "", "None": ""})
        .to_numpy(object)
    )


def _ensembl(names: np.ndarray) -> np.ndarray:
    """Ensembl ids without their version; empty where a name is none."""
    found = (ENSEMBL.fullmatch(name) for name in names)
    return np.array([match[1] if match else "" for match in found], dtype=object)


def _are_ids(names: np.ndarray) -> bool:
    return bool(len(names)) and np.mean(_ensembl(names) != "") > 0.5


def _symbols(table: pd.DataFrame, findings: Findings) -> np.ndarray:
    """The symbol of each gene from the first place that holds some; empty text where there is none."""
    index = _clean(table.index)
    for column in (c for c in SYMBOLS if c in table):
        names = _clean(table[column])
        if np.mean(names != "") > 0.5 and not _are_ids(names):
            if column != "symbol" and not np.array_equal(names, index):
                findings.add("used", f"gene symbols are those of var[{column!r}]")
            # CELLxGENE's way to tell two genes of a symbol apart.
            return np.array([re.sub(r"_(ENSG\d{11})$", "", name) for name in names], dtype=object)
    if _are_ids(index):
        return np.full(len(index), "", dtype=object)
    if np.mean([name.isdigit() for name in index]) > 0.5:
        findings.add(
            "note", f"genes are named by numbers, such as {index[0]!r}, which say nothing to a frozen model"
        )
    return index


def _ids(table: pd.DataFrame) -> np.ndarray:
    """The Ensembl id of each gene from the first place that holds some."""
    for column in (*IDS, *SYMBOLS):
        if column in table and _are_ids(names := _clean(table[column])):
            return _ensembl(names)
    return _ensembl(_clean(table.index))


def _filled(symbol: np.ndarray, ids: np.ndarray, findings: Findings) -> np.ndarray:
    """Symbols, of genes that have none those of their Ensembl ids, or else the ids themselves."""
    empty = (symbol == "") | (_ensembl(symbol) != "")
    if not (empty & (ids != "")).any():
        return symbol
    known = pairs()["symbol"].reindex(ids[empty]).to_numpy(object)
    found = pd.notna(known)
    symbol = symbol.copy()
    symbol[empty] = np.where(found, known, np.where(ids[empty] != "", ids[empty], symbol[empty]))
    what = f"symbols of {int(found.sum()):,} genes are those of their Ensembl ids"
    if missing := int((~found).sum()):
        what += f"; {missing:,} ids have none"
    findings.add("mended", what, int(found.sum()))
    return symbol


def look_like_genes(names: pd.Index) -> bool:
    """Whether cells bear the names of genes: then cells and genes are swapped."""
    some = np.asarray(names[:2000], dtype=object)
    return len(some) > 0 and (_are_ids(some) or np.isin(some.astype(str), _symbols_known()).mean() > 0.5)
