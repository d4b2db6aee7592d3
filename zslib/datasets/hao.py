"""Hao 2021: a subset of the blood cells of eight donors, every gene of the distributed file."""

from zslib.datasets.card import DatasetCard
from zslib.datasets.pbmc_studies import CARD as STUDIES
from zslib.datasets.pbmc_studies import read_hao

CARD = DatasetCard(
    name="hao",
    title="PBMC of a vaccine trial, a subset (Hao 2021)",
    summary=(
        "Peripheral blood mononuclear cells of donors of a vaccine trial, at most 150 cells of each type. In "
        "pbmc-studies it is one of three studies; here it has all the genes of its file."
    ),
    organism="Homo sapiens",
    tissue="peripheral blood",
    protocol="10x Genomics Chromium, 3' counting, with antibody tags",
    source="GEO GSE164378, a subset",
    citation=STUDIES.citation[2:],
    doi=STUDIES.doi[2:],
    license=(
        "not stated by the distributor for the data; the wheel as a whole says BSD-3-Clause or commercial"
    ),
    label="cell_type",
    label_meaning="cell type by the distributor, from the authors' annotation by RNA and antibody tags",
    batch="lane",
    batch_meaning="lane of the sequencing run, of two experiments; donors are spread over lanes",
    overlaps=("pbmc-studies",),
    caveats=(
        "At most 150 cells of each type are there, so the composition is not that of blood.",
        "The distributed file has but a part of the genes: markers such as LYZ, CD14, CD3D, MS4A1 and NKG7 "
        "are not in it.",
    ),
    files=STUDIES.files[1:],
    expected_cells=1_336,
    expected_genes=11_180,
)


def read(files):
    """Return the cells; obs ``cell_type`` and ``lane``."""
    import pandas as pd
    from anndata import AnnData

    counts, kinds, genes = read_hao(files)
    lane = kinds.index.str.split("_").str[0]  # L1_AAACCCAAGACATACA
    obs = pd.DataFrame({"cell_type": kinds.astype(str), "lane": lane}, index=kinds.index)
    return AnnData(layers={"counts": counts}, obs=obs, var=pd.DataFrame(index=genes))
