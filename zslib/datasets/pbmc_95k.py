"""PBMC, 95k: ten sorted populations of blood, most likely those of Kedzierska et al. 2025."""

from zslib.datasets.card import DatasetCard, Url

SORTS = {
    "b_cells": "CD19+ B",
    "cd14_monocytes": "CD14+ monocyte",
    "cd34": "CD34+",
    "cd4_t_helper": "CD4+ helper T",
    "cd56_nk": "CD56+ NK",
    "cytotoxic_t": "CD8+ cytotoxic T",
    "memory_t": "CD4+/CD45RO+ memory T",
    "naive_cytotoxic": "CD8+/CD45RA+ naive cytotoxic T",
    "naive_t": "CD4+/CD45RA+/CD25- naive T",
    "regulatory_t": "CD4+/CD25+ regulatory T",
}

CARD = DatasetCard(
    name="pbmc-95k",
    title="Ten sorted populations of blood (Zheng 2017)",
    summary="Blood cells sorted by beads into ten populations, each a library of its own.",
    organism="Homo sapiens",
    tissue="peripheral blood",
    protocol="10x Genomics Chromium, 3' counting",
    source="10x Genomics, single-cell gene expression datasets 1.1.0",
    citation=(
        "Zheng GXY et al. Massively parallel digital transcriptional profiling of single cells. Nat Commun 2017;8:14049.",
    ),
    doi=("10.1038/ncomms14049",),
    license="CC BY 4.0, as 10x Genomics states for its datasets",
    label="sort",
    label_meaning="the surface markers by which the cells were sorted before they were sequenced",
    labels_from="design",
    batch=None,
    batch_meaning="none that is not the type: each population is a library",
    caveats=(
        "The paper names no file: these ten populations hold as many cells as it says. Its types and batches are not known, "
        "and a batch score cannot come from these.",
        "Sorting by beads is not pure: memory and helper T cells overlap, and CD34+ holds other cells.",
    ),
    files=tuple(
        Url(
            url=f"https://cf.10xgenomics.com/samples/cell-exp/1.1.0/{name}/{name}_filtered_gene_bc_matrices.tar.gz",
            sha256=None,
            bytes=20_000_000,
        )
        for name in SORTS
    ),
)


def read(files):
    """Return the ten populations; obs ``sort``, genes by Ensembl id."""
    import anndata as ad

    parts = {
        kind: read_10x(files, f"{name}_filtered_gene_bc_matrices.tar.gz") for name, kind in SORTS.items()
    }
    return ad.concat(parts, label="sort", index_unique=":", merge="same")


def read_10x(files, name: str):
    """Read an archive of Cell Ranger: counts in X, genes by Ensembl id, ``var["gene_symbols"]``."""
    import scanpy as sc

    return sc.read_10x_mtx(files.unpacked(name, "matrix.mtx*").parent, var_names="gene_ids")
