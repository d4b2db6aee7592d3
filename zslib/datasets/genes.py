"""The genes of a file, and each one's symbol and Ensembl id.

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

from zslib.datasets.features import BIOTYPES, TYPES, are_genes
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
ENSEMBL = re.compile(r"(ENS[A-Z]*G\d+)(?:\.\d+)?(?:_PAR_Y)?")
BY_SYMBOL = "id_from_symbol"
"""Column of which genes the Ensembl id is that of their symbol in the shipped table, since the file gives none."""
NUMBERED = re.compile(r"(.+)([-.])(\d{1,2})")
"""A name that a number may have made unique, as anndata and R do."""
FEW = 0.05
"""Share of genes with a human symbol below which something is amiss."""


@dataclass(frozen=True)
class Genes:
    """The genes of a file."""

    var: pd.DataFrame
    """A row a gene, by its symbol: ``symbol``, and ``ensembl_id`` where one is known, else empty text; where some of these
    are those of their symbol in the shipped table, ``id_from_symbol`` says which."""
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


@cache
def _ids_known() -> pd.Series:
    """Ensembl ids by symbol; the lowest of those of 91 symbols that have several."""
    table = pairs().sort_index().reset_index(names="id").drop_duplicates("symbol")
    return table.set_index("symbol")["id"]


def wanted(column: str) -> bool:
    """Whether a column of var may say what a gene is."""
    return column.lower() in {*SYMBOLS, *IDS, *TYPES, *BIOTYPES, BY_SYMBOL}


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
    names = [pd.Series(_clean(table[column])) for column in SYMBOLS if column in table]
    columns = np.flatnonzero(are_genes(table, names, findings))
    table = table.iloc[columns]
    symbol, ids = _symbols(table, findings), _ids(table)
    symbol = _filled(symbol, ids, findings)
    if (nameless := symbol == "").any():
        what = f"{int(nameless.sum()):,} genes without a name, first in column {columns[nameless.argmax()]}"
        findings.add("left out", what, int(nameless.sum()))
        columns, symbol, ids = columns[~nameless], symbol[~nameless], ids[~nameless]
    given, symbol = symbol, symbol if "symbol" in table else _without_numbers(symbol, ids)
    place, unique = pd.factorize(symbol)
    human = (known := np.isin(unique.astype(str), _symbols_known())).mean() >= FEW
    if not _are_ids(unique) and not human:
        what = f"{int(known.sum()):,} of {len(unique):,} genes, such as {unique[0]!r}, have a human symbol: other species?"
        findings.add("note", what)
    if (more := len(symbol) - len(unique)) > 0:
        again = given[pd.Series(symbol).duplicated().to_numpy()][0]
        findings.add(
            "mended", f"{more:,} columns are of a symbol that was there before, first {again!r}; summed", more
        )
    first = np.unique(place, return_index=True)[1]
    var = pd.DataFrame({"symbol": unique}, index=pd.Index(unique, dtype=object))
    ids = pd.Series(ids[first], index=var.index)
    others = _ids_known()
    by_symbol = ids.eq("") & human
    ids = ids.mask(by_symbol, others[~others.isin(ids)].reindex(unique).fillna(""))
    if (ids != "").any():
        var.insert(0, "ensembl_id", ids)
    if (by_symbol & ids.ne("")).any():
        var[BY_SYMBOL] = by_symbol & ids.ne("")
    return Genes(var, columns, place)


def _clean(values) -> np.ndarray:
    """Names as text without blanks around; empty where there is none."""
    values = pd.Series(values).astype(object)
    names = values.where(values.notna(), "").map(str).str.strip()
    return names.replace({"nan": "", "None": ""}).to_numpy(object)


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
            return np.where(table.get(BY_SYMBOL, False), "", _ensembl(names)).astype(object)
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


def _without_numbers(symbol: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Symbols without the numbers that make names unique: X-1, X-2 or X.1 of a human gene X that is there.

    A gene may be called so, as HLA-DRB1 or NKX2-1 and SNORD115-2 are: X must be in the shipped table and X-1 not, all lower
    numbers must be there, and an Ensembl id in the table must be one of X. Symbols in a column called so are as they are.
    """
    there, known, of_id = set(symbol), set(_symbols_known()), pairs()["symbol"]
    human = there & known
    bare = symbol.copy()
    for i, found in ((i, NUMBERED.fullmatch(name)) for i, name in enumerate(symbol)):
        if found and (base := found[1]) in human and found[0] not in known:
            lower = {f"{base}{found[2]}{n}" for n in range(1, int(found[3]))}
            bare[i] = base if lower <= there and of_id.get(ids[i], base) == base else bare[i]
    return bare


def named_as_genes(names: pd.Index) -> bool:
    """Whether cells bear the names of genes: then cells and genes are swapped."""
    some = np.asarray(names[:2000], dtype=object)
    return len(some) > 0 and (_are_ids(some) or np.isin(some.astype(str), _symbols_known()).mean() > 0.5)
