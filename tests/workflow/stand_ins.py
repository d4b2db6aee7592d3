"""Small stand-ins for all that the profile hosted fetches, each in its true layout."""

import hashlib
import io
import json
import pickle
import tarfile
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import toy_archive
import toy_census
from scipy import io as matrices
from scipy import sparse

from zslib import datasets
from zslib.datasets import cache
from zslib.datasets.genes import pairs

N, GENES = 240, 300
KINDS, BATCHES = ["alpha", "beta", "gamma"], ["one", "two"]


def put(cached: Path, served: Path, address: str) -> None:
    """Fill the cache with the cells of two datasets, and a served folder with the archive of their embeddings."""
    trusted = {}
    for number, (name, write) in enumerate({"pbmc-12k": _pbmc, "pancreas-16k": _pancreas}.items()):
        files = write(_cells(number), cached)
        for source in datasets.card(name).files:
            path = cache.path_of(source)
            path.write_bytes(files[source.name])
            trusted[source.url] = {"sha256": hashlib.sha256(files[source.name]).hexdigest()}
    (cached / cache.TRUSTED).write_text(json.dumps(trusted))
    archived = {
        called: datasets.load(name)
        for called, name in {"pbmc": "pbmc-12k", "pancreas": "pancreas-16k"}.items()
    }
    files = toy_archive.study(archived, cached)
    toy_archive.serve(
        served, address, {"study.zip": toy_archive.zipped({"study/inner.zip": toy_archive.zipped(files)})}, {}
    )


def census(folder: Path) -> None:
    """Write a copy of the Census."""
    toy_census.write(folder, 600)


def _cells(seed: int) -> ad.AnnData:
    """Cells of three types in two batches, by human genes."""
    rng = np.random.default_rng(seed)
    kinds, batches, known = np.arange(N) % 3, np.arange(N) // 3 % 2, pairs().reset_index().iloc[:GENES]
    rates = rng.gamma(0.7, 1.5, (3, GENES))[kinds] * rng.gamma(8, 1 / 8, (2, GENES))[batches]
    obs = {"kind": np.array(KINDS)[kinds], "batch": np.array(BATCHES)[batches]}
    var = pd.DataFrame({"symbol": known["symbol"].to_numpy(str)}, index=known.iloc[:, 0].to_numpy(str))
    names = [f"{'ACGT'[i % 4]}{seed}{i:014d}-1" for i in range(N)]
    return ad.AnnData(
        sparse.csr_matrix(rng.poisson(rates).astype(np.float32)), pd.DataFrame(obs, index=names), var
    )


def _pancreas(cells: ad.AnnData, folder: Path) -> dict[str, bytes]:
    made = ad.AnnData(
        cells.X.log1p(),
        obs=pd.DataFrame({"celltype": cells.obs["kind"], "tech": cells.obs["batch"]}),
        var=pd.DataFrame(index=cells.var["symbol"].to_numpy(str)),
        layers={"counts": cells.X},
    )
    made.write_h5ad(path := folder / "pancreas.h5ad")
    return {"human_pancreas_norm_complexBatch.h5ad": path.read_bytes()}


def _pbmc(cells: ad.AnnData, folder: Path) -> dict[str, bytes]:
    files = {}
    for name, batch in zip(("pbmc8k", "pbmc4k"), BATCHES, strict=True):
        some, buffer, matrix = cells[cells.obs["batch"] == batch], io.BytesIO(), io.BytesIO()
        matrices.mmwrite(matrix, some.X.T.astype(int))
        genes = "".join(f"{gene}\t{symbol}\n" for gene, symbol in some.var["symbol"].items())
        members = {"barcodes.tsv": "\n".join(some.obs_names).encode() + b"\n", "genes.tsv": genes.encode()}
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            for member, data in (members | {"matrix.mtx": matrix.getvalue()}).items():
                about = tarfile.TarInfo(f"filtered_gene_bc_matrices/GRCh38/{member}")
                about.size = len(data)
                archive.addfile(about, io.BytesIO(data))
        files[f"{name}_filtered_gene_bc_matrices.tar.gz"] = buffer.getvalue()
    files["gene_info.csv"] = ("ENSG,x\n" + "".join(f"{gene},1\n" for gene in cells.var_names)).encode()
    table = pd.DataFrame({"x": 0.0}, index=cells.obs_names)
    codes = pd.Categorical(cells.obs["kind"], categories=KINDS).codes.astype(int)
    files["pbmc_metadata.pickle"] = pickle.dumps(
        {"barcodes": table, "clusters": codes, "list_clusters": KINDS}
    )
    return files
