"""What a model sees of one cell, drawn."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns

from zslib.plots.draw import bars
from zslib.plots.theme import BATCHES, figure, narrow, width

BLUE, ORANGE = BATCHES[:2]


@figure
def ranks(names: Sequence[str], counts: np.ndarray, values: np.ndarray, n_genes: int = 20):
    """Draw a cell's genes in the order of their counts, and in that in which Geneformer reads them.

    Parameters
    ----------
    names
        Of the genes that the cell expresses.
    counts
        Their counts, shape (n_genes,).
    values
        Counts by the cell's total and the gene's median, by which they are ranked, shape (n_genes,).
    n_genes
        How many to draw.
    """
    by_counts, by_value = (np.argsort(-x, kind="stable")[:n_genes] for x in (counts, values))
    drawn, axes = plt.subplots(1, 2, figsize=(width(), 0.8 + 0.2 * n_genes))
    both = np.intersect1d(by_counts, by_value)
    for axis, top, numbers in zip(axes, (by_counts, by_value), (counts, values), strict=True):
        bars(axis, [names[i] for i in top], numbers[top], np.where(np.isin(top, both), BLUE, ORANGE))
    axes[0].set(title="by counts", xlabel="counts")
    axes[1].set(title="as it is read", xlabel="counts over the\ngene's median")
    first, read = (", ".join(names[i] for i in top[:5]) for top in (by_counts, by_value))
    new = n_genes - len(both)
    caption = f"{new} of the {n_genes} genes that are read first (orange) are not among those with the most counts. One cell."
    alt = (
        f"The first {n_genes} genes of one cell by counts ({first} …) and by rank value ({read} …). "
        f"{new} of the genes on the right, in orange, are not on the left."
    )
    return drawn, alt, caption


@figure
def bins(names: Sequence[str], counts: np.ndarray, bins: np.ndarray, n_genes: int = 12):
    """Draw a cell's counts against the bins that scGPT gets in their place.

    Parameters
    ----------
    names
        Of the genes that are read of the cell.
    counts
        Their counts, shape (n_genes,).
    bins
        Their bins, from 1 up, shape (n_genes,).
    n_genes
        How many of the highest to name.
    """
    top = np.argsort(-counts, kind="stable")[:n_genes]
    lowest = bins[counts == counts.min()]
    drawn, (left, right) = plt.subplots(
        *((2, 1) if narrow() else (1, 2)), figsize=(width(), 5.6 if narrow() else 3.1)
    )
    sns.scatterplot(x=counts, y=bins, s=14, color=BLUE, alpha=0.6, linewidth=0, ax=left)
    left.set(xscale="log", xlabel="counts", ylabel="bin", title="each point is a gene")
    bars(right, [f"{names[i]} ({counts[i]:.0f})" for i in top], bins[top], BLUE)
    right.set(xlabel="bin", title="its highest genes (counts)")
    alt = (
        f"Bins against counts of the {len(counts)} genes read of one cell. The {len(lowest)} genes with {counts.min():.0f} count"
        f"{'s' if counts.min() != 1 else ''} are spread over bins {lowest.min():.0f} to {lowest.max():.0f}; the highest gene, "
        f"{names[top[0]]}, with {counts[top[0]]:.0f} counts is in bin {bins[top[0]]:.0f}."
    )
    same = f"{len(lowest)} of {len(counts)} genes have {counts.min():.0f} count{'s' if counts.min() != 1 else ''}"
    return drawn, alt, f"{same}, and yet stand in bins {lowest.min():.0f} to {lowest.max():.0f}. One cell."
