"""What the results say about finding an unknown cell type."""

from collections.abc import Sequence

from zslib import methods
from zslib.frozen.ledger import ledger
from zslib.metrics import CARDS
from zslib.results.comparison import Comparison
from zslib.results.report.words import competing, join, markdown, number, title_of, titles


def discovery(runs: Comparison):
    """Say which method reveals hidden types best on one dataset, which type is hardest, and who saw the cells."""
    names = runs.rivals
    leaders = runs.leaders("novelty_auroc", among=names)
    if not leaders:
        return markdown("No method but the controls ran here, or no type could be hidden.")
    best = f"**{title_of(leaders[0])}** has the highest {CARDS['novelty_auroc'].title}, " + number(
        runs.value(leaders[0], "novelty_auroc")
    )
    tied = f"; these cells do not tell it from {titles(leaders[1:])}" if leaders[1:] else ""
    of_type = runs.discovery.query("measure == 'novelty_auroc' and space == 'native' and label != ''")
    hard = of_type[of_type["method"].isin(names)].groupby("label")["value"].max()
    hardest = f" Hardest is {hard.idxmin()}: no method gets beyond {hard.min():.2f} for it."
    return markdown(f"{best}{tied}.{hardest} {_seen(names, [runs.dataset])}")


def unknown_types(all_runs: Sequence[Comparison]):
    """Say for each dataset which method reveals hidden types best, in a sentence for the front page."""
    places: dict[str, list[str]] = {}
    for runs in all_runs:
        leaders = runs.leaders("novelty_auroc", among=runs.rivals)
        if leaders:
            tie = f"; not told from {titles(leaders[1:])}" if leaders[1:] else ""
            score = number(runs.value(leaders[0], "novelty_auroc"))
            places.setdefault(leaders[0], []).append(f"{runs.dataset} ({score}{tie})")
    if not places:
        return markdown("No type could be hidden here.")
    best = join([f"**{title_of(leader)}** on {join(where)}" for leader, where in places.items()])
    names = competing(list(dict.fromkeys(m for runs in all_runs for m in runs.ran)))
    return markdown(
        f"Hide a cell type from a reference, and how often does one of its cells lie farther from the reference than "
        f"a known cell does ({CARDS['novelty_auroc'].title}, 0.50 by chance)? Most often by {best}. {_seen(names, [runs.dataset for runs in all_runs])}"
    )


def _seen(names: Sequence[str], datasets: Sequence[str]) -> str:
    """Say which methods had seen the hidden cells before, when fitted or in pre-training, as far as is known."""
    fitted = [m for m in names if methods.card(m).trained_on_target]
    frozen = [m for m in names if methods.card(m).family != "baseline" and m not in fitted]
    known = ledger(frozen, datasets)
    known = known[known["dataset"].isin(datasets)].groupby("model")["seen"].agg(set)
    before = [m for m in frozen if known[m] & {"yes", "partly"}]
    never = [m for m in frozen if known[m] == {"no"}]
    unknown = [m for m in frozen if m not in before + never]
    told = [
        f"{titles(fitted)} had seen the hidden cells when fitted"
        if fitted
        else "No method was fitted to the hidden cells"
    ]
    told += [f"{titles(before)} had seen some of these cells in pre-training"] if before else []
    told += [f"{titles(never)} had not"] if never else []
    told += [f"of {titles(unknown)} it is not known"] if unknown else []
    return "; ".join(told) + "."
