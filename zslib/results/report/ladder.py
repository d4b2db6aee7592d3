"""What the ladder of controls says about the metrics."""

from collections.abc import Sequence

from zslib.metrics import CARDS
from zslib.results import ladder
from zslib.results.comparison import Comparison
from zslib.results.report.words import join, markdown, title_of, titles


def controls(runs: Comparison):
    """Say which metrics order the controls of a dataset as they must, which do not and why, and which cannot judge."""
    steps, ranges = ladder.steps(runs), ladder.ranges(runs)
    if steps.empty:
        return markdown(f"Too few controls ran on {runs.dataset} to build a ladder of them.")
    names = list(dict.fromkeys(steps["metric"]))
    wrong, undecided = (steps[steps["verdict"] == verdict] for verdict in ("reversed", "not separated"))
    failing, open_ = ([m for m in names if m in set(some["metric"])] for some in (wrong, undecided))
    held = len(set(names) - {*failing, *open_})
    lines = [
        f"{held} of {len(names)} metrics order the controls as they must on {runs.dataset}; {len(failing)} put a pair "
        f"the wrong way round (the largest gap in brackets), and in {len(open_)} these cells do not decide a pair.",
        "",
    ]
    pairs = {m: tuple(zip(of["upper"], of["lower"], strict=True)) for m, of in wrong.groupby("metric")}
    for alike in dict.fromkeys(pairs[m] for m in failing):
        of_pair = [m for m in failing if pairs[m] == alike]
        gaps = [-wrong.loc[wrong["metric"] == m, "gain"].min() for m in of_pair]
        by = join([f"**{CARDS[m].title}** ({gap:.2f})" for m, gap in zip(of_pair, gaps, strict=True)])
        lines.append(f"- By {by}, {_order(alike, 'scores worse than')}. {_why(of_pair)}")
    if open_:
        said = [
            f"**{CARDS[m].title}** ({_order(zip(of['upper'], of['lower'], strict=True), 'against')})"
            for m, of in undecided.groupby("metric", sort=False)
        ]
        lines.append(f"- Undecided: {join(said)}.")
    blunt = [
        f"**{CARDS[row.metric].title}** ({row.problem})"
        for row in ranges.loc[~ranges["discriminates"]].itertuples()
    ]
    if blunt:
        lines.append(f"- Unable to judge this dataset: {join(blunt)}.")
    return markdown("\n".join(lines))


def _order(pairs, between: str) -> str:
    """Pairs of controls in words, those that share the first together."""
    others: dict[str, list[str]] = {}
    for upper, lower in pairs:
        others.setdefault(upper, []).append(lower)
    return join([f"{title_of(upper)} {between} {titles(lowers)}" for upper, lowers in others.items()])


def _why(metrics: Sequence[str]) -> str:
    """Why metrics fail, where that is known; else the first sentence of what is known to fool each."""
    said = list(dict.fromkeys(ladder.REASONS[m] for m in metrics if m in ladder.REASONS))
    first = {m: CARDS[m].fooled_by.split(". ")[0].rstrip(".") for m in metrics if m not in ladder.REASONS}
    if first:
        each = "; ".join(f"{CARDS[m].title}: {by}" for m, by in first.items())
        said.append(f"What is known to fool {'it' if len(first) == 1 else 'them'}: {each}.")
    return " ".join(said)
