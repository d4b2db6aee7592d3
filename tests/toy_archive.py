"""A small stand-in for the archive of embeddings at Zenodo: the answer of its API, and its files, as its makers write them."""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd

RECORD = "23187931"
MODELS = ("scgpt", "geneformer", "pca", "harmony", "scvi")


def npz(dataset: str, names, rows: np.ndarray) -> bytes:
    """An embedding with the ids of cells, which are the dataset, the row and the name."""
    buffer = io.BytesIO()
    ids = np.array([f"{dataset}:{i}:{name}" for i, name in enumerate(names)])
    np.savez_compressed(buffer, values=rows.astype(np.float32), cell_ids=ids)
    return buffer.getvalue()


def counts(dataset: str, cells: ad.AnnData, path: Path) -> bytes:
    """The counts that were embedded, with the same ids."""
    there = ad.AnnData(cells.layers["counts"], var=pd.DataFrame(index=list(cells.var_names)))
    there.obs_names = [f"{dataset}:{i}:{name}" for i, name in enumerate(cells.obs_names)]
    there.write_h5ad(path)
    return path.read_bytes()


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def study(cells: dict[str, ad.AnnData], folder: Path) -> dict[str, bytes]:
    """The files of the study, by dataset: ``datasets/``, ``runs/``."""
    found = {}
    for dataset, made in cells.items():
        found[f"datasets/{dataset}/counts.h5ad"] = counts(dataset, made, folder / "counts.h5ad")
        for number, model in enumerate(MODELS):
            found[f"runs/{dataset}/{model}/embedding.npz"] = npz(dataset, made.obs_names, rows(made, number))
            found[f"runs/{dataset}/{model}/provenance.json"] = b"{}"
    return found


def rows(made: ad.AnnData, number: int) -> np.ndarray:
    """An embedding that knows the labels, with noise."""
    rng = np.random.default_rng(number)
    codes = pd.factorize(made.obs["label"])[0]
    return 2 * rng.normal(size=(codes.max() + 1, 6))[codes] + rng.normal(size=(made.n_obs, 6))


def serve(folder: Path, address: str, files: dict[str, bytes], said: dict) -> None:
    """Put a record into a served folder."""
    api = folder / "api" / "records"
    (api / "files").mkdir(parents=True, exist_ok=True)
    listed = []
    for name, data in files.items():
        (api / "files" / name).write_bytes(data)
        listed.append(
            {
                "key": name,
                "size": len(data),
                "checksum": f"md5:{hashlib.md5(data).hexdigest()}",
                "links": {"self": f"{address}/api/records/files/{name}"},
            }
        )
    about = {"title": "A stand-in", "license": {"id": "cc-by-4.0"}}
    (api / RECORD).write_text(json.dumps({"id": int(RECORD), "metadata": about, "files": listed} | said))
