"""From what a dataset's `read` returns to the one shape of :mod:`zslib.datasets.check`."""

import pandas as pd
from anndata import AnnData

from zslib.core.errors import DataError
from zslib.datasets.card import DatasetCard
from zslib.datasets.check import check
from zslib.datasets.matrices import csr_float32


def standardize(raw: AnnData, card: DatasetCard) -> AnnData:
    """Bring counts, labels and batches to the common shape and leave out small types.

    Parameters
    ----------
    raw
        Raw counts in ``layers["counts"]`` or else X, and the obs columns that the card names.
    card
        The dataset's card.

    Returns
    -------
    The dataset, X empty, with ``uns["dataset"]``: a plain dict of what was counted.

    Raises
    ------
    DataError
        If anything is not what the card says it is.
    """
    _check_size(raw, card)
    original = _column(raw.obs, card.label, card).astype(str).where(raw.obs[card.label].notna())
    if card.batch is None:
        batch = pd.Series(card.single_batch, index=raw.obs_names)
    else:
        batch = _column(raw.obs, card.batch, card).astype(str).where(raw.obs[card.batch].notna())
    label, dropped, why = original, {}, {}
    if card.labels:
        label, dropped, why = _harmonize(original, batch, card)
    sizes = label.value_counts()
    small = sizes[sizes < card.min_cells]
    dropped |= {kind: int(n) for kind, n in small.items()}
    why |= dict.fromkeys(small.index, f"fewer than {card.min_cells} cells")
    left_out = label.isin(small.index)
    if card.labels:
        left_out |= label.isna()

    obs = raw.obs.drop(columns=[c for c in (card.label, card.batch) if c in raw.obs])
    obs = obs.assign(label=pd.Categorical(label), batch=pd.Categorical(batch))
    if card.labels:
        obs["original_label"] = pd.Categorical(original)
    var = raw.var.copy()
    if "symbol" not in var:
        var["symbol"] = var.index.astype(str)
    keep = ~left_out.to_numpy()
    counts = raw.layers.get("counts", raw.X)
    if counts is None:
        raise DataError(f'read() of {card.name} gave neither layers["counts"] nor X.')
    adata = AnnData(
        obs=obs[keep].copy(),
        var=var,
        layers={"counts": csr_float32(counts)[keep]},
    )
    for column in adata.obs.select_dtypes("category"):
        adata.obs[column] = adata.obs[column].cat.remove_unused_categories()
    check(adata, card)
    adata.uns["dataset"] = {
        "name": card.name,
        "organism": card.organism,
        "label": card.label,
        "batch": card.batch or "",
        "min_cells": card.min_cells,
        "n_cells_read": raw.n_obs,
        "n_cells": adata.n_obs,
        "n_genes": adata.n_vars,
        "n_cells_per_label": _count(adata.obs["label"]),
        "n_cells_per_batch": _count(adata.obs["batch"]),
        "dropped": dropped,
        "dropped_why": why,
        "sha256": {file.filename: file.sha256 for file in card.files},
    }
    return adata


def _count(values: pd.Series) -> dict[str, int]:
    return {str(k): int(n) for k, n in values.value_counts(sort=False).items()}


def _column(obs: pd.DataFrame, name: str, card: DatasetCard) -> pd.Series:
    if name not in obs:
        raise DataError(
            f"The card of {card.name} names the obs column {name!r}, but the data have "
            f"{', '.join(map(repr, obs.columns)) or 'none'}. Correct the card or read()."
        )
    return obs[name]


def _check_size(raw: AnnData, card: DatasetCard) -> None:
    for what, got, expected in (
        ("cells", raw.n_obs, card.expected_cells),
        ("genes", raw.n_vars, card.expected_genes),
    ):
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
