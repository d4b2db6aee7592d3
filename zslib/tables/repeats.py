"""The paper's own uncertainty: scores of random parts of the cells, of embeddings and of their UMAPs."""

from collections.abc import Sequence

import numpy as np

from zslib.metrics import CARDS
from zslib.results import repeats as stored
from zslib.results.comparison import Comparison
from zslib.results.report.words import markdown
from zslib.tables.html import interval, table, title


def repeats(runs: Sequence[Comparison], metric: str):
    """Render a score of all cells and of random parts of them, of embeddings and of their UMAPs; or that there is none."""
    rows, shares = [], set()
    for run in runs:
        found = stored.read(run.results, run.dataset)
        found = found[(found["metric"] == metric) & found["method"].isin(run.ran)]
        shares |= set(found.loc[found["share"] < 1, "share"])
        for method, own in found.groupby("method", sort=False):
            cells = []
            for space in stored.SPACES:
                of = own[own["space"] == space]
                whole = (
                    run.value(method, metric).value if space == "embedding" else _mean(of[of["share"] == 1])
                )
                cells += [f"{whole:.2f}", _spread(of[of["share"] < 1])]
            rows.append((run.dataset, title(method), *cells))
    if not rows:
        return markdown("This build asked for no repeats; `make book PROFILE=paper` does.")
    part = f"{min(shares):.0%} of the cells" if shares else "parts"
    header = ["dataset", "method", *(f"{s}: {what}" for s in stored.SPACES for what in ("all cells", part))]
    caption = (
        f"{CARDS[metric].title} of all cells, and the median with least and most over random draws of {part}, the same for "
        "every method. Few cells have fewer neighbors of their own type, so draws are not the score of all cells with noise."
    )
    return table(rows, header, caption=caption, text_columns=2)


def _mean(found) -> float:
    return float(found["value"].mean()) if len(found) else float("nan")


def _spread(found) -> str:
    if not len(found):
        return "–"
    low, middle, high = np.quantile(found["value"], [0, 0.5, 1])
    return f"{middle:.2f} {interval(low, high)}"
