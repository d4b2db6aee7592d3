"""Sentences about the scores of methods on one dataset, and of methods beside their controls."""

from collections.abc import Sequence

from zslib import methods
from zslib.methods.card import FAMILIES
from zslib.metrics import CARDS
from zslib.results.comparison import SPACES, Comparison
from zslib.results.report.words import join, leader, markdown, side, title_of, titles, with_result

SIDES = ("above", "below", "not told from")


def biology(runs: Comparison):
    """Say which method keeps cell types apart best on one dataset, and between which ends its score lies."""
    rivals = runs.rivals
    leaders = runs.leaders("avg_bio", among=rivals)
    if not leaders:
        return markdown("No method but the controls ran here.")
    ends = [
        f"the {title_of(m)} control {runs.value(m, 'avg_bio').value:.2f}"
        for m in ("random", "labels")
        if m in runs.ran
    ]
    between = f" For comparison, {' and '.join(ends)}." if ends else ""
    return markdown(leader(runs, leaders, "avg_bio") + "." + between + _moved_most(runs, rivals))


def batches(runs: Comparison, *, biology: bool = False):
    """Say which method mixes batches best on one dataset, and what that is worth.

    Parameters
    ----------
    runs
        All methods on the dataset.
    biology
        Whether its batches are conditions of an experiment: then nobody is best at mixing them.
    """
    if biology:
        return markdown(
            "Here the batches are the conditions of the experiment: what sets them apart is what it was made for, and an "
            "embedding that mixes them perfectly has lost it. So no method is called best at mixing."
        )
    leaders = runs.leaders("avg_batch", among=runs.rivals)
    if not leaders:
        reasons = [run.skipped.get("avg_batch", "") for m in runs.rivals for run in runs.runs_of(m)]
        why = next(filter(None, reasons), "no method but the controls ran")
        return markdown(f"No average batch score here: {why}.")
    floor = runs.value("random", "avg_batch")
    said = (
        "" if floor is None else f" Random numbers, which know nothing of the cells, score {floor.value:.2f}."
    )
    return markdown(leader(runs, leaders, "avg_batch") + "." + said)


def against(runs: Sequence[Comparison], method: str, control: str, metric: str):
    """Say on each dataset by how much a method is above or below a control, with the paired interval."""
    parts = []
    for run in runs:
        if method in run.ran and control in run.ran:
            row = run.differences(control, metric).set_index("method").loc[method]
            native, reduced = (side(run, method, control, metric, space) for space in SPACES)
            but = f", but {reduced} it in the 50 leading components" if reduced != native else ""
            parts.append(
                f"{native} it on {run.dataset} ({row.difference:+.2f} [{row.ci_low:+.2f}, {row.ci_high:+.2f}]){but}"
            )
    if not parts:
        return markdown(f"{title_of(method)} or {title_of(control)} did not run in this build.")
    return markdown(
        f"In {CARDS[metric].title}, **{title_of(method)}** against *{title_of(control)}* is {join(parts)}."
    )


def gains(runs: Sequence[Comparison], metric: str = "avg_bio", family: str = "foundation"):
    """Say of each frozen model of a family by how much it is above or below its untrained twin."""
    cards = [methods.card(m) for m in with_result(runs[0].methods, runs)]
    pairs = [(card.name, card.control) for card in cards if card.family == family and card.control]
    lines = [against(runs, *pair, metric).data for pair in pairs]
    return markdown(
        "\n".join(f"- {line}" for line in lines)
        or f"Of the {FAMILIES[family]}, none with an untrained twin ran in this build."
    )


def small_models(runs: Comparison, metric: str = "avg_bio"):
    """Say in a sentence how many small models are above and below their untrained twins on one dataset."""
    pairs = runs.twins("small")
    if not pairs:
        return markdown("No small model and its untrained twin ran here.")
    sides = {s: {m: side(runs, m, twin, metric, s) for m, twin in pairs.items()} for s in SPACES}
    places = {place: [m for m, found in sides["native"].items() if found == place] for place in SIDES}
    said = [f"{len(names)} {place} it ({titles(names)})" for place, names in places.items() if names]
    moved = [
        f"{title_of(m)} is {found} it" for m, found in sides["pca50"].items() if found != sides["native"][m]
    ]
    otherwise = f" In the 50 leading components {join(moved)}." if moved else ""
    return markdown(
        f"Each against its untrained twin of the same size, in {CARDS[metric].title}: of {len(pairs)} "
        f"small model{'s' if len(pairs) > 1 else ''}, {join(said)}.{otherwise}"
    )


def _moved_most(runs: Comparison, rivals: Sequence[str]) -> str:
    moves = {}
    for method in rivals:
        native, reduced = (runs.value(method, "asw_label", space) for space in ("native", "pca50"))
        moves[method] = reduced.value - native.value
    method = max(moves, key=lambda m: abs(moves[m]))
    if abs(moves[method]) < 0.005:
        return ""
    return (
        f" Projected on its own 50 leading components, {title_of(method)}'s label ASW moves by {moves[method]:+.2f}: what the "
        "projection leaves out is mostly unstructured variance, which blurs distances."
    )
