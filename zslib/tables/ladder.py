"""The metrics on the ladder of controls."""

from collections.abc import Sequence
from html import escape

from zslib.metrics import CARDS
from zslib.results import ladder
from zslib.results.comparison import Comparison
from zslib.tables.html import NONE, interval, place, table, title


def controls(runs: Comparison):
    """Render for each metric its floor, ceiling, range and noise, and whether it orders the controls as it must."""
    steps, rows = ladder.steps(runs), []
    for row in ladder.ranges(runs).itertuples():
        own = steps[steps["metric"] == row.metric]
        wrong = own[own["verdict"] != "holds"]
        pairs = [
            f"{title(s.upper)} {'below' if s.verdict == 'reversed' else 'not told from'} {title(s.lower)}"
            for s in wrong.itertuples()
        ]
        ends = (
            f"{row.floor:.2f}",
            f"{row.ceiling:.2f}",
            f"{row.range:.2f} {interval(row.ci_low, row.ci_high)}",
        )
        rows.append(
            (
                escape(CARDS[row.metric].title),
                "; ".join(pairs) or "as it must",
                f"{len(own) - len(wrong)} of {len(own)}",
                *ends,
                f"{row.noise:.3f}",
                "yes" if row.discriminates else f"<b>no</b>: {row.problem}",
            )
        )
    return table(
        rows or [("no floor and ceiling here", *[""] * 7)],
        [
            "metric",
            "orders the controls",
            "steps that hold",
            "floor",
            "ceiling",
            "range",
            "noise",
            "can judge",
        ],
        caption=f"What each metric can judge on {place(runs)}. "
        "Each step is a pair of controls of which one must score better, by the paired 95 % interval. Floor: "
        "random numbers for biology and discovery, the unintegrated data for batch; ceiling: the labels. Noise: the "
        "width of the range's interval, or the difference between the two split halves if that is larger.",
        text_columns=2,
    )


def verdicts(all_runs: Sequence[Comparison]):
    """Render for each metric and dataset whether it orders the controls as it must and has room to judge."""
    found: dict[str, dict[str, str]] = {}
    for runs in all_runs:
        ranges = ladder.ranges(runs)
        blunt = set(ranges.loc[~ranges["discriminates"], "metric"])
        for metric, own in ladder.steps(runs).groupby("metric", sort=False):
            holds = (own["verdict"] == "holds").sum()
            said = "as it must" if holds == len(own) else f"{holds} of {len(own)} steps"
            found.setdefault(metric, {})[runs.dataset] = said + ", cannot judge" * (metric in blunt)
    rows = [
        (escape(CARDS[m].title), CARDS[m].family, *(cells.get(r.dataset, NONE) for r in all_runs))
        for m, cells in found.items()
    ]
    return table(
        rows or [("too few controls ran", *[""] * (1 + len(all_runs)))],
        ["metric", "measures", *(runs.dataset for runs in all_runs)],
        caption=f"Whether each metric orders the controls as it must, on {'; '.join(map(place, all_runs))}. "
        "A step is a pair of controls of which one must "
        "score better; what cannot judge has more noise than room. –: not defined, or too few controls ran.",
        text_columns=2 + len(all_runs),
        kind="facts",
    )
