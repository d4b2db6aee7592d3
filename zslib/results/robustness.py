"""The cells drawn or altered anew, embedded again and scored: what moves a score though the biology stays.

One mechanism for two questions. Halves of the cells, drawn several times, show how far a score moves when other cells
are drawn and embedded anew, see :mod:`zslib.results.redrawn`. Fewer molecules, fewer genes, another mix of types and a batch
less show whether a method that scores well also does so on data that are not as good.
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from functools import partial

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.stats import t

from zslib import methods, metrics
from zslib.core.errors import DataError, NotApplicable
from zslib.datasets import own, prepare
from zslib.datasets.sample import strata_of, stratified
from zslib.datasets.standardize import standardize
from zslib.methods.split_half_a import thinned
from zslib.results import embedding
from zslib.results.redrawn import COLUMNS, HALF

METRICS = (
    "avg_bio",
    "asw_label",
    "nmi_louvain",
    "ari_louvain",
    "avg_batch",
    "asw_batch",
    "pcr_comparison",
    "graph_connectivity",
)
"""What is scored again: the headline scores and their parts."""
DRAWS = 12
"""Halves of the cells; their spread is known to a fifth."""
PANEL = 1000
"""Genes of a panel."""
DOMINANT = 4
"""How many cells of the type made dominant stand beside one of all others."""
AS_THEY_ARE = "as they are"


def _half(cells, seed: int):
    names = cells.obs_names.to_numpy(str)
    return cells[stratified(strata_of(cells.obs), names, cells.n_obs // 2, seed, floor=1)].copy()


def _molecules(share: float, cells, seed: int):
    cells = cells.copy()
    cells.layers["counts"] = thinned(cells.layers["counts"], share, seed)
    return cells


def _panel(cells, seed: int):
    if cells.n_vars <= PANEL:
        raise NotApplicable(f"there are {cells.n_vars} genes, no more than a panel has")
    genes = np.random.default_rng(seed).choice(cells.n_vars, PANEL, replace=False)
    return cells[:, np.sort(genes)].copy()


def _dominant(cells, seed: int):
    label = cells.obs["label"].astype(str).to_numpy(str)
    most = cells.obs["label"].value_counts().idxmax()
    others = np.flatnonzero(label != most)
    n = (len(label) - len(others)) // DOMINANT
    floor = min(10, n // max(1, len(np.unique(label[others]))))
    kept = stratified(label[others], cells.obs_names.to_numpy(str)[others], n, seed, floor)
    return cells[np.sort(np.r_[others[kept], np.flatnonzero(label == most)])].copy()


def _without_batch(cells, seed: int):
    sizes = cells.obs["batch"].value_counts()
    if len(sizes) < 2:
        raise NotApplicable("there is one batch")
    return cells[(cells.obs["batch"] != sizes.idxmax()).to_numpy()].copy()


ALTERATIONS: dict[str, Callable] = {
    AS_THEY_ARE: lambda cells, seed: cells,
    HALF: _half,
    "half of the molecules": partial(_molecules, 0.5),
    "a quarter of the molecules": partial(_molecules, 0.25),
    f"a panel of {PANEL:,} genes": _panel,
    "one type dominant": _dominant,
    "the largest batch left out": _without_batch,
}
"""What is done to the cells, by what it is called; types, batches and genes stay what they were."""


def altered(adata, name: str, seed: int = 0):
    """Prepared cells, altered and prepared again.

    Parameters
    ----------
    adata
        Prepared cells.
    name
        One of :data:`ALTERATIONS`.
    seed
        Of what is drawn.

    Raises
    ------
    NotApplicable
        If these cells cannot be altered so, such as cells of one batch of which none can be left out.
    """
    if name == AS_THEY_ARE:
        return adata
    made = ALTERATIONS[name](adata, seed)
    made.layers["counts"].eliminate_zeros()
    made = made[made.layers["counts"].getnnz(axis=1) > 0].copy()
    # A type that half of the cells hold few of is a type still.
    return prepare.prepare(made, n_cells=None, min_genes=1, min_cells_of_type=2)


def compute(
    adata,
    asked: Mapping[str, dict],
    *,
    only: Collection[str] = tuple(ALTERATIONS),
    draws: int = DRAWS,
    seed: int = 0,
    device: str = "auto",
) -> pd.DataFrame:
    """Score methods on the cells as they are, on halves of them, and on cells altered in other ways.

    Parameters
    ----------
    adata
        Prepared cells with labels; of cells that do not fit into memory the first :data:`~zslib.datasets.prepare.FITTED`
        stand for all, as they come in random order.
    asked
        Methods, names or paths, each with its parameters.
    only
        Of :data:`ALTERATIONS`.
    draws
        How many halves of the cells; everything else is done once.
    seed
        Of methods, clusterings and draws.
    device
        Where to compute.

    Returns
    -------
    One number a row: alteration, draw, method, space, metric, value. What does not apply is left out.
    """
    if not sparse.issparse(adata.X):
        adata = adata[: prepare.FITTED].copy()
    rows = []
    for name in only:
        for draw in range(draws if name == HALF else 1):
            try:
                cells = altered(adata, name, seed + draw)
            except (NotApplicable, DataError):
                continue  # too little is left of some data to ask
            for method, parameters in asked.items():
                with suppress(Exception):  # what fails says so on its own page
                    array, _ = embedding.compute(cells, method, seed=seed, device=device, **parameters)
                    found = headline(array, cells, device).itertuples(index=False)
                    rows += [(name, draw, methods.card(method).name, *row) for row in found]
    return pd.DataFrame(rows, columns=COLUMNS)


def headline(array: np.ndarray, cells, device: str, **how) -> pd.DataFrame:
    """Space, metric and value of the :data:`METRICS` of an embedding of some cells, without intervals."""
    found = metrics.score(
        array,
        cells.obs["label"].to_numpy(),
        cells.obs["batch"].to_numpy(),
        only=METRICS,
        unintegrated=cells.obsm["X_unintegrated"],
        n_boot=0,
        device=device,
        **how,
    )
    return found.table[["space", "metric", "value"]]


def robustness(
    adata,
    names=("hvg", "hvg-pca", "harmony"),
    *,
    label: str,
    batch: str | None = None,
    n_cells: int | None = 2000,
    draws: int = DRAWS,
    seed: int = 0,
    device: str = "auto",
) -> pd.DataFrame:
    """How scores of methods change when the cells are drawn or measured otherwise and the biology stays.

    Parameters
    ----------
    adata
        Cells of shape (n_cells, n_genes) with raw counts in ``layers["counts"]``, X or ``.raw``.
    names
        Methods that can be run again and again: names, see ``zslib methods``, or paths of Python files.
    label, batch
        Columns of ``obs``.
    n_cells
        Cells to draw, stratified by label and batch; None for all.
    draws
        Halves of the cells.
    seed
        Of all that is random.
    device
        Where to compute.

    Returns
    -------
    DataFrame
        A row an alteration, method, space and metric: value, the mean over draws; change from the cells as they are;
        luck, how far the score moves in 95 % of draws of as many cells, embedded anew (see
        :mod:`zslib.results.redrawn`). A change within the luck is none.

    Raises
    ------
    DataError
        If there are no raw counts, or no such column.

    Examples
    --------
    >>> import zslib
    >>> from zslib.datasets import load
    >>> adata = load("pbmc3k")[:400].copy()
    >>> table = zslib.robustness(adata, ["hvg-pca"], label="label", draws=3)
    >>> sorted(table["alteration"].unique())[:2]
    ['a panel of 1,000 genes', 'a quarter of the molecules']
    """
    cells = prepare.prepare(
        standardize(adata, own.card({"name": "cells", "label": label, "batch": batch})), n_cells=n_cells
    )
    return changes(compute(cells, {name: {} for name in names}, draws=draws, seed=seed, device=device))


def changes(found: pd.DataFrame) -> pd.DataFrame:
    """What :func:`compute` found, beside the cells as they are; for the columns see :func:`robustness`."""
    keys = ["method", "space", "metric"]
    table = found.groupby(["alteration", *keys], sort=False)["value"].mean().reset_index()
    places = pd.MultiIndex.from_frame(table[keys])
    before = table[table["alteration"] == AS_THEY_ARE].set_index(keys)["value"].reindex(places)
    halves = found[found["alteration"] == HALF].groupby(keys)["value"].agg(["std", "count"]).reindex(places)
    return table.assign(
        change=table["value"] - before.to_numpy(),
        luck=(halves["std"] * t.ppf(0.975, halves["count"] - 1)).to_numpy(),
    )
