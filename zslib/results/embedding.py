"""Run one method on the prepared cells, and say all that another reader needs to trust the result."""

import time
from inspect import signature
from pathlib import Path

import numpy as np

from zslib import methods
from zslib.core import store
from zslib.core.device import device_name, keep_threads, peak_memory_mb, pick_device, versions
from zslib.core.errors import DataError, NotApplicable
from zslib.datasets.check import is_labeled


def compute(
    adata, method: str, *, seed: int = 0, device: str = "auto", partial: Path | None = None, **parameters
):
    """Embed cells with one method.

    Parameters
    ----------
    adata
        Prepared cells (see :func:`zslib.datasets.prepare.prepare`). Not changed.
    method
        Name of a method, or path of a ``.py`` file with a ``CARD`` and an ``embed``.
    seed
        For all that is random in the method.
    device
        ``"auto"`` takes a GPU if there is one.
    partial
        Where a method that can go on after a kill keeps what it has.
    parameters
        Passed on to the method; those left out keep the method's defaults.

    Returns
    -------
    embedding
        float32 array of shape (n_cells, n_dims), row i for cell i.
    run
        The content of ``run.json``: parameters, versions, hashes, cost, and what the method says besides.

    Raises
    ------
    NotApplicable
        If the method cannot run on this dataset by its nature.
    DataError
        If what the method returns is not an embedding of these cells.
    """
    module = methods.get(method)
    takes = signature(module.embed).parameters
    if module.CARD.sees_labels and not is_labeled(adata):
        raise NotApplicable("it is told the cell types, and none are known of these cells")
    device = str(pick_device(device))
    cells = _visible(adata, module.CARD)
    batch_key = "batch" if cells.obs["batch"].nunique() > 1 else None
    keep_threads()
    resumable = {"partial": partial} if "partial" in takes else {}
    started = time.perf_counter()
    found = module.embed(cells, batch_key=batch_key, seed=seed, device=device, **resumable, **parameters)
    seconds = time.perf_counter() - started
    embedding, said = found if isinstance(found, tuple) else (found, {})
    embedding = check(embedding, adata.n_obs, module.CARD.name)
    run = {
        "status": "ok",
        "method": module.CARD.name,
        "title": module.CARD.title,
        "parameters": parameters,
        "seed": seed,
        "n_cells": adata.n_obs,
        "n_genes": adata.n_vars,
        "n_dims": embedding.shape[1],
        "data_sha256": adata.uns["prepare"]["hash"],
        "weights_sha256": module.CARD.weights_sha256,
        "method_sha256": store.sha256(methods.source(method)),
        "device": device_name(device),
        "seconds": seconds,
        "cells_per_second": adata.n_obs / seconds,
        "peak_memory_mb": peak_memory_mb(),
        "versions": versions(),
    }
    wanted = parameters.get("n_genes", takes["n_genes"].default if "n_genes" in takes else 0) or 0
    if adata.n_vars < wanted:
        said |= {"genes": {"variable_genes": f"all {adata.n_vars:,}: {wanted:,} were asked for"}}
    return embedding, {**run, **said, **run}  # nothing that is said takes the place of what was seen


def check(embedding, n_cells: int, method: str) -> np.ndarray:
    """Return the embedding as float32, or say why it is none.

    Raises
    ------
    DataError
        If it is not a 2-D array of finite numbers with one row a cell.
    """
    array = np.asarray(embedding)
    if array.ndim != 2 or len(array) != n_cells or array.shape[1] == 0:
        raise DataError(
            f"{method} returned shape {array.shape}; it must be ({n_cells}, n_dims), a row a cell"
        )
    array = array.astype(np.float32, copy=False)
    bad = ~np.isfinite(array).all(axis=1)
    if bad.any():
        raise DataError(
            f"{method} returned NaN or infinity for {bad.sum()} of {n_cells} cells, first in row {bad.argmax()}"
        )
    return array


def _visible(adata, card: methods.MethodCard):
    """What a method may see: genes, counts, batch; in memory, unless it reads them some rows at a time."""
    import anndata as ad

    def own(matrix):
        if card.streams:
            return matrix
        return matrix.copy() if hasattr(matrix, "copy") else matrix.to_memory()

    return ad.AnnData(
        X=own(adata.X),
        obs=(adata.obs if card.sees_labels else adata.obs[["batch"]]).copy(),
        var=adata.var.copy(),
        layers={"counts": own(adata.layers["counts"])},
    )
