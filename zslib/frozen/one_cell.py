"""What a model sees of one cell, as a table to be drawn."""

import numpy as np
import pandas as pd

from zslib.frozen import geneformer, in_memory, scgpt
from zslib.frozen.geneformer.encoder import TARGET_SUM
from zslib.frozen.scgpt.tokenizer import RECIPES


def ranked(adata, row: int) -> tuple[pd.DataFrame, str]:
    """One cell as Geneformer reads it.

    Parameters
    ----------
    adata
        Prepared cells.
    row
        Which one.

    Returns
    -------
    genes
        A row a gene, in the order it is read in: ``gene``, ``counts``, ``median``, ``value`` (counts per 10,000 by
        the median), ``token``.
    whose
        Where the medians come from, in words.
    """
    counts = adata.layers["counts"]
    dictionaries, report = geneformer.dictionary(in_memory(adata))
    ids = dictionaries.map(adata.var)
    tokens = dictionaries.encoder(len(ids) + 2).encode(counts[row], ids)[0]
    if dictionaries.version == 2:
        tokens = tokens[1:-1]
    at = pd.Series(np.arange(len(ids)), index=ids).groupby(level=0).first()
    gene_of = {token: id_ for id_, token in dictionaries.tokens.items()}
    read = [gene_of[token] for token in tokens.tolist()]
    column = at[read].to_numpy()
    found = counts[row].toarray().ravel()
    table = pd.DataFrame({"gene": adata.var["symbol"].to_numpy()[column], "counts": found[column]})
    table["median"] = np.array([dictionaries.medians[id_] for id_ in read], dtype=float)
    table["value"] = table["counts"] / found.sum() * TARGET_SUM / table["median"]
    return table.assign(token=tokens), report["medians"]


def binned(adata, row: int, *, recipe: str = "paper", seed: int = 0) -> pd.DataFrame:
    """One cell as scGPT reads it: ``gene``, ``counts``, ``bin`` and ``token`` of each gene, without ``<cls>``."""
    counts, symbols = adata.layers["counts"], adata.var["symbol"].to_numpy()
    vocab = scgpt.vocabulary()
    options = {"seed": seed, "max_len": len(symbols) + 1} | ({"counts": counts} if recipe == "paper" else {})
    tokenizer = RECIPES[recipe](list(symbols), vocab, **options)
    tokens, bins = tokenizer(counts[row])[0]
    column = pd.Series(np.arange(len(symbols)), index=tokenizer.ids)[tokens[1:]].to_numpy()
    found = counts[row].toarray().ravel()[column]
    return pd.DataFrame({"gene": symbols[column], "counts": found, "bin": bins[1:], "token": tokens[1:]})
