"""Run one method on the prepared cells and write down all that another reader needs to trust the result."""

import platform
import resource
import sys
import time
from importlib import metadata
from inspect import signature
from pathlib import Path

import numpy as np

import zslib
from zslib import methods, store
from zslib.device import keep_threads, pick_device
from zslib.errors import DataError

REPORTED_PACKAGES = (
    "anndata", "harmonypy", "numba", "numpy", "pandas", "scanpy", "scikit-learn", "scipy", "scvi-tools", "torch",
)  # fmt: skip


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
        Where a method that can go on after a kill keeps what it has; removed when it is done.
    parameters
        Passed on to the method; those left out keep the method's defaults.

    Returns
    -------
    embedding
        float32 array of shape (n_cells, n_dims), row i for cell i.
    run
        The content of ``run.json``: parameters, versions, hashes, cost.

    Raises
    ------
    NotApplicable
        If the method cannot run on this dataset by its nature.
    DataError
        If what the method returns is not an embedding of these cells.
    """
    module = methods.get(method)
    device = str(pick_device(device))
    cells = _without_labels(adata) if not module.CARD.sees_labels else adata.copy()
    batch_key = "batch" if cells.obs["batch"].nunique() > 1 else None
    keep_threads()
    resumable = {"partial": partial} if "partial" in signature(module.embed).parameters else {}
    started = time.perf_counter()
    embedding = module.embed(cells, batch_key=batch_key, seed=seed, device=device, **resumable, **parameters)
    seconds = time.perf_counter() - started
    embedding = check(embedding, adata.n_obs, module.CARD.name)
    run = {
        "status": "ok",
        "method": module.CARD.name,
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
    if partial is not None:
        partial.unlink(missing_ok=True)
    return embedding, run | {said: cells.uns[said] for said in ("training", "frozen") if said in cells.uns}


def save(cell: store.Cell, embedding: np.ndarray, run: dict) -> None:
    """Write ``embedding.npy`` and then ``run.json``, which vouches for it by hash."""
    path = cell.folder / "embedding.npy"
    store.write_array(path, embedding)
    store.write_json(cell.folder / "run.json", run | {"embedding": {"sha256": store.sha256(path)}})


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
    array = array.astype(np.float32)
    bad = ~np.isfinite(array).all(axis=1)
    if bad.any():
        raise DataError(
            f"{method} returned NaN or infinity for {bad.sum()} of {n_cells} cells, first in row {bad.argmax()}"
        )
    return array


def device_name(device: str) -> str:
    """What the device is called: the GPU's name, or the processor's architecture."""
    if not device.startswith("cuda"):
        return f"cpu ({platform.machine()})"
    import torch

    return torch.cuda.get_device_name(device)


def peak_memory_mb() -> int:
    """Peak resident memory of this process so far, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1e6 if sys.platform == "darwin" else 1e3))  # bytes there, kilobytes elsewhere


def versions() -> dict[str, str]:
    """Versions of Python, zslib and the packages that shape results; absent packages are left out."""
    found = {"python": platform.python_version(), "zslib": zslib.__version__}
    for package in REPORTED_PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def _without_labels(adata):
    """A copy that holds only what a method may see: genes, counts, batch."""
    import anndata as ad

    return ad.AnnData(
        X=adata.X.copy(),
        obs=adata.obs[["batch"]].copy(),
        var=adata.var.copy(),
        layers={"counts": adata.layers["counts"].copy()},
    )
