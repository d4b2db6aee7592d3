"""The paper's own uncertainty: scores of random parts of the cells, of embeddings and of their UMAPs."""

from collections.abc import Sequence

import numpy as np

from zslib.metrics import CARDS
from zslib.results import repeats as stored
from zslib.results.comparison import Comparison
from zslib.results.report.words import markdown
from zslib.tables.html import interval, table, title

EMBEDDING, UMAP = stored.SPACES


def repeats(runs: Sequence[Comparison], metric: str):
    """Render a score of all cells and of random parts of them, of embeddings and of their UMAPs; or that there is none."""
    rows, shares = [], set()
    for run in runs:
        found = stored.read(run.results, run.dataset)
        found = found[(found["metric"] == metric) & found["method"].isin(run.ran)]
        shares |= set(found.loc[found["share"] < 1, "share"])
        for method, own in found.groupby("method", sort=False):
            known = run.value(method, metric)
            of = {key: one["value"] for key, one in own.groupby(["space", own["share"] == 1])}
            spread = [_spread(of.get(key)) for key in ((EMBEDDING, False), (UMAP, True), (UMAP, False))]
            rows.append((run.dataset, title(method), "–" if known is None else f"{known.value:.2f}", *spread))
    if not rows:
        return markdown("This build asked for no repeats; `make book PROFILE=paper` does.")
    part = f"{min(shares):.0%} of the cells" if shares else "parts"
    short = part.removesuffix(" of the cells")
    header = [
        "dataset",
        "method",
        *(f"{space}, {what}" for space in stored.SPACES for what in ("all", short)),
    ]
    caption = (
        f"{CARDS[metric].title} of all cells, and the median with least and most over random draws of {part}, the same for "
        "every method. Few cells have fewer neighbors of their own type, so draws are not the score of all cells with noise."
    )
    return table(rows, header, caption=caption, text_columns=2)


def _spread(values) -> str:
    """The median of some scores, with the least and the most of them where there are several."""
    if values is None:
        return "–"
    low, middle, high = np.quantile(values, [0, 0.5, 1])
    return f"{middle:.2f} {interval(low, high) if len(values) > 1 else ''}".strip()
