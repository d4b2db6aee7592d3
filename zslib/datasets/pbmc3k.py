"""PBMC 3k: blood cells of one healthy donor, every gene that was counted."""

from zslib.datasets.card import DatasetCard
from zslib.datasets.pbmc_studies import CARD as STUDIES
from zslib.datasets.pbmc_studies import read_pbmc3k

CARD = DatasetCard(
    name="pbmc3k",
    title="PBMC of one donor (10x 3k)",
    summary=(
        "Peripheral blood mononuclear cells of one healthy donor, the first dataset of many a tutorial. In "
        "pbmc-studies it is one of two studies and holds their common genes only; here it is whole."
    ),
    organism="Homo sapiens",
    tissue="peripheral blood",
    protocol="10x Genomics Chromium, 3' counting",
    source="10x Genomics pbmc3k",
    citation=STUDIES.citation[:1],
    doi=STUDIES.doi[:1],
    license="not stated by the distributor for the data; the wheel as a whole says GPL-3.0",
    label="celltype",
    label_meaning="cell type by the annotators of the common tutorials, from clusters and marker genes",
    batch=None,
    batch_meaning="none: one donor, one library",
    single_batch="pbmc3k",
    overlaps=("pbmc-studies",),
    caveats=(
        "There is no batch here, so methods that correct one do not apply and batch scores are undefined.",
        "The labels were made from clusters of these very cells.",
    ),
    files=STUDIES.files[:1],
    expected_cells=2_700,
    expected_genes=32_738,
)


def read(files):
    """Return the cells; obs ``celltype``, var ``ensembl_id``."""
    from anndata import AnnData

    (counts, kinds, genes), ensembl = read_pbmc3k(files)
    obs, var = kinds.rename("celltype").to_frame(), ensembl.rename("ensembl_id").to_frame()
    # Symbols with a number, such as NAA60-1, are genes of their own in the vocabularies of the small models.
    return AnnData(layers={"counts": counts}, obs=obs, var=var.set_index(genes).assign(symbol=genes))
