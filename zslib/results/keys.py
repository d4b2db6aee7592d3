"""The library as scanpy's users expect it: an AnnData and keys in, ``obsm`` or a tidy table out."""

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from zslib import methods, metrics
from zslib.core import stats
from zslib.core.errors import DataError
from zslib.datasets import labels as words
from zslib.datasets.findings import Findings
from zslib.datasets.prepare import log_normalize, pca
from zslib.datasets.reading import open_cells, whole
from zslib.datasets.within_batch import within_batch_pcs
from zslib.results import embedding


def embed(
    adata,
    method: str,
    *,
    batch: str | None = None,
    key_added: str | None = None,
    seed: int = 0,
    device: str = "auto",
    **parameters,
) -> None:
    """Embed cells with a method, into ``obsm``.

    Parameters
    ----------
    adata
        Cells of shape (n_cells, n_genes) with raw counts in ``layers["counts"]``, X or ``.raw``; every value is
        checked. Symbols or Ensembl ids as names of genes, or in ``var``.
    method
        Name of a method, see ``zslib methods``, or path of a Python file with one.
    batch
        Column of ``obs`` for methods that are told batches.
    key_added
        Key of ``obsm``; by default ``X_`` and the name of the method, hyphens as underscores.
    seed
        For all that is random in the method.
    device
        ``"auto"`` takes a GPU if there is one.
    parameters
        Of the method; those left out keep its defaults.

    Raises
    ------
    DataError
        If these are no raw counts, a cell has none, or the method asks for labels.
    NotApplicable
        If the method cannot run on these cells, such as a batch correction without batches.

    Examples
    --------
    >>> import zslib
    >>> from zslib.datasets import load
    >>> adata = load("pbmc3k")[:300].copy()
    >>> zslib.embed(adata, "hvg-pca")
    >>> adata.obsm["X_hvg_pca"].shape
    (300, 50)
    """
    if methods.card(method).sees_labels:
        raise DataError(f"{method} is told the labels; it is a control of the book and no embedding of cells")
    cells = _prepared(adata, batch)
    array, _ = embedding.compute(cells, method, seed=seed, device=device, **parameters)
    adata.obsm[key_added or f"X_{methods.card(method).name.replace('-', '_')}"] = array


def score(
    adata,
    key: str,
    *,
    label: str,
    batch: str | None = None,
    only: Iterable[str] | None = None,
    spaces: Sequence[str] = ("native",),
    n_boot: int = 500,
    seed: int = 0,
    device: str = "auto",
) -> pd.DataFrame:
    """Score an embedding, with intervals.

    Parameters
    ----------
    adata
        Cells of shape (n_cells, n_genes). Where they have raw counts, the scores that compare with the unintegrated
        data are there too.
    key
        Of ``obsm``.
    label, batch
        Columns of ``obs``. Cells whose label says that it is not known are left out, see
        :data:`zslib.datasets.labels.NOT_KNOWN`.
    only
        Names of metrics; None for all, see :data:`zslib.metrics.CARDS`.
    spaces
        ``"native"``, the embedding as it is, and ``"pca50"``, its 50 leading principal components.
    n_boot
        Bootstrap resamples.
    seed
        Of clusterings, splits and resamples.
    device
        Where distances are computed.

    Returns
    -------
    DataFrame
        One number a row: space, metric, value, ci_low, ci_high (95 %, over these cells with the embedding as it is: what
        other cells, embedded anew, would change is in :func:`zslib.robustness`), n_cells, better (``"higher"`` or ``"lower"``).

    Raises
    ------
    DataError
        If a key or a column is not there, or the embedding is refused.

    Examples
    --------
    >>> import zslib
    >>> from zslib.datasets import load
    >>> adata = load("pbmc3k")[:300].copy()
    >>> zslib.embed(adata, "hvg-pca")
    >>> table = zslib.score(adata, "X_hvg_pca", label="label", only=["asw_label"])
    >>> table[["metric", "better"]].values.tolist()
    [['asw_label', 'higher']]
    """
    how = {"only": only, "spaces": spaces, "n_boot": n_boot, "seed": seed, "device": device}
    return _scores(adata, [key], label, batch, **how)[key].table


