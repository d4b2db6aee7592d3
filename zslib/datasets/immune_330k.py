"""Immune, 330k: immune cells of sixteen tissues of twelve donors, as in Kedzierska et al. 2025."""

from zslib.datasets.card import DatasetCard, Url

FILE = "CountAdded_PIP_global_object_for_cellxgene.h5ad"

CARD = DatasetCard(
    name="immune-330k",
    title="Immune cells across tissues (Domínguez Conde 2022)",
    summary="Immune cells of sixteen tissues of twelve adult donors, in 45 fine types.",
    organism="Homo sapiens",
    tissue="sixteen tissues",
    protocol="10x Genomics Chromium, 3' and 5' counting",
    source="Cross-tissue Immune Cell Atlas, tissueimmunecellatlas.org",
    citation=(
        "Domínguez Conde C et al. Cross-tissue immune cell analysis reveals tissue-specific features in humans. "
        "Science 2022;376:eabl5197.",
    ),
    doi=("10.1126/science.abl5197",),
    license="not stated beside the file; the atlas names no license of its data",
    label="Manually_curated_celltype",
    label_meaning="cell type, curated by the authors after CellTypist and clustering",
    labels_from="clustering",
    batch="Donor",
    batch_meaning="donor, as the paper has it: tissues and both chemistries lie within",
    batch_is_biology=True,
    caveats=(
        "It is in CELLxGENE, and so in the corpus of scGPT: no scGPT is zero-shot on it in the strict sense.",
        "Which of its columns the paper took for types and batches is not stated; donor follows from its words.",
        "Read whole, its counts take about 8 GB of memory; they have not been read here.",
    ),
    files=(
        Url(url=f"https://cellgeni.cog.sanger.ac.uk/pan-immune/{FILE}", sha256=None, bytes=10_230_000_000),
    ),
    counts="layers/counts",
)


def read(files):
    """Return the file; obs ``Manually_curated_celltype`` and ``Donor``, counts in ``layers["counts"]``."""
    return files.path(FILE)
