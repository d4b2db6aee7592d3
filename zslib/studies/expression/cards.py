"""How much is asked, and how each score of hidden genes is read."""

from dataclasses import dataclass
from typing import NamedTuple

from zslib.core.errors import DataError

CEILING = "same counts (ceiling)"
"""Who knows every hidden count, and not which of the bins of equal counts was drawn."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How much is asked. The defaults are those of the default profile, minutes on one core."""

    n_train: int = 400
    """Cells that baselines learn from."""
    epochs: int = 30
    """Passes of scVI over the training cells; 0 leaves it out."""
    n_cells: int = 100
    """Cells that are evaluated."""
    n_large: int = 8
    """Of these, how many are asked of a network with more than five million parameters."""
    n_genes: int = 1200
    """Most variable genes in which bins are formed; the paper's number."""
    window: int = 128
    """Genes of a cell that a Geneformer is shown, from the top; the paper's number is 2048."""
    fractions: tuple[float, ...] = (0.05, 0.25, 0.5, 0.9)
    """Shares of the genes that are hidden."""
    draws: int = 2
    """How often genes to hide are drawn for each share."""
    shown: float = 0.25
    """The share, one of `fractions`, of which curves are drawn."""
    n_boot: int = 300
    """Bootstrap resamples behind every interval."""
    seed: int = 0
    """Of the split, of what is hidden, and of bins of equal counts."""

    def __post_init__(self):
        sizes = self.n_train, self.n_cells, self.n_large, self.n_genes, self.window, self.draws, self.n_boot
        if min(sizes) < 1 or self.shown not in self.fractions or not all(0 < f < 1 for f in self.fractions):
            raise DataError(
                f"Numbers of cells, genes, draws and resamples must be 1 or more, the shares {list(self.fractions)} of "
                f"hidden genes between 0 and 1, and shown={self.shown} one of them."
            )


class ScoreCard(NamedTuple):
    """How a score is read."""

    title: str
    better: str
    reading: str


CARDS = {
    "r2": ScoreCard(
        "R² against gene mean",
        "higher",
        "Share of the squared error of the per-gene mean that is saved, on expressed hidden genes. 1 is "
        "perfect, 0 no better than the mean of each gene, below 0 worse.",
    ),
    "mae": ScoreCard(
        "absolute error",
        "lower",
        "Mean absolute error on expressed hidden genes, in bins (of 50) or in scaled rank (of 1).",
    ),
    "cell_correlation": ScoreCard(
        "rank correlation in cells",
        "higher",
        "Spearman correlation over the expressed hidden genes of a cell, mean over cells. Knowing which "
        "genes are high in any cell is enough for a good score.",
    ),
    "gene_correlation": ScoreCard(
        "rank correlation of genes",
        "higher",
        "Spearman correlation over the cells that express a hidden gene, mean over genes. What counts is the distance from "
        "the gene mean: that is 0 on bins, where it says the same of every cell, and not on ranks, where everyone is told "
        "where the masks of a cell stand.",
    ),
    "detection": ScoreCard(
        "detection (AUROC)",
        "higher",
        "Chance that an expressed hidden gene is put above an unexpressed one of the same cell. 0.5 is "
        "guessing.",
    ),
    "zero_error": ScoreCard(
        "error on zeros", "lower", "Mean absolute value said of genes that are not expressed."
    ),
    "top1": ScoreCard(
        "top-1 accuracy", "higher", "How often the likeliest of the hidden genes is the one at this rank."
    ),
    "top10": ScoreCard(
        "top-10 accuracy",
        "higher",
        "How often the gene at this rank is among the ten likeliest hidden genes.",
    ),
}
"""The scores of hidden genes, in the order of tables."""
