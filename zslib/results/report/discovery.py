"""What the results say about finding an unknown cell type."""

from collections.abc import Sequence

from zslib import methods
from zslib.frozen.ledger import ledger
from zslib.metrics import CARDS
from zslib.results import ladder
from zslib.results.comparison import Comparison
from zslib.results.report.words import best_on, competing, leader, markdown, nobody, title_of, titles

ACROSS, EASY = "novelty_across", "novelty_auroc"
"""The headline, and what is asked where there is one batch."""
QUESTIONS = {
    ACROSS: "A type that one batch holds and no other, as in discovery, stands out most",
    EASY: "Where there is one batch, half of its cells is what is known, and a type hidden in the other half stands out most",
}


def discovery(runs: Comparison, *, confounded: bool = False):
    """Say which method reveals hidden types best on one dataset, which type is hardest, and who saw the cells.

    Where no type is in two batches (``confounded``), nobody is best.
    """
    if confounded:
        return markdown(
            "As no type is in two batches, each type is hidden together with a whole batch, whose own traits reveal it too."
        )
    names, metric = runs.rivals, headline(runs)
    leaders = ladder.leaders(runs, metric)
    if not leaders:
        why = nobody(runs, metric) if names else ""
        return markdown(why or "No method but the controls ran here, or no type could be hidden.")
    of_type = runs.discovery.query("metric == @metric and space == 'native' and label != ''")
    hard = of_type[of_type["method"].isin(names)].groupby("label")["value"].max()
    said = [
        "There is one batch here, so only the easy case can be asked." if metric == EASY else "",
        f"{leader(runs, metric)}.",
        _chance([runs]),
        f"Hardest is {hard.idxmin()}: no method gets beyond {hard.min():.2f} for it.",
        _flattered(runs) if metric == ACROSS else "",
        _seen(names, [runs.dataset]),
    ]
    return markdown(" ".join(filter(None, said)))


def unknown_types(all_runs: Sequence[Comparison]):
    """Say for each dataset which method reveals hidden types best, in a sentence for the front page."""
    said = []
    for metric, question in QUESTIONS.items():
        asked = [runs for runs in all_runs if headline(runs) == metric]
        if best := best_on(asked, metric):
            said += [f"{question} ({CARDS[metric].title}) with {best}.", _chance(asked)]
        said += [nobody(runs, metric) for runs in asked if runs.rivals]
    if not any(said):
        return markdown("No type could be hidden here.")
    names = competing(list(dict.fromkeys(m for runs in all_runs for m in runs.ran)))
    return markdown(" ".join(filter(None, [*said, _seen(names, [runs.dataset for runs in all_runs])])))


def headline(runs: Comparison) -> str:
    """Novelty across batches, or within them where there is one."""
    return ACROSS if any(runs.value(m, ACROSS) is not None for m in runs.ran) else EASY


def _chance(all_runs: Sequence[Comparison]) -> str:
    """Say what methods that compete reach with shuffled labels; empty if that was not measured."""
    found = []
    for runs in all_runs:
        rows = runs.discovery[runs.discovery["method"].isin(runs.rivals) & (runs.discovery["label"] == "")]
        rows = rows[(rows["metric"] == headline(runs)) & (rows["space"] == "native")]
        found += rows["chance"].dropna().to_list()
    if not found:
        return ""
    ends = dict.fromkeys(f"{end:.2f}" for end in (min(found), max(found)))
    return f"Chance, measured with labels shuffled within batches, is {' to '.join(ends)}."


def _flattered(runs: Comparison) -> str:
    """Say which method loses most against the easy case, and whether it falls below variable genes; empty if none does."""
    scored = {
        m: (easy.value, across.value)
        for m in runs.rivals
        if (easy := runs.value(m, EASY)) is not None and (across := runs.value(m, ACROSS)) is not None
    }
    most = max(scored, key=lambda m: scored[m][0] - scored[m][1], default=None)
    if most is None or scored[most][0] <= scored[most][1]:
        return ""
    easy, across = scored[most]
    genes = scored.get("hvg", (easy, across))
    below = ""
    if easy > genes[0] and across < genes[1]:
        below = f", below {title_of('hvg')} ({genes[1]:.2f}), which it leads there"
    return (
        "A reference and a sample of the same batches are the easy case, and it flatters: "
        f"{title_of(most)} falls from {easy:.2f} there to {across:.2f}{below}."
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
