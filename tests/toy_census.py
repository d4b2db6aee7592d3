"""A small copy of the CELLxGENE Census in its true layout: SOMA, the list of hosted embeddings, and their arrays."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from anndata import AnnData
from scipy import sparse

RELEASE, ORGANISM = "2023-12-15", "homo_sapiens"
DATASETS = ("1b9d8702-5af8-4142-85ed-020eb06ec4f6", "53d208b0-2cfd-4366-9866-c3c6114081bc")
HOSTED = {"scgpt": "CxG-contrib-1", "uce": "CxG-contrib-2", "geneformer": "CxG-czi-1", "scvi": "CxG-czi-2"}


def cells(n: int, seed: int = 0) -> AnnData:
    """Cells of three types and four donors, two in each of two datasets, with genes in the Census's columns."""
    from zslib.datasets.genes import pairs

    rng = np.random.default_rng(seed)
    kinds, known = rng.integers(3, size=n), pairs().reset_index().iloc[:120]
    rates = rng.gamma(1.0, 1.0, (3, 120))
    donors = rng.integers(4, size=n)
    obs = pd.DataFrame(
        {
            "dataset_id": np.array(DATASETS)[donors // 2],
            "assay": "10x 3' v3",
            "cell_type": np.array(["T cell", "B cell", "monocyte"])[kinds],
            "disease": "normal",
            "donor_id": np.char.add("D", donors.astype(str)),
            "is_primary_data": rng.random(n) < 0.9,
            "tissue": "upper lobe of left lung",
            "tissue_general": np.where(rng.random(n) < 0.8, "lung", "blood"),
        },
        index=[str(i) for i in range(n)],
    )
    var = pd.DataFrame(
        {"feature_id": known.iloc[:, 0].astype(str), "feature_name": known["symbol"].astype(str)}
    )
    var.index = var.index.astype(str)
    return AnnData(sparse.csr_matrix(rng.poisson(rates[kinds]).astype(np.float32)), obs=obs, var=var)


def write(folder: Path, n: int = 400, release: str = RELEASE, lacks: int = 0) -> AnnData:
    """Write a copy, of which the arrays lack the last cells; returns the cells."""
    import tiledbsoma
    import tiledbsoma.io

    made = cells(n)
    soma = str(folder / "cell-census" / release / "soma")
    Path(soma).parent.mkdir(parents=True)
    with tiledbsoma.Collection.create(soma) as census:
        with census.add_new_collection("census_info") as info:
            _table(
                info,
                "summary",
                label=["census_schema_version", "census_build_date"],
                value=["1.2.0", release],
            )
            counts = made.obs["tissue_general"].value_counts()
            _table(
                info, "summary_cell_counts", category=["tissue_general"] * len(counts), label=list(counts.index),
                total_cell_count=counts.tolist(),
            )  # fmt: skip
        census.add_new_collection("census_data").close()
    experiment = f"{soma}/census_data/{ORGANISM}"
    tiledbsoma.io.from_anndata(experiment, made, measurement_name="RNA", X_layer_name="raw")
    with tiledbsoma.Collection.open(f"{soma}/census_data", "w") as data:
        data.set(ORGANISM, tiledbsoma.Experiment.open(experiment))
    listed = {}
    for name, number in HOSTED.items():
        about = {
            "id": number, "title": f"{name}, a stand-in", "embedding_name": name, "data_type": "obs_embedding",
            "census_version": release, "experiment_name": ORGANISM, "measurement_name": "RNA",
            "n_embeddings": n - lacks, "n_features": 8, "submission_date": "2023-11-18",
        }  # fmt: skip
        listed[number] = about
        array(folder, about, vectors(name, made)[: n - lacks])
    contrib = folder / "contrib" / "cell-census"
    (contrib / "contributions.json").write_text(json.dumps(listed))
    return made


def vectors(name: str, made: AnnData) -> np.ndarray:
    """The embedding of a stand-in: the type of a cell, and noise."""
    rng = np.random.default_rng(sorted(HOSTED).index(name))
    centers = dict(zip(["T cell", "B cell", "monocyte"], rng.normal(size=(3, 8)), strict=True))
    at = np.stack([centers[kind] for kind in made.obs["cell_type"]])
    return (at + 0.3 * rng.normal(size=at.shape)).astype(np.float32)


def array(folder: Path, about: dict, rows: np.ndarray) -> None:
    """An embedding as a sparse array of soma_joinid × feature, with what it says of itself."""
    import tiledbsoma

    uri = folder / "contrib" / "cell-census" / "soma" / about["census_version"] / about["id"]
    uri.parent.mkdir(parents=True, exist_ok=True)
    with tiledbsoma.SparseNDArray.create(
        str(uri), type=pa.float32(), shape=(len(rows) + 50, rows.shape[1])
    ) as out:
        out.write(pa.SparseCOOTensor.from_scipy(sparse.coo_matrix(rows)))
        out.metadata["CxG_embedding_info"] = json.dumps(about)


def _table(collection, name: str, **columns) -> None:

    ids = {"soma_joinid": np.arange(len(next(iter(columns.values()))), dtype=np.int64)}
    table = pa.table(ids | columns)
    with collection.add_new_dataframe(name, schema=table.schema, domain=[[0, table.num_rows]]) as out:
        out.write(table)
