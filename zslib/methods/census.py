"""Embeddings that are hosted beside the CELLxGENE Census, looked up by the ids of its cells.

That scGPT and UCE are zero-shot, Geneformer fine-tuned and scVI trained on the Census is the word of the Census team:
https://chanzuckerberg.github.io/cellxgene-census/articles/2024/20240710_embedding_metrics_dec_2023_lts.html.
"""

from dataclasses import dataclass

import numpy as np

from zslib.core.errors import DataError
from zslib.methods.card import MethodCard
from zslib.methods.census_arrays import check_counts, embedding

ZERO_SHOT = ("scgpt", "uce")
"""The hosted embeddings that the Census team calls zero-shot; none that is not named here is taken for it."""
TEAM = "Bezzi and Garcia-Nieto, Benchmarks of single-cell Census models (2024), for what it is"


@dataclass(eq=False)
class Hosted:
    """What a Python file of a method has: ``CARD`` and ``embed``."""

    CARD: MethodCard
    name: str
    """What the embedding is called there."""

    def __post_init__(self):
        if self.CARD.family != ("foundation" if self.name in ZERO_SHOT else "tuned"):
            raise DataError(
                f"{self.CARD.name}: of the hosted embeddings {' and '.join(ZERO_SHOT)} alone are zero-shot."
            )

    def embed(self, adata, *, batch_key=None, seed=0, device="cpu") -> tuple[np.ndarray, dict]:
        """Its rows for cells of a slice, shape (n_cells, n_dims), and where they are from."""
        rows, about = embedding(self.name, adata.obs_names)
        about |= {"cells_with_counts_compared": check_counts(adata)}
        return rows, {"looked_up": about}


METHODS = [
    Hosted(
        MethodCard(
            name="census-scgpt",
            title="scGPT (Census)",
            family="foundation",
            looked_up="scGPT",
            summary="scGPT as it was published, run over the whole CELLxGENE Census by those who contributed it.",
            recipe=(
                "Rows of the hosted embedding scgpt by soma_joinid, of the release that the cells are of. The Census team "
                "calls it zero-shot; which checkpoint and which genes of a cell it read is not stated there."
            ),
            caveat=(
                "scGPT was pre-trained on CELLxGENE, so most of these cells were in its corpus. The numbers are stored "
                "rounded."
            ),
            citation=f"Cui et al., Nature Methods 21:1470 (2024), doi:10.1038/s41592-024-02201-0; {TEAM}",
            weights="scGPT, as contributed to CELLxGENE; the checkpoint is not stated",
            color="#D2602A",
            marker="$\\Sigma$",
        ),
        "scgpt",
    ),
    Hosted(
        MethodCard(
            name="census-uce",
            title="UCE (Census)",
            family="foundation",
            looked_up="UCE",
            summary=(
                "Universal Cell Embeddings as published, which read genes by the proteins they code for, run over the whole "
                "CELLxGENE Census by those who contributed it."
            ),
            recipe=(
                "Rows of the hosted embedding uce by soma_joinid, of the release that the cells are of. The Census team calls "
                "it zero-shot."
            ),
            caveat="UCE was pre-trained on CELLxGENE among others. The numbers are stored rounded.",
            citation=f"Rosen et al., bioRxiv (2023), doi:10.1101/2023.11.28.568918; {TEAM}",
            weights="UCE, as contributed to CELLxGENE",
            marker="$\\Upsilon$",
        ),
        "uce",
    ),
    Hosted(
        MethodCard(
            name="census-geneformer",
            title="Geneformer, fine-tuned (Census)",
            family="tuned",
            looked_up="Geneformer",
            tuned="fine-tuned by the Census team to tell cell subclasses apart, with the labels of cells of CELLxGENE",
            summary="A Geneformer that was fine-tuned on cell types of CELLxGENE: not the published model, and not zero-shot.",
            recipe="Rows of the hosted embedding geneformer by soma_joinid, of the release that the cells are of.",
            caveat=(
                "It was trained with labels of such cells. Its makers: these embeddings should not be used to assess "
                "performance of the pre-trained Geneformer model."
            ),
            citation=(
                "Theodoris et al., Nature 618:616 (2023), doi:10.1038/s41586-023-06139-9; "
                "https://cellxgene.cziscience.com/census-models for the fine-tuning"
            ),
            weights="geneformer-12L-30M, fine-tuned by CZI for cell subclasses of the Census",
            sees_labels=None,  # those of cells of CELLxGENE, and perhaps of these
            marker="$\\Gamma$",
        ),
        "geneformer",
    ),
    Hosted(
        MethodCard(
            name="census-scvi",
            title="scVI trained on the Census",
            family="tuned",
            looked_up="scVI",
            tuned="trained by the Census team on all primary cells of this release, told their batches",
            summary="An scVI that was trained on these cells and millions of others, and told assay, dataset and donor of each.",
            recipe="Rows of the hosted embedding scvi by soma_joinid, of the release that the cells are of.",
            caveat="It has met these very cells and their batches in training: neither a frozen model nor a baseline.",
            citation=(
                "Lopez et al., Nature Methods 15:1053 (2018), doi:10.1038/s41592-018-0229-2; "
                "https://cellxgene.cziscience.com/census-models for the training"
            ),
            weights="of CZI, trained on the release",
            trained_on_target=True,
            sees_batch=True,
            slow=True,  # it cannot be fitted anew to fewer cells
            marker="$\\Phi$",
        ),
        "scvi",
    ),
]
