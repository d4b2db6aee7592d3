"""The metrics on the ladder of controls."""

from collections.abc import Sequence
from html import escape

from zslib.metrics import CARDS
from zslib.results import ladder
from zslib.results.comparison import Comparison
from zslib.tables.html import NONE, NOT_ASKED, broken, interval, place, table


def controls(runs: Comparison):
    """Render for each metric whether it can judge, how many controls it orders as it must, and its floor, ceiling, range and noise."""
    steps, rows = ladder.steps(runs), []
    for row in ladder.ranges(runs).itertuples():
        own = steps[steps["metric"] == row.metric]
        rows.append(
            (
                escape(CARDS[row.metric].title),
                "yes" if row.discriminates else f"<b>no</b> <br/><small>{broken(row.problem, 17)}</small>",
                f"{(own['verdict'] == 'holds').sum()} of {len(own)}" if len(own) else NOT_ASKED,
                f"{row.floor:z.2f}",
                f"{row.ceiling:z.2f}",
                f"{row.range:z.2f} {interval(row.ci_low, row.ci_high)}",
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
        rows or [("no floor and ceiling here", *[""] * 6)],
        ["metric", "can judge", "steps", "floor", "ceiling", "range", "noise"],
        caption=f"What each metric can judge on {place(runs)}. "
        "Steps: pairs of controls of which one must score better, and how many do by the paired 95 % interval. Floor: "
        "random numbers for biology and discovery, the unintegrated data for batch; ceiling: the labels. Noise: the "
        f"width of the range's interval{halves}. A metric can judge if its range is longer than its noise and nothing lies "
        "beyond its ceiling: no control scores better than the labels, by the interval, and no method that competes by more "
        "than the noise, with the whole of its paired interval.",
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
        "score better; what cannot judge has more noise than room, or methods that lie beyond its ceiling. –: not defined, or too few controls ran.",
        text_columns=2 + len(all_runs),
        kind="facts",
    )
