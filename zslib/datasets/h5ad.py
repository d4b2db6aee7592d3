"""Datasets on disk, and the hash that says whether two are the same."""

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import unquote

import anndata as ad
import h5py
import numpy as np
from anndata.io import read_elem, sparse_dataset

from zslib.core import store
from zslib.core.errors import DataError
from zslib.datasets.parts import fits, lengths, parts, put, stretches


def content_hash(adata: ad.AnnData) -> str:
    """Return the sha256 of counts, gene names, cell names, labels and batches.

    Two datasets with the same hash hold the same cells and genes in the same order. Results derived
    from them (X, embeddings) do not enter, nor does the way the file was written.
    """
    digest = hashlib.sha256()

    def add(name: str, length: int, data: Iterable) -> None:
        digest.update(f"{name} {length}\n".encode())  # lengths keep the parts apart
        for some in data:
            digest.update(some)

    counts, entries = adata.layers["counts"], int(lengths(adata.layers["counts"]).sum())
    arrays = {"data": ("<f4", entries), "indices": ("<i8", entries), "indptr": ("<i8", adata.n_obs + 1)}
    for name, (kind, n) in arrays.items():
        add(name, n * np.dtype(kind).itemsize, (some.astype(kind) for some in stretches(counts, name)))
    names = {"genes": adata.var_names, "cells": adata.obs_names}
    for name, values in (names | {"labels": adata.obs["label"], "batches": adata.obs["batch"]}).items():
        text = "\0".join(map(str, values)).encode()
        add(name, len(text), [text])
    return digest.hexdigest()


def write(adata: ad.AnnData, path: str | os.PathLike) -> Path:
    """Write a dataset as h5ad; a killed run leaves the old file or none, never half of one.

    Names of types are keys of ``uns``, and HDF5 takes a ``/`` in a key for a folder, so there it
    is written as ``%2F``; :func:`read` turns it back.
    """
    uns = _rename(dict(adata.uns), lambda key: key.replace("%", "%25").replace("/", "%2F"))
    how = {"compression": "gzip", "compression_opts": 1}
    with store.atomic(path) as temporary:
        ad.AnnData(obs=adata.obs, var=adata.var, obsm=dict(adata.obsm), uns=uns).write_h5ad(temporary, **how)
        with h5py.File(temporary, "r+") as file:
            file.pop("X", None)
            put(file, "X", parts(adata.X), shuffle=True, **how)
            put(file["layers"], "counts", parts(adata.layers["counts"]), shuffle=True, **how)
    return Path(path)


def read(path: str | os.PathLike) -> ad.AnnData:
    """Read a dataset that :func:`write` wrote; ``uns`` has plain numbers and text again.

    X and counts of more than :data:`zslib.datasets.parts.IN_MEMORY` entries stay in the file, see
    :mod:`zslib.datasets.parts`.

    Raises
    ------
    DataError
        If there is no such file or it is not a whole h5ad file.
    """
    try:
        file = h5py.File(path, "r")
        matrix = read_elem if fits(file["X/data"].size) else sparse_dataset
        tables = {name: read_elem(file[name]) for name in ("obs", "var", "obsm", "uns")}
        adata = ad.AnnData(matrix(file["X"]), layers={"counts": matrix(file["layers/counts"])}, **tables)
    except FileNotFoundError as error:
        raise DataError(f"There is no dataset at {path}. Prepare it first.") from error
    except (OSError, KeyError) as error:
        raise DataError(f"{path} is not a readable h5ad file ({error}). Prepare it again.") from error
    adata.uns = _rename(dict(adata.uns), unquote)
    return adata


def _rename(value, change: Callable[[str], str]):
    """Change the keys of nested dicts, and unwrap numpy scalars."""
    if isinstance(value, dict):
        return {change(key): _rename(inner, change) for key, inner in value.items()}
    return value.item() if isinstance(value, np.generic) else value
