"""What the ladder of controls says about the metrics."""

from zslib.metrics import CARDS
from zslib.results import ladder
from zslib.results.comparison import Comparison
from zslib.results.report.words import join, markdown, title_of


def controls(runs: Comparison):
    """Say which metrics order the controls of a dataset as they must, which do not and why, and which cannot judge."""
    steps, ranges = ladder.steps(runs), ladder.ranges(runs)
    if steps.empty:
        return markdown("Too few controls ran here to build a ladder of them.")
    names = list(dict.fromkeys(steps["metric"]))
    failing = [m for m in names if (steps.loc[steps["metric"] == m, "verdict"] == "reversed").any()]
    open_ = [
        m
        for m in names
        if m not in failing and (steps.loc[steps["metric"] == m, "verdict"] == "not separated").any()
    ]
    held = len(names) - len(failing) - len(open_)
    lines = [
        f"{held} of {len(names)} metrics order the controls as they must on {runs.dataset}; {len(failing)} put a pair "
        f"the wrong way round, and in {len(open_)} these cells do not decide a pair.",
        "",
    ]
    for m in failing:
        wrong = steps[(steps["metric"] == m) & (steps["verdict"] == "reversed")]
        lines.append(f"- **{CARDS[m].title}** fails: {_pairs(wrong, 'is worse than')}. {_why(m)}")
    if open_:
        undecided = steps[steps["verdict"] == "not separated"]
        said = [f"**{CARDS[m].title}** ({_pairs(undecided[undecided['metric'] == m], 'and')})" for m in open_]
        lines.append(f"- Undecided: {join(said)}.")
    blunt = [
        f"**{CARDS[row.metric].title}** ({row.problem})"
        for row in ranges.loc[~ranges["discriminates"]].itertuples()
    ]
    if blunt:
        lines.append(f"- Unable to judge this dataset: {join(blunt)}.")
    return markdown("\n".join(lines))


def _pairs(rows, between: str) -> str:
    return join(
        [
            f"{title_of(row.upper)} {between} {title_of(row.lower)} by {abs(row.gain):.2f}"
            if row.verdict == "reversed"
            else f"{title_of(row.upper)} {between} {title_of(row.lower)}"
            for row in rows.itertuples()
        ]
    )


def _why(metric: str) -> str:
    """Why a metric fails, where that is known; else the first sentence of what is known to fool it."""
    known = f"What is known to fool it: {CARDS[metric].fooled_by.split('. ')[0].rstrip('.')}."
    return ladder.REASONS.get(metric, known)
