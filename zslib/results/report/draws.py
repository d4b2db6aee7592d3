"""Sentences about methods that were run with several seeds."""

from collections.abc import Sequence

from zslib.metrics import CARDS
from zslib.results import comparison
from zslib.results.report.words import join, markdown, title_of


def draws(runs: Sequence[comparison.Comparison], metric: str = "avg_bio"):
    """Say how far the seeds of a method lie apart, and whether that is more than the cells alone would give."""
    table = comparison.draws(runs, metric)
    lines = []
    for method, of_method in table.groupby("method", sort=False):
        parts, beyond = [], 0
        for dataset, found in of_method.groupby("dataset", sort=False):
            low, high = found["value"].min(), found["value"].max()
            parts.append(f"{low:.2f} to {high:.2f} on {dataset}")
            beyond += high - low > (found["ci_high"] - found["ci_low"]).mean()
        n_seeds = of_method["seed"].nunique()
        lines.append(
            f"- **{title_of(method)}**: {CARDS[metric].title} of {n_seeds} draws is {join(parts)}. On {beyond} of "
            f"{len(parts)} datasets they lie further apart than the interval of one of them is wide."
        )
    return markdown("\n".join(lines) or "Every method was run with one seed in this build.")
