"""What can be said of embeddings of cells whose types nobody knows."""

import itertools

import numpy as np
import pandas as pd

from zslib import metrics
from zslib.datasets.parts import lengths, parts
from zslib.metrics.graph import K
from zslib.results.comparison import Comparison

GENE_SETS = {"mitochondrial genes": ("MT-", "mt-"), "ribosomal genes": ("RPL", "RPS", "Rpl", "Rps")}
"""Sets of genes that often stand for the quality of a cell, by how their symbols begin."""


def confounders(adata) -> pd.DataFrame:
    """What a cell's place in an embedding should not follow from alone.

    Parameters
    ----------
    adata
        Prepared cells.

    Returns
    -------
    A column each, a row a cell: log of counts, genes found, and the share of counts of each of :data:`GENE_SETS` that
    these cells have.
    """
    counts, symbol = adata.layers["counts"], adata.var["symbol"].astype(str)
    sets = {name: symbol.str.startswith(starts).to_numpy() for name, starts in GENE_SETS.items()}
    sets = {name: genes for name, genes in sets.items() if genes.any()}
    asked = np.column_stack([np.ones(len(symbol)), *sets.values()]).astype(np.float32)
    total, *sums = np.vstack([part @ asked for part in parts(counts)]).T
    found = {"counts (log)": np.log(total), "genes found": lengths(counts).astype(float)}
    found |= {f"share of {name}": some / total for name, some in zip(sets, sums, strict=True)}
    return pd.DataFrame(found, index=adata.obs_names)


def explained(runs: Comparison, adata) -> pd.DataFrame:
    """How well a cell's neighbors in each embedding tell each confounder.

    Parameters
    ----------
    runs
        All methods on these cells.
    adata
        The prepared cells.

    Returns
    -------
    A row a method, a column a confounder: R² of the mean of the 14 nearest cells as a prediction of the cell, 0 or
    below if they tell nothing, 1 if they tell all.
    """
    values = confounders(adata)
    values = values.loc[:, values.std() > 0]
    rows = {}
    for method in runs.ran:
        near = values.to_numpy()[neighbors(runs, method)].mean(axis=1)
        left = ((values.to_numpy() - near) ** 2).sum(axis=0)
        rows[method] = 1 - left / ((values - values.mean()) ** 2).sum(axis=0)
    return pd.DataFrame(rows).T


def agreement(runs: Comparison) -> pd.DataFrame:
    """Which share of a cell's 14 nearest cells two embeddings have in common, on average.

    Returns
    -------
    Symmetric, methods by methods; two embeddings that know nothing of each other have 14 by the number of cells.
    """
    near = {method: neighbors(runs, method) for method in runs.ran}
    table = pd.DataFrame(1.0, index=list(near), columns=list(near))
    for one, other in itertools.combinations(near, 2):
        both = [len(np.intersect1d(a, b)) / K for a, b in zip(near[one], near[other], strict=True)]
        table.loc[one, other] = table.loc[other, one] = float(np.mean(both))
    return table


def stability(runs: Comparison) -> pd.DataFrame:
    """Whether the clusters of each embedding stay when a fifth of the cells is left out.

    Returns
    -------
    Columns method, resolution, n_clusters, stability, chosen; see :func:`zslib.metrics.stability`.
    """
    found = [
        metrics.stability(_graph(runs, method).connectivities).assign(method=method) for method in runs.ran
    ]
    return pd.concat(found, ignore_index=True)


def neighbors(runs: Comparison, method: str) -> np.ndarray:
    """The 14 nearest cells of each cell in the embedding of a method, shape (n_cells, 14)."""
    return _graph(runs, method).indices


def _graph(runs: Comparison, method: str) -> metrics.Neighbors:
    return metrics.Space.of(runs.runs_of(method)[0].embedding, pairs=frozenset({"near"})).neighbors
