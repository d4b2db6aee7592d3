"""Which features of a file are genes: not tags of antibodies, guides, hashtags, peaks or spike-ins.

By what a column says of them, or else by names alone that no gene has.
"""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from zslib.core.errors import DataError
from zslib.datasets.findings import Findings

TYPES = ("feature_types", "feature_type", "modality")
"""Columns that tell expression from what else was measured."""
BIOTYPES = ("feature_biotype", "gene_type", "gene_biotype", "biotype", "genetype")
"""Columns that tell kinds of genes apart, and may name what is none."""
EXPRESSION = {"geneexpression", "rna", "gex"}
NO_GENE = {
    "antibodycapture", "crisprguidecapture", "multiplexingcapture", "custom", "peak", "antigencapture", "adt", "hto", "cmo",
    "antibody", "protein", "prot", "abseq", "ab", "surfaceprotein", "hashtag", "hash", "crispr", "guide", "grna", "sgrna",
    "spikein", "ercc", "vdj", "atac", "chromatinaccessibility", "tag", "synthetic",
}  # fmt: skip
"""What columns call features that are no genes, by letters and digits alone."""
SPIKE_INS = r"ERCC-\d{5}"
NO_GENE_NAMES = (
    r".*total[-_ ]?seq.*|hashtag[-_ .:]?\d.*|hto[-_ .:]?\d+|(hto|adt)[-_ .:].+|.+[-_ .:](hto|adt)|anti[-_ .]\S+|"
    r"(sg|g)rna.*|guide[-_ ]?rna.*|cmo\d{3}|.*\|pabo|.*\|ahs\d+\|?.*|.*isotype[-_ .]?(control|ctrl).*|non[-_ ]?targeting.*"
)
"""Names of tags and guides, in any case; no symbol of the shipped table is one."""
RESEMBLES = (
    r"(ab|antibody|prot|protein|tag|hash|barcode|guide|crispr|isotype)([-_ .:].+|\d+)|.+[-_ .:](ab|antibody|prot|protein|"
    r"tag|barcode|guide|isotype)\d*|.+[-_]a\d{4}|.+[-_]sg(rna)?\d+|sg[a-z0-9]+_\d+|cd\d+[a-z]?[_ :].+"
)
"""Names that may be those of tags or guides."""


def are_genes(table: pd.DataFrame, names: Sequence[pd.Series], findings: Findings) -> np.ndarray:
    """Which rows are genes.

    Parameters
    ----------
    table
        Columns of var in lower case; the index names features as the file does.
    names
        What else may name them, as text.
    findings
        Where what was found is noted.

    Raises
    ------
    DataError
        If there is none.
    """
    genes, told = np.ones(len(table), dtype=bool), False
    for column in (c for c in (*TYPES, *BIOTYPES) if c in table):
        kinds = table[column].astype(object).map(str).str.strip()
        known = kinds.str.lower().str.replace(r"[^a-z0-9]", "", regex=True).str.removesuffix("s")
        # Where it is, all that is not expression is something else.
        complete = column in TYPES and known.isin(EXPRESSION).any()
        other = (~known.isin(EXPRESSION) if complete else known.isin(NO_GENE)).to_numpy()
        for kind, rows in kinds[other & genes].groupby(kinds, sort=True):
            what = f"{len(rows):,} features that are no genes but {kind}, first {rows.index[0]!r}"
            findings.add("left out", what, len(rows))
        genes &= ~other
        told |= bool(complete)
    names = [table.index.to_series(), *names]
    for pattern, what in ((SPIKE_INS, "spike-ins by name"), (NO_GENE_NAMES, "tags or guides by name")):
        if (other := _named(pattern, names) & genes).any():
            what = f"{other.sum():,} features that are {what}, first {table.index[other][0]!r}"
            findings.add("left out", what, int(other.sum()))
            genes &= ~other
    if not genes.any():
        raise DataError("The file holds no genes: every feature is something else. Give the gene expression.")
    if not told and (odd := _named(RESEMBLES, names) & genes).any():
        what = f"{odd.sum():,} features, first {table.index[odd][0]!r}, may be tags or guides: say so in var['feature_types']"
        findings.add("note", what, int(odd.sum()))
    return genes


def _named(pattern: str, names: Sequence[pd.Series]) -> np.ndarray:
    """Which features any of their names matches, in any case."""
    return np.any(
        [found.str.fullmatch(pattern, flags=re.IGNORECASE).to_numpy(bool) for found in names], axis=0
    )
