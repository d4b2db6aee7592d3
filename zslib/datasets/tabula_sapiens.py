"""Tabula Sapiens, 483k: twenty-four organs of fifteen donors, as in Kedzierska et al. 2025."""

from zslib.datasets.card import DatasetCard, Url

FILE = "TabulaSapiens.h5ad.zip"

CARD = DatasetCard(
    name="tabula-sapiens",
    title="Tabula Sapiens (Tabula Sapiens Consortium 2022)",
    summary="Nearly half a million cells of twenty-four organs of fifteen donors, of more than four hundred types as its makers count.",
    organism="Homo sapiens",
    tissue="twenty-four organs",
    protocol="10x Genomics Chromium 3' counting, and Smart-seq2",
    source="figshare 14267219, file 40067134",
    citation=(
        "The Tabula Sapiens Consortium. The Tabula Sapiens: a multiple-organ, single-cell transcriptomic atlas of humans. "
        "Science 2022;376:eabl4896.",
    ),
    doi=("10.1126/science.abl4896",),
    license="as stated at figshare 14267219; the file itself says nothing",
    label="cell_ontology_class",
    label_meaning="cell type by the experts of each organ, in words of the Cell Ontology",
    labels_from="clustering",
    batch="donor",
    batch_meaning="donor, as the paper has it: organs and both protocols lie within",
    batch_is_biology=True,
    caveats=(
        "It is in CELLxGENE, and so in the corpus of scGPT: no scGPT is zero-shot on it in the strict sense.",
        "figshare has had this archive twice, as files 34702114 and 40067134; which of them the paper took is not stated.",
        "Counts of Smart-seq2 are of reads, those of 10x of molecules.",
        "Read whole, its counts take about 14 GB of memory; they have not been read here.",
    ),
    files=(
        Url(
            url="https://ndownloader.figshare.com/files/40067134",
            sha256=None,
            bytes=9_000_000_000,
            called=FILE,
        ),
    ),
    counts="layers/raw_counts",
)


def read(files):
    """Return the unpacked file; obs ``cell_ontology_class`` and ``donor``, counts in ``layers["raw_counts"]``."""
    return files.unpacked(FILE, "*.h5ad")
