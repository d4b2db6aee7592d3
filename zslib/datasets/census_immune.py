"""Immune cells of sixteen tissues out of the CELLxGENE Census: a slice of Domínguez Conde et al. 2022."""

from zslib.datasets import census
from zslib.datasets.card import DatasetCard
from zslib.datasets.immune_330k import CARD as WHOLE

SLICE = census.address(
    dataset_id="1b9d8702-5af8-4142-85ed-020eb06ec4f6", cells=10_000, called="census-immune.h5ad"
)

CARD = DatasetCard(
    name="census-immune",
    title="Immune cells in the Census (Domínguez Conde 2022)",
    summary=(
        "Ten thousand cells of the cross-tissue immune atlas as the CELLxGENE Census holds them: one of the paper's datasets, "
        "for which frozen scGPT and UCE are hosted."
    ),
    organism="Homo sapiens",
    tissue="sixteen tissues",
    protocol="10x Genomics Chromium, 3' and 5' counting",
    source=f"CELLxGENE Census, release {census.RELEASE}, dataset 1b9d8702-5af8-4142-85ed-020eb06ec4f6",
    citation=WHOLE.citation,
    doi=WHOLE.doi,
    license=census.LICENSE,
    label="cell_type",
    label_meaning="cell type by the authors, in words of the Cell Ontology",
    labels_from="clustering",
    batch="donor_id",
    batch_meaning="donor: technical and biological differences, and tissues, together",
    batch_is_biology=True,
    overlaps=("immune-330k",),
    caveats=(
        "It is in CELLxGENE, and so in the corpus of scGPT: no scGPT is zero-shot on it in the strict sense.",
        "The labels are CELLxGENE's words of the Cell Ontology, and not the authors' own, which the paper took.",
        "No cell of it has been read here: it is fetched where it is asked for.",
    ),
    files=(SLICE,),
    keep=("dataset_id", "tissue"),
)


def read(files):
    """Return the slice; obs ``cell_type`` and ``donor_id``."""
    return files.path(SLICE.name)
