"""From any file or AnnData to the one shape of :mod:`zslib.datasets.check`."""

import numpy as np
import pandas as pd
from scipy import sparse

from zslib.core.errors import DataError
from zslib.datasets import cache
from zslib.datasets.card import DatasetCard
from zslib.datasets.check import check
from zslib.datasets.findings import Findings
from zslib.datasets.labels import batches, labels, text
from zslib.datasets.parts import gathered, lengths, masked
from zslib.datasets.reading import CellReader, open_cells, pieces

NOT_LABELED = "cells"
"""The one label of cells whose types are not known."""


def standardize(source, card: DatasetCard):
    """Bring counts, genes, labels and batches to the common shape; leave out what is none of these, and small types.

    Parameters
    ----------
    source
        What :func:`zslib.datasets.reading.open_cells` takes: an AnnData or the path of a file.
    card
        The dataset's card.

    Returns
    -------
    The dataset as AnnData, X empty, with ``uns["dataset"]``: a plain dict of what was counted, and under ``found``
    what a reader must know of the file, a line each.

    Raises
    ------
    DataError
        If anything is not what the card says it is.
    """
    from anndata import AnnData

    with open_cells(source, place=card.counts, rounded=card.rounded) as cells:
        _check_size(cells, card)
        obs, dropped, why = tables(cells, card)
        keep = obs["label"].notna().to_numpy()
        seen = _Seen()
        counts = gathered(map(seen.add, pieces(cells)))
        empty = lengths(counts) == 0
        found = cells.findings
        if empty.any():
            what = f"{int(empty.sum()):,} cells without counts, first {obs.index[empty][0]!r}"
            found.add("left out", what, int(empty.sum()))
        seen.note(found)
        keep &= ~empty
    if not keep.any():
        raise DataError(
            f"No cell of {card.name} is left: {'; '.join(map(str, found)) or 'no type is large enough'}."
        )
    sizes = obs["label"][keep].value_counts()
    small = {kind: int(n) for kind, n in sizes[sizes < card.min_cells].items()}
    keep &= ~obs["label"].isin(list(small)).to_numpy()
    dropped |= small
    why |= dict.fromkeys(small, f"fewer than {card.min_cells} cells")
    if not keep.any():
        raise DataError(
            f"No type of {card.name} has {card.min_cells} cells: obs[{card.label!r}] holds {len(sizes):,} types of "
            f"{int(sizes.sum()):,} cells. Name the column of cell types."
        )
    obs = obs[keep]
    for column in ("label", "batch", "original_label"):
        if column in obs:
            obs[column] = pd.Categorical(obs[column])
    counts = counts if keep.all() else gathered(masked(counts, keep))
    adata = AnnData(obs=obs, var=cells.var, layers={"counts": counts})
    check(adata, card)
    found.warn(card.name, ("left out", "note"))
    adata.uns["dataset"] = {
        "name": card.name,
        "organism": card.organism,
        "label": card.label or "",
        "batch": card.batch or "",
        "min_cells": card.min_cells,
        "n_cells_read": len(keep),
        "n_cells": adata.n_obs,
        "n_genes": adata.n_vars,
        "n_cells_per_label": _count(adata.obs["label"]),
        "n_cells_per_batch": _count(adata.obs["batch"]),
        "dropped": dropped,
        "dropped_why": why,
        "found": str(found),
        "sha256": {file.filename: cache.known(file) for file in card.files},
    }
    return adata


def tables(cells: CellReader, card: DatasetCard) -> tuple[pd.DataFrame, dict[str, int], dict[str, str]]:
    """The columns of obs that are kept, and which types the card's table of labels leaves out, with the reasons."""
    found, dropped, why = cells.findings, {}, {}
    names = cells.names_of_cells
    column = lambda name: pd.Series(_column(cells, name, card).array, index=names)  # noqa: E731
    obs = pd.DataFrame({name: column(name) for name in card.keep}, index=names)
    original = column(card.label) if card.label else pd.Series(NOT_LABELED, index=names)
    batch = batches(column(card.batch), card.batch, found) if card.batch else card.single_batch
    batch = pd.Series(batch, index=names)
    if card.labels:
        original = text(original)
        label, dropped, why = _harmonize(original, batch, card)
    elif card.label is None:
        label = original
    else:
        label = labels(original, card.label, card.not_known, found)
    obs = obs.assign(label=label, batch=batch)
    return (obs.assign(original_label=original) if card.labels else obs), dropped, why


class _Seen:
    """What whole numbers that are no counts of molecules would show, cell by cell."""

    def __init__(self):
        self.totals, self.smallest, self.largest = [], [], 0

    def add(self, part: sparse.csr_matrix) -> sparse.csr_matrix:
        """Look at some cells, and hand them on."""
        starts = part.indptr[:-1][np.diff(part.indptr) > 0]  # of cells that have counts
        if len(starts):
            self.totals.append(np.add.reduceat(part.data, starts, dtype=np.float64))
            self.smallest.append(np.minimum.reduceat(part.data, starts))
            self.largest = max(self.largest, part.data.max())
        return part

    def note(self, found: Findings) -> None:
        """Note what was seen."""
        totals = np.concatenate([np.zeros(0), *self.totals])
        if len(totals) > 1 and np.ptp(totals) < 0.01 * totals.max():
            found.add(
                "note", f"all cells have about {totals[0]:,.0f} counts: were they normalized and rounded?"
            )
        share = np.mean(np.concatenate([np.zeros(0), *self.smallest]) > 1) if len(totals) else 0
        if share > 0.5:
            what = f"in {share:.0%} of the cells no gene was counted once: were they normalized and rounded?"
            found.add("note", what)
        if self.largest == 1:
            found.add("note", "no count is above 1: is a gene's presence all that is known?")


def _count(values: pd.Series) -> dict[str, int]:
    return {str(k): int(n) for k, n in values.value_counts(sort=False).items()}


def _column(cells: CellReader, name: str, card: DatasetCard) -> pd.Series:
    if name not in cells.stored.columns:
        raise DataError(
            f"The card of {card.name} names the obs column {name!r}, but the data have "
            f"{', '.join(map(repr, cells.stored.columns)) or 'none'}. Correct the card or read()."
        )
    return cells.stored.column(name)


def _check_size(cells: CellReader, card: DatasetCard) -> None:
    expects = card.expected_cells, card.expected_genes
    for what, got, expected in zip(("cells", "genes"), cells.matrix.shape, expects, strict=True):
        if expected is not None and got != expected:
            raise DataError(
                f"Dataset {card.name} was read with {got} {what}; its card expects {expected}. "
                "Either read() or the card is wrong."
            )


def _harmonize(
    original: pd.Series, batch: pd.Series, card: DatasetCard
) -> tuple[pd.Series, dict[str, int], dict[str, str]]:
    """Apply the label table; missing where the table leaves cells out, and which types those are."""
    table = {(rule.batch, rule.original): rule for rule in card.labels}
    pairs = list(zip(batch, original, strict=True))
    if unknown := set(pairs) - set(table):
        listed = "; ".join(f"{study}: {kind}" for study, kind in sorted(unknown, key=str))
        raise DataError(
            f"The label table of {card.name} does not know {listed}. Add a row for each to the card, "
            "with the common label or None and the reason."
        )
    label = pd.Series([table[pair].label for pair in pairs], index=original.index, dtype=object)
    dropped, why = {}, {}
    for (study, kind), n in pd.Series(pairs)[label.isna().to_numpy()].value_counts().items():
        dropped[f"{study}: {kind}"] = int(n)
        why[f"{study}: {kind}"] = table[study, kind].reason
    return label, dropped, why
