"""Embeddings of the paper's PBMC 12k and pancreas that are archived at Zenodo, looked up by the ids of cells.

They were made for "Single-cell foundation models vs established baselines" (Liatir, October 2026), whose protocol is at
https://github.com/Liatir/liatir-app, showcases/single-cell-foundation-benchmark/protocol.md.
"""

from dataclasses import dataclass

import numpy as np

from zslib.core import zenodo
from zslib.methods.archive_files import check_counts, dataset_of, embedding
from zslib.methods.card import MethodCard

DOI = "10.5281/zenodo.23187931"


@dataclass(eq=False)
class Archived:
    """What a Python file of a method has: ``CARD`` and ``embed``."""

    CARD: MethodCard
    model: str
    """What the archive calls the method."""

    def embed(self, adata, *, batch_key=None, seed=0, device="cpu") -> tuple[np.ndarray, dict]:
        """Its rows for these cells, shape (n_cells, n_dims), and where they are from."""
        record = zenodo.record(DOI)
        dataset, names = dataset_of(record, adata.obs_names)
        rows, file = embedding(record, dataset, names, self.model, adata.obs_names)
        about = {"doi": DOI, "license": record.license, "file": file}
        about |= {"cells_with_counts_compared": check_counts(record, dataset, adata)}
        return rows, {"looked_up": about}


def _archived(name: str, **said) -> Archived:
    card = MethodCard(
        name=f"archive-{name}",
        recipe=f"Rows of the archived embedding by the names of cells, whose counts are compared. {said.pop('how')}",
        citation=f"Liatir, Single-cell foundation models vs established baselines (2026), doi:{DOI}",
        **said,
    )
    return Archived(card, name)


def _baseline(method: str, marker: str, *, summary: str, how: str) -> Archived:
    """One that its makers fitted to all cells of the dataset, told their batches."""
    return _archived(
        method.lower(),
        marker=marker,
        title=f"{method} (archived)",
        family="baseline",
        in_record=(method,),
        looked_up=method,
        trained_on_target=True,
        sees_batch=True,
        slow=True,  # it cannot be fitted anew to fewer cells
        summary=summary,
        how=f"Its makers: {how}",
        caveat="Fitted to all cells of the dataset, more than are scored here.",
    )


METHODS = [
    _archived(
        "scgpt",
        marker="$\\sigma$",
        title="scGPT (archived)",
        family="foundation",
        in_record=("scgpt-human",),
        looked_up="scGPT",
        summary="Frozen scGPT, the checkpoint of whole human, computed by others on the cells of two of the paper's datasets.",
        how="Its makers: the token <cls> of the last layer, scaled to length 1, of all genes of the vocabulary; nothing trained.",
        caveat="One run by a vendor, not peer reviewed. It read the decimals that the counts of the pancreas have.",
        weights="scGPT whole-human, run by Liatir",
        color="#D2602A",
    ),
    _archived(
        "geneformer",
        marker="$\\gamma$",
        title="Geneformer V1 10M (archived)",
        family="foundation",
        in_record=("geneformer-v1-10m",),
        looked_up="Geneformer",
        summary="Frozen Geneformer V1 10M, computed by others on the cells of two of the paper's datasets.",
        how="Its makers: the mean over genes of the layer before the last; nothing trained.",
        caveat="One run by a vendor, not peer reviewed. A part of the pancreas is in its pre-training corpus.",
        weights="geneformer-v1-10m, run by Liatir",
        color="#7A1C3C",
    ),
    _baseline(
        "PCA",
        "$\\pi$",
        summary="Components of variable genes, computed by others on all cells of the dataset.",
        how="2,000 variable genes chosen with batches, scaled, 50 components.",
    ),
    _baseline(
        "Harmony",
        "$\\eta$",
        summary="Components of variable genes, brought together over batches by Harmony; computed by others.",
        how="Harmony on the 50 components.",
    ),
    _baseline(
        "scVI",
        "$\\phi$",
        summary="scVI, trained by others on all cells of the dataset.",
        how="2,000 variable genes, 100 epochs, one training.",
    ),
]
