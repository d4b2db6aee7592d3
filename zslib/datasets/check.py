"""The shape every dataset has after loading, and must keep."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zslib.core.errors import DataError
from zslib.datasets.card import DatasetCard
from zslib.datasets.counts import checked

if TYPE_CHECKING:
    from anndata import AnnData


def check(adata: "AnnData", card: DatasetCard | None = None) -> None:
    """Check that a dataset has the shape that everything after loading relies on.

    - ``layers["counts"]``: CSR float32 with sorted indices, non-negative integers, no empty cell;
      X is empty after loading and the log-normalized counts after preparing;
    - ``obs["label"]`` and ``obs["batch"]``: categorical, no missing value, no unused category;
    - cell and gene names: unique; ``var["symbol"]`` always, ``var["ensembl_id"]`` where known.

    Parameters
    ----------
    adata
        A dataset.
    card
        Its card, to also check that the smallest type is as large as it asks.

    Raises
    ------
    DataError
        For the first thing that is not so: what, where, and what to do.
    """
    name = f"dataset {card.name}" if card else "the dataset"
    for axis, names in (("cell", adata.obs_names), ("gene", adata.var_names)):
        if not names.is_unique:
            twice = names[names.duplicated()][0]
            raise DataError(f"In {name} the {axis} name {twice!r} occurs more than once. Make them unique.")
    _check_counts(adata, name)
    for column in ("label", "batch"):
        _check_column(adata.obs, column, name)
    if "symbol" not in adata.var:
        raise DataError(f'{name} has no var["symbol"]. Add the gene symbols; var names will do if they are.')
    if card is not None:
        n = adata.obs["label"].value_counts()
        if n.min() < card.min_cells:
            raise DataError(
                f"In {name} type {n.idxmin()!r} has {n.min()} cells; the card asks for {card.min_cells}."
            )


def is_labeled(adata: "AnnData") -> bool:
    """Whether the types of these cells are known."""
    return bool(adata.uns.get("dataset", {}).get("label", True))


def _check_counts(adata: "AnnData", name: str) -> None:
    looked_at = [(part.has_sorted_indices, part.sum(axis=1).A1) for part in checked(adata, name)]
    counts, (are_sorted, totals) = adata.layers["counts"], zip(*looked_at, strict=True)
    if getattr(counts, "format", "") != "csr" or counts.dtype != np.float32:
        kind = f"{getattr(counts, 'format', type(counts).__name__)} {counts.dtype}"
        raise DataError(f'layers["counts"] of {name} is {kind}; it must be CSR float32.')
    if not all(are_sorted):
        raise DataError(f'layers["counts"] of {name} has unsorted indices. Call sort_indices().')
    empty = np.flatnonzero(np.concatenate(totals) == 0)
    if empty.size:
        raise DataError(
            f"In {name} cell {adata.obs_names[empty[0]]!r} has no counts ({empty.size} such cells). "
            "Remove empty cells first."
        )


def _check_column(obs: pd.DataFrame, column: str, name: str) -> None:
    if column not in obs:
        raise DataError(f'{name} has no obs["{column}"]. It has: {", ".join(obs.columns) or "no column"}.')
    values = obs[column]
    if not isinstance(values.dtype, pd.CategoricalDtype):
        raise DataError(f'obs["{column}"] of {name} is {values.dtype}; it must be categorical.')
    if values.isna().any():
        raise DataError(
            f'obs["{column}"] of {name} is missing for {values.isna().sum()} cells, first '
            f"{obs.index[values.isna()][0]!r}. Remove these cells or name them."
        )
    if unused := set(values.cat.categories) - set(values.unique()):
        raise DataError(
            f'obs["{column}"] of {name} has categories without cells: {", ".join(map(str, sorted(unused)))}. '
            "Call remove_unused_categories()."
        )
