"""The metrics on the ladder of controls."""

from collections.abc import Sequence
from html import escape

from zslib.metrics import CARDS
from zslib.results import ladder
from zslib.results.comparison import Comparison
from zslib.tables.html import NONE, NOT_ASKED, interval, place, table, title


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
            f"{row.floor:z.2f}",
            f"{row.ceiling:z.2f}",
            f"{row.range:z.2f} {interval(row.ci_low, row.ci_high)}",
        )
        rows.append(
            (
                escape(CARDS[row.metric].title),
                "yes" if row.discriminates else f"<b>no</b>: {row.problem}",
                "; ".join(pairs) or ("as it must" if len(own) else NOT_ASKED),
                f"{len(own) - len(wrong)} of {len(own)}" if len(own) else NONE,
                *ends,
                f"{row.noise:.3f}",
            )
        )
    halves = (
        ", or the difference between the two split halves if that is larger: the same cells counted with half of the "
        "molecules each, so that they differ by what counting alone can do"
        if set(ladder.HALVES) <= set(runs.ran)
        else ""
    )
    return table(
        rows or [("no floor and ceiling here", *[""] * 7)],
        [
            "metric",
            "can judge",
            "orders the controls",
            "steps that hold",
            "floor",
            "ceiling",
            "range",
            "noise",
        ],
        caption=f"What each metric can judge on {place(runs)}. "
        "Each step is a pair of controls of which one must score better, by the paired 95 % interval. Floor: "
        "random numbers for biology and discovery, the unintegrated data for batch; ceiling: the labels. Noise: the "
        f"width of the range's interval{halves}. A metric can judge if its range is longer than its noise and nothing lies "
        "beyond its ceiling: no control scores better than the labels, by the interval, and no method that competes by more "
        "than the noise, with the whole of its paired interval.",
        text_columns=3,
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
