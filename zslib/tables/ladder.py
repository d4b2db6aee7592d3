"""The metrics on the ladder of controls."""

from collections.abc import Sequence
from html import escape

from zslib import methods
from zslib.metrics import CARDS
from zslib.results import ladder
from zslib.results.comparison import Comparison
from zslib.tables.html import table


def controls(runs: Comparison):
    """Render for each metric its floor, ceiling, range and noise, and whether it orders the controls as it must."""
    steps, ranges = ladder.steps(runs), ladder.ranges(runs)
    rows = []
    for row in ranges.itertuples():
        own = steps[steps["metric"] == row.metric]
        holds = int((own["verdict"] == "holds").sum())
        wrong = [
            f"{methods.card(s.upper).title} {'below' if s.verdict == 'reversed' else 'not told from'} "
            f"{methods.card(s.lower).title}"
            for s in own[own["verdict"] != "holds"].itertuples()
        ]
        rows.append(
            (
                escape(CARDS[row.metric].title),
                escape("; ".join(wrong)) or "as it must",
                f"{holds} of {len(own)}",
                f"{row.floor:.2f}",
                f"{row.ceiling:.2f}",
                f'{row.range:.2f} <span class="zs-ci">[{row.ci_low:.2f}, {row.ci_high:.2f}]</span>',
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
        caption="Each step is a pair of controls of which one must score better, by the paired 95 % interval. Floor: "
        "random numbers for biology and discovery, the unintegrated data for batch; ceiling: the labels. Noise: the "
        "width of the range's interval, or the difference between the two split halves if that is larger.",
        text_columns=2,
    )


def verdicts(all_runs: Sequence[Comparison]):
    """Render for each metric and dataset whether it orders the controls as it must and has room to judge."""
    found, order = {}, []
    for runs in all_runs:
        steps, ranges = ladder.steps(runs), ladder.ranges(runs).set_index("metric")
        for metric, own in steps.groupby("metric", sort=False):
            holds = int((own["verdict"] == "holds").sum())
            said = "as it must" if holds == len(own) else f"{holds} of {len(own)} steps"
            if metric in ranges.index and not ranges.loc[metric, "discriminates"]:
                said += ", cannot judge"
            found[metric, runs.dataset] = said
        order += [metric for metric in dict.fromkeys(steps["metric"]) if metric not in order]
    rows = [
        (
            escape(CARDS[metric].title),
            CARDS[metric].family,
            *(found.get((metric, r.dataset), "–") for r in all_runs),
        )
        for metric in order
    ]
    return table(
        rows or [("too few controls ran", *[""] * (1 + len(all_runs)))],
        ["metric", "measures", *(runs.dataset for runs in all_runs)],
        caption="Whether each metric orders the controls as it must. A step is a pair of controls of which one must "
        "score better; what cannot judge has more noise than room. –: not defined, or too few controls ran.",
        text_columns=2 + len(all_runs),
        kind="facts",
    )
