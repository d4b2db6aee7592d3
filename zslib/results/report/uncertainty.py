"""How sure an order of methods is, on one dataset, over all of them, and over seeds."""

from collections.abc import Sequence

import numpy as np

from zslib.core.stats import MIN_BLOCKS
from zslib.metrics import CARDS
from zslib.results import comparison, uncertainty
from zslib.results.comparison import Comparison
from zslib.results.report.words import join, markdown, title_of, titles


def stability(runs: Comparison, metric: str, n_batches: int, *, confounded: bool = False):
    """Say how often resampling changes the order of methods, and which kinds of resampling the data allow.

    Where no type is in two batches (``confounded``), the order is not one of methods.
    """
    if confounded:
        return markdown(
            "As no type is in two batches, an order by how types are kept apart is also one by batches."
        )
    names = runs.rivals
    found = uncertainty.stability(runs, metric, names)
    if found is None:
        return markdown("Fewer than two methods but the controls ran here, so there is no order.")
    ranked = uncertainty.ranking(runs, metric, names)
    apart, others = int((ranked["all_low"] > 0).sum()), len(names) - 1
    apart_from = f"{apart} of the {others} other methods" if apart < others else "all others"
    donors = (
        f"These resamples are of cells and not of the {n_batches} batches; intervals over whole batches are on the page "
        "of each run."
        if n_batches >= MIN_BLOCKS
        else f"Resampling whole batches, which claims about other donors would need, is not possible: it takes "
        f"{MIN_BLOCKS}, and there {'is 1' if n_batches == 1 else f'are {n_batches}'}."
    )
    return markdown(
        f"In {CARDS[metric].title}, {title_of(ranked.method.iloc[0])} is first, and these cells tell it apart from {apart_from}. The whole order is the same in {found.same:.0%} of the resamples "
        f"(Kendall's τ with the order of all cells {found.tau:.2f} on average). {donors} {drawn_anew([runs]).data}"
    )


def drawn_anew(all_runs: Sequence[Comparison]):
    """Say on which datasets the intervals hold drawing other cells and embedding them anew, and how they come to."""
    moved, halves = [], set()
    for runs in all_runs:
        known = runs.redrawn
        if not known.draws:
            continue
        halves.add(max(map(len, known.draws.values())))
        times = [
            f"in {CARDS[m].title} {known.factor[f'native/{m}']:.1f} times"
            for m in ("avg_bio", "asw_label", "avg_batch")
            if known.factor.get(f"native/{m}", np.nan) >= 1
        ]
        again, others = ([m for m in runs.rivals if (m in known.draws) == ran] for ran in (True, False))
        was, its = ("was", "its") if len(others) == 1 else ("were", "their")
        rest = f"; {titles(others)} {was} not run again, so {its} intervals are widened by these factors"
        far = f"{join(times)} as far as" if times else "no farther than"
        moved.append(
            f"On {runs.dataset} that moves {titles(again)} {far} resampling does{rest if others and times else ''}."
        )
    fixed = [runs.dataset for runs in all_runs if not runs.redrawn.draws]
    said = []
    if moved:
        said.append(
            f"The intervals of AvgBIO, of the average batch score and of their parts hold drawing other cells and embedding "
            f"them anew, which resampling does not: it leaves the embedding as it is. Methods were run again on "
            f"{join([str(n) for n in sorted(halves)])} random halves of the cells. {' '.join(moved)}"
        )
    if fixed:
        said.append(
            f"On {join(fixed)} they leave each embedding as it is: another draw of cells, embedded anew, moves scores by more."
        )
    return markdown(" ".join(said))


def over_datasets(all_runs: Sequence[Comparison], metric: str):
    """Say what the datasets together can tell about the order of methods, and no more."""
    names, found = uncertainty.over_datasets(all_runs, metric)
    if found is None:
        return markdown(
            f"An order over datasets takes two datasets and two methods that ran on both; here {len(names)} "
            f"{'method' if len(names) == 1 else 'methods'} ran on all {len(all_runs)}."
        )
    order = np.argsort(found.mean_ranks, kind="stable")
    apart = [
        f"{title_of(names[a])} from {title_of(names[b])}"
        for i, a in enumerate(order)
        for b in order[i + 1 :]
        if found.mean_ranks[b] - found.mean_ranks[a] >= found.critical_difference
    ]
    said = (
        f"They tell {join(apart)}, and no other pair"
        if apart
        else "They do not tell any two methods apart, so no ranking over datasets is given"
    )
    taus = uncertainty.agreement(all_runs, metric, names)
    ends = dict.fromkeys(f"{tau:.2f}" for tau in (min(taus.values()), max(taus.values())))
    return markdown(
        f"Over {found.n_datasets} datasets and the {len(names)} methods that ran on all of them, mean ranks in "
        f"{CARDS[metric].title} would have to differ by {found.critical_difference:.1f} of at most {len(names) - 1} to mean "
        f"anything (Nemenyi's critical difference; Friedman's p = {found.p:.2f}). {said}. "
        f"Between any two datasets the orders agree with a Kendall's τ of {' to '.join(ends)}, where 1 is the same order and 0 none."
    )


def draws(runs: Sequence[Comparison], metric: str = "avg_bio"):
    """Say how far the seeds of a method lie apart, and whether that is more than the cells alone would give."""
    table = comparison.draws(runs, metric)
    lines = []
    for method, of_method in table.groupby("method", sort=False):
        parts = []
        for dataset, found in of_method.groupby("dataset", sort=False):
            low, high = found["value"].min(), found["value"].max()
            said = f"{low:.2f} to {high:.2f} on {dataset}"
            parts.append(f"**{said}**" if high - low > (found["ci_high"] - found["ci_low"]).mean() else said)
        lines.append(f"- {title_of(method)}, {of_method['seed'].nunique()} draws: {join(parts)}.")
    if not lines:
        return markdown("Every method was run with one seed in this build.")
    head = f"{CARDS[metric].title} of the draws, bold where they lie further apart than the interval of one of them is wide."
    return markdown("\n".join([head, "", *lines]))
