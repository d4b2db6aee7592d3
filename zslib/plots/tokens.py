"""What a model sees of one cell, drawn."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from zslib.plots.theme import THEME, show

DARK, LIGHT = "#0072B2", "#E69F00"


def ranks(names: Sequence[str], counts: np.ndarray, values: np.ndarray, n_genes: int = 20) -> None:
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
        How many to show.
    """
    by_counts, by_value = np.argsort(-counts, kind="stable"), np.argsort(-values, kind="stable")
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(9, 0.8 + 0.2 * n_genes))
        left, right = figure.subplots(1, 2)
        for axis, order, x, title in (
            (left, by_counts, counts, "by counts"),
            (right, by_value, values, "by counts over the gene's median: the order it is read in"),
        ):
            shown = order[:n_genes]
            both = np.isin(shown, by_counts[:n_genes]) & np.isin(shown, by_value[:n_genes])
            color = np.where(both, DARK, LIGHT)
            axis.barh(range(len(shown)), x[shown], color=color, height=0.7)
            axis.set_yticks(range(len(shown)), [names[i] for i in shown])
            axis.set_ylim(len(shown) - 0.4, -0.6)
            axis.set_title(title)
        left.set_xlabel("counts")
        right.set_xlabel("counts per 10,000, by the median")
        figure.tight_layout()
    moved = n_genes - int(np.isin(by_value[:n_genes], by_counts[:n_genes]).sum())
    show(
        figure,
        f"The first {n_genes} genes of one cell by counts ({', '.join(names[i] for i in by_counts[:5])} …) and by rank value "
        f"({', '.join(names[i] for i in by_value[:5])} …). {moved} of the genes on the right, in orange, are not on the left.",
    )


def bins(names: Sequence[str], counts: np.ndarray, found: np.ndarray, n_genes: int = 12) -> None:
    """Draw a cell's counts against the bins that scGPT gets in their place.

    Parameters
    ----------
    names
        Of the genes that are read of the cell.
    counts
        Their counts, shape (n_genes,).
    found
        Their bins, from 1 up, shape (n_genes,).
    n_genes
        How many of the highest to name.
    """
    top = np.argsort(-counts, kind="stable")[:n_genes]
    ones = found[counts == counts.min()]
    with mpl.rc_context(THEME):
        figure = Figure(figsize=(9, 3.2))
        left, right = figure.subplots(1, 2, width_ratios=[1.2, 1])
        left.scatter(counts, found, s=12, color=DARK, alpha=0.6, linewidths=0)
        left.set(
            xscale="log", xlabel="counts", ylabel="bin", title="each point is a gene that the cell expresses"
        )
        right.barh(range(len(top)), found[top], color=DARK, height=0.7)
        right.set_yticks(range(len(top)), [f"{names[i]} ({counts[i]:.0f})" for i in top])
        right.set_ylim(len(top) - 0.4, -0.6)
        right.set(xlabel="bin", title="its highest genes (counts)")
        figure.tight_layout()
    show(
        figure,
        f"Bins against counts of the {len(counts)} genes read of one cell. The {len(ones)} genes with {counts.min():.0f} count"
        f"{'s' if counts.min() != 1 else ''} are spread over bins {ones.min():.0f} to {ones.max():.0f}; the highest gene, "
        f"{names[top[0]]}, with {counts[top[0]]:.0f} counts is in bin {found[top[0]]:.0f}.",
    )
