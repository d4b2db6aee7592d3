"""What the results say about finding an unknown cell type."""

from collections.abc import Sequence

from zslib import methods
from zslib.frozen.ledger import ledger
from zslib.metrics import CARDS
from zslib.results.comparison import Comparison
from zslib.results.report.words import best_on, competing, leader, markdown, titles


def discovery(runs: Comparison, *, confounded: bool = False):
    """Say which method reveals hidden types best on one dataset, which type is hardest, and who saw the cells.

    Where no type is in two batches (``confounded``), nobody is best.
    """
    if confounded:
        return markdown(
            "As no type is in two batches, each type is hidden together with a whole batch, whose own traits reveal it too."
        )
    names = runs.rivals
    leaders = runs.leaders("novelty_auroc", among=names)
    if not leaders:
        return markdown("No method but the controls ran here, or no type could be hidden.")
    of_type = runs.discovery.query("metric == 'novelty_auroc' and space == 'native' and label != ''")
    hard = of_type[of_type["method"].isin(names)].groupby("label")["value"].max()
    hardest = f"Hardest is {hard.idxmin()}: no method gets beyond {hard.min():.2f} for it."
    best = leader(runs, leaders, "novelty_auroc")
    return markdown(f"{best}. {hardest} {_seen(names, [runs.dataset])}")


def unknown_types(all_runs: Sequence[Comparison]):
    """Say for each dataset which method reveals hidden types best, in a sentence for the front page."""
    best = best_on(all_runs, "novelty_auroc")
    if not best:
        return markdown("No type could be hidden here.")
    names = competing(list(dict.fromkeys(m for runs in all_runs for m in runs.ran)))
    return markdown(
        f"Hide a cell type from a reference, and how often does one of its cells lie farther from the reference than "
        f"a known cell does ({CARDS['novelty_auroc'].title}, 0.50 by chance)? Most often by {best}. "
        + _seen(names, [runs.dataset for runs in all_runs])
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
    said = [
        f"{titles(fitted)} had seen the hidden cells when fitted"
        if fitted
        else "No method was fitted to the hidden cells",
        f"{titles(before)} had seen some of these cells in pre-training" if before else "",
        f"{titles(never)} had not" if never else "",
        f"of {titles(unknown)} it is not known" if unknown else "",
    ]
    return "; ".join(filter(None, said)) + "."