def compare(
    adata,
    keys: Sequence[str],
    *,
    label: str,
    batch: str | None = None,
    metric: str = "avg_bio",
    baseline: str | None = None,
    n_boot: int = 500,
    seed: int = 0,
    device: str = "auto",
) -> pd.DataFrame:
    """Compare embeddings of the same cells by one metric: paired differences, and what cannot be told apart.

    Parameters
    ----------
    adata
        See :func:`score`.
    keys
        Of ``obsm``.
    label, batch
        Columns of ``obs``.
    metric
        Name of a metric, see :data:`zslib.metrics.CARDS`.
    baseline
        The key that the others are compared with; by default the first.
    n_boot
        Bootstrap resamples, the same cells for all embeddings.
    seed
        Of clusterings, splits and resamples.
    device
        Where distances are computed.

    Returns
    -------
    DataFrame
        A row a key: key, value, ci_low, ci_high, difference from the baseline, difference_low, difference_high (95 %,
        simultaneous over all keys, over these cells with the embeddings as they are), told_apart (whether that interval leaves out zero), better.

    Raises
    ------
    DataError
        See :func:`score`; or if the baseline is none of the keys.

    Examples
    --------
    >>> import zslib
    >>> from zslib.datasets import load
    >>> adata = load("pbmc3k")[:300].copy()
    >>> for method in ("hvg", "hvg-pca"):
    ...     zslib.embed(adata, method)
    >>> table = zslib.compare(adata, ["X_hvg", "X_hvg_pca"], label="label", metric="asw_label")
    >>> bool(table.set_index("key").loc["X_hvg_pca", "told_apart"])
    True
    """
    baseline = baseline or keys[0]
    if baseline not in keys:
        raise DataError(f"the baseline {baseline!r} is none of the keys {', '.join(keys)}")
    how = {"only": [metric], "spaces": ("native",), "n_boot": n_boot, "seed": seed, "device": device}
    found = _scores(adata, keys, label, batch, **how)
    if reason := found[baseline].skipped.get(metric):
        raise DataError(f"{metric} says nothing about these cells: {reason}")
    rows = pd.concat([one.table.assign(key=key) for key, one in found.items()], ignore_index=True)
    draws = {key: one.replicates[f"native/{metric}"].to_numpy() for key, one in found.items()}
    values = dict(zip(rows["key"], rows["value"], strict=True))
    others = [key for key in keys if key != baseline]
    rows["difference"] = rows["value"] - values[baseline]
    rows[["difference_low", "difference_high"]] = 0.0
    if others:
        apart = np.stack([draws[key] - draws[baseline] for key in others], axis=1)
        low, high = stats.simultaneous(apart, [values[key] - values[baseline] for key in others])
        at = rows.set_index("key").index.get_indexer(others)
        rows.loc[at, "difference_low"], rows.loc[at, "difference_high"] = low, high
    rows["told_apart"] = (rows["difference_low"] > 0) | (rows["difference_high"] < 0)
    first = ["key", "value", "ci_low", "ci_high", "difference", "difference_low", "difference_high"]
    return rows[[*first, "told_apart", "better"]]


def _prepared(adata, batch: str | None):
    """The cells as methods get them, in their order, and no label among them."""
    import anndata as ad

    with open_cells(adata) as cells:
        counts = whole(cells)
        batches = _batches(adata, batch, cells.findings)
        var = cells.var
    cells.findings.warn("embed")
    if (empty := counts.getnnz(axis=1) == 0).any():
        raise DataError(
            f"{int(empty.sum())} cells have no counts, first {adata.obs_names[empty][0]!r}; remove them"
        )
    obs = pd.DataFrame({"batch": pd.Categorical(batches)}, index=adata.obs_names.astype(str))
    return ad.AnnData(
        log_normalize(counts), obs=obs, var=var, layers={"counts": counts}, uns={"prepare": {"hash": ""}}
    )


def _scores(adata, keys, label, batch, **how) -> dict[str, metrics.Scores]:
    for key in keys:
        if key not in adata.obsm:
            raise DataError(f"there is no obsm[{key!r}]. There are: {', '.join(adata.obsm) or 'none'}.")
    kinds = words.labels(_column(adata, label), label, (), Findings())
    known = kinds.notna().to_numpy()
    batches = _batches(adata, batch, Findings())[known]
    given = _before_integration(adata, batches, known)
    return {
        key: metrics.score(
            np.asarray(adata.obsm[key])[known], kinds[known].to_numpy(), batches, **given, **how
        )
        for key in keys
    }


_KEPT: dict[str, dict[str, np.ndarray]] = {}
"""What :func:`_before_integration` made last, by what it was made from: one is scored after the other."""


def _before_integration(adata, batches: np.ndarray, known: np.ndarray) -> dict[str, np.ndarray]:
    """What some metrics compare with; nothing where there are no raw counts."""
    try:
        with open_cells(adata) as cells:
            counts = whole(cells)[known]
    except DataError:
        return {}
    parts = counts.data, counts.indices, counts.indptr, "\0".join(map(str, batches)).encode()
    key = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
    if key not in _KEPT:
        logged = log_normalize(counts)
        _KEPT.clear()
        within = within_batch_pcs(logged, pd.Series(batches))
        _KEPT[key] = {"unintegrated": pca(logged), "within_batch": within}
    return _KEPT[key]


def _batches(adata, batch: str | None, findings: Findings) -> np.ndarray:
    if batch is None:
        return np.full(adata.n_obs, "all", dtype=object)
    return words.batches(_column(adata, batch), batch, findings).to_numpy()


def _column(adata, name: str) -> pd.Series:
    if name not in adata.obs:
        raise DataError(f"there is no obs[{name!r}]. There are: {', '.join(map(str, adata.obs)) or 'none'}.")
    return adata.obs[name]
