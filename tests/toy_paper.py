"""Small files in the layout that the owners of the paper's datasets have them in."""

import io
import pickle
import tarfile
import tempfile
import zipfile
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
from scipy import io as matrices
from scipy import sparse

from zslib.datasets import pbmc_95k


def h5ad(layer, counts, symbols, **obs):
    """The bytes of an h5ad file with log-normalized X, and counts in a layer."""
    names = [f"c{i}" for i in range(counts.shape[0])]
    adata = ad.AnnData(counts.log1p(), pd.DataFrame(obs, index=names), pd.DataFrame(index=symbols))
    adata.layers[layer] = counts
    with tempfile.TemporaryDirectory() as folder:
        adata.write_h5ad(path := Path(folder, "x.h5ad"))
        return path.read_bytes()


def zipped(**files):
    """The bytes of a zip archive, each file by its name without the ending .h5ad."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(f"{name}.h5ad", data)
    return buffer.getvalue()


def cell_ranger(folder, counts, barcodes, genes, symbols):
    """An archive of Cell Ranger 1 and 2: genes by cells, three files in a folder of the genome."""
    buffer, matrix = io.BytesIO(), io.BytesIO()
    matrices.mmwrite(matrix, counts.T.astype(int))
    table = "".join(f"{g}\t{s}\n" for g, s in zip(genes, symbols, strict=True))
    files = {"barcodes.tsv": "\n".join(barcodes) + "\n", "genes.tsv": table}
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        files = {name: text.encode() for name, text in files.items()} | {"matrix.mtx": matrix.getvalue()}
        for name, data in files.items():
            info = tarfile.TarInfo(f"{folder}/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def scvi_labels(barcodes, kinds, names, protocol=4):
    """The pickle of labels of scvi-tools: the kind of each barcode, as its place among names."""
    table = pd.DataFrame({"x": 0.0}, index=barcodes)
    content = {"barcodes": table, "clusters": np.asarray(kinds), "list_clusters": names, "design": table}
    return pickle.dumps(content, protocol=protocol)


def stand_ins(n: int = 240, n_genes: int = 300) -> dict[str, dict[str, bytes]]:
    """Files of all five datasets, by dataset and name: three types in two batches, and ten sorted populations."""
    known = pd.read_csv(Path(pbmc_95k.__file__).with_name("genes.csv.gz")).head(n_genes)
    symbols, genes = known["symbol"].tolist(), [f"ENSG{number:011d}" for number in known["number"]]
    kinds, batches = np.arange(n) % 3, np.arange(n) // 3 % 2
    counts, words = _counts(kinds, batches, n_genes), np.array(["alpha", "beta", "delta"])[kinds]
    barcodes = [f"CELL{i}-1" for i in range(n)]
    half = n // 2
    atlas = {"Manually_curated_celltype": words, "Donor": np.array(["one", "two"])[batches]}
    organs = {"cell_ontology_class": words, "donor": np.array(["one", "two"])[batches]}
    archive = "{}_filtered_gene_bc_matrices.tar.gz"
    libraries = {"pbmc8k": slice(0, half), "pbmc4k": slice(half, n)}
    return {
        "pancreas-16k": {
            "human_pancreas_norm_complexBatch.h5ad": h5ad(
                "counts", counts, symbols, celltype=words, tech=np.array(["celseq", "inDrop1"])[batches]
            )
        },
        "pbmc-12k": {
            archive.format(name): cell_ranger("filtered_gene_bc_matrices/GRCh38", counts[part], barcodes[part], genes, symbols)
            for name, part in libraries.items()
        }
        | {
            "gene_info.csv": ("ENSG\n" + "\n".join(genes) + "\n").encode(),
            "pbmc_metadata.pickle": scvi_labels(barcodes, kinds, ["B cells", "CD4 T cells", "NK cells"]),
        },
        "pbmc-95k": {
            archive.format(name): cell_ranger(
                "filtered_matrices_mex/hg19", _counts(np.full(n // 10, i), np.zeros(n // 10, int), n_genes), barcodes[: n // 10], genes, symbols
            )
            for i, name in enumerate(pbmc_95k.SORTS)
        },
        "immune-330k": {"CountAdded_PIP_global_object_for_cellxgene.h5ad": h5ad("counts", counts, symbols, **atlas)},
        "tabula-sapiens": {
            "TabulaSapiens.h5ad.zip": zipped(TabulaSapiens=h5ad("raw_counts", counts, symbols, **organs))
        },
    }  # fmt: skip


def _counts(kinds, batches, n_genes):
    """Counts in which each type has twenty genes of its own, and each batch five."""
    rng, mean = np.random.default_rng(0), np.full((len(kinds), n_genes), 0.6)
    for i, (kind, batch) in enumerate(zip(kinds, batches, strict=True)):
        mean[i, 20 * kind : 20 * kind + 20] = 4.0
        mean[i, n_genes - 5 * batch - 5 : n_genes - 5 * batch] = 3.0
    return sparse.csr_matrix(rng.poisson(mean).astype(np.float32))
