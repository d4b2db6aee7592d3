"""How sure an order of methods is."""

import math
from html import escape

from zslib import methods
from zslib.metrics import CARDS
from zslib.results import uncertainty
from zslib.results.comparison import Comparison
from zslib.tables.html import table


def ranking(runs: Comparison, metric: str):
    """Render where each method that competes stands on a dataset, and how sure that is."""
    rows = [
        (
            escape(methods.card(row.method).title),
            f"{row.value:.2f}",
            f"{row.rank:g}",
            f"{row.rank_low:g} – {row.rank_high:g}",
            f"{row.best:.0%}",
            "first"
            if i == 0
            else f"{row.behind:.3f}"
            if math.isnan(row.all_low)
            else f'{row.behind:.3f} <span class="zs-ci">[{row.all_low:.3f}, {row.all_high:.3f}]</span>',
        )
        for i, row in enumerate(uncertainty.ranking(runs, metric, runs.rivals).itertuples())
    ]
    header = ["method", CARDS[metric].title, "rank", "95 % of ranks", "best in", "behind the first"]
    return table(
        rows or [("no method but the controls ran", *[""] * 5)],
        [escape(head) for head in header],
        caption="From paired resamples of these cells. Best in: the share of the resamples in which the method has the "
        "best score. Behind the first: intervals that hold for all methods at once (max-T), each at 0 or below where "
        "the method is not told from the first.",
    )
