"""Pancreas, 16k: islets by several protocols, the pancreas of scIB and of Kedzierska et al. 2025."""

from zslib.datasets.card import DatasetCard, Url

FILE = "human_pancreas_norm_complexBatch.h5ad"

CARD = DatasetCard(
    name="pancreas-16k",
    title="Pancreas by six protocols (Luecken 2022)",
    summary=(
        "Cells of human pancreatic islets from several studies, put together for the benchmark scIB: fourteen types, and "
        "batches that differ in protocol, from droplets with molecule counts to full-length reads."
    ),
    organism="Homo sapiens",
    tissue="pancreas",
    protocol="CEL-Seq, CEL-Seq2, Fluidigm C1, inDrop, SMARTer, Smart-seq2",
    source="figshare 12420968, file 24539828",
    citation=(
        "Luecken MD et al. Benchmarking atlas-level data integration in single-cell genomics. Nat Methods 2022;19:41-50.",
    ),
    doi=("10.1038/s41592-021-01336-8",),
    license="as stated at figshare 12420968; the file itself says nothing",
    label="celltype",
    label_meaning="cell type, as the studies were annotated and scIB brought them together",
    labels_from="clustering",
    batch="tech",
    batch_meaning="protocol and, of inDrop, the donor: nine batches",
    overlaps=("baron",),
    caveats=(
        "Counts of the protocols without unique molecular identifiers are expected counts with decimals; they are rounded.",
        "Of the paper's repository one notebook scores these nine batches and the other the six that are left when the four "
        "of inDrop are one; which of them the published scores are of is not stated.",
        "GSE84133, the inDrop part, is in the pre-training corpus of Geneformer.",
    ),
    files=(
        Url(
            url="https://ndownloader.figshare.com/files/24539828", sha256=None, bytes=316_000_000, called=FILE
        ),
    ),
    counts="layers/counts",
    rounded=True,
)


def read(files):
    """Return the file; obs ``celltype`` and ``tech``, counts in ``layers["counts"]``."""
    return files.path(FILE)
