"""Datasets on disk, and the hash that says whether two are the same."""

import hashlib
import os
from pathlib import Path

import anndata as ad
import numpy as np

from zslib.core import store
from zslib.core.errors import DataError


def content_hash(adata: ad.AnnData) -> str:
    """Return the sha256 of counts, gene names, cell names, labels and batches.

    Two datasets with the same hash hold the same cells and genes in the same order. Results derived
    from them (X, embeddings) do not enter, nor does the way the file was written.
    """
    digest = hashlib.sha256()

    def add(name: str, data: bytes) -> None:
        digest.update(f"{name} {len(data)}\n".encode())  # lengths keep the parts apart
        digest.update(data)

    counts = adata.layers["counts"]
    add("data", np.ascontiguousarray(counts.data, dtype="<f4").tobytes())
    add("indices", np.ascontiguousarray(counts.indices, dtype="<i8").tobytes())
    add("indptr", np.ascontiguousarray(counts.indptr, dtype="<i8").tobytes())
    for name, values in (
        ("genes", adata.var_names),
        ("cells", adata.obs_names),
        ("labels", adata.obs["label"]),
        ("batches", adata.obs["batch"]),
    ):
        add(name, "\0".join(map(str, values)).encode())
    return digest.hexdigest()


def write(adata: ad.AnnData, path: str | os.PathLike) -> Path:
    """Write a dataset as h5ad; a killed run leaves the old file or none, never half of one.

    Names of types are keys of ``uns``, and HDF5 takes a ``/`` in a key for a folder, so there it
    is written as ``%2F``; :func:`read` turns it back.
    """
    stored = adata.copy()
    stored.uns = _rename(dict(adata.uns), "%", "%25", "/", "%2F")
    with store.atomic(path) as temporary:
        stored.write_h5ad(temporary, compression="gzip", compression_opts=1)
    return Path(path)


def read(path: str | os.PathLike) -> ad.AnnData:
    """Read a dataset that :func:`write` wrote; ``uns`` has plain numbers and text again.

    Raises
    ------
    DataError
        If there is no such file or it is not a whole h5ad file.
    """
    try:
        adata = ad.read_h5ad(path)
    except FileNotFoundError as error:
        raise DataError(f"There is no dataset at {path}. Prepare it first.") from error
    except OSError as error:
        raise DataError(f"{path} is not a readable h5ad file ({error}). Prepare it again.") from error
    adata.uns = _rename(dict(adata.uns), "%2F", "/", "%25", "%")
    return adata


def _rename(value, *pairs: str):
    """Replace text in the keys of nested dicts, pair by pair, and unwrap numpy scalars."""
    if isinstance(value, dict):
        renamed = {}
        for key, inner in value.items():
            for old, new in zip(pairs[::2], pairs[1::2], strict=True):
                key = key.replace(old, new)
            renamed[key] = _rename(inner, *pairs)
        return renamed
    return value.item() if isinstance(value, np.generic) else value
