"""Sentences about the scores of methods on one dataset, and of methods beside their controls."""

from collections.abc import Sequence

import pandas as pd

from zslib import methods
from zslib.methods.card import FAMILIES
from zslib.metrics import CARDS
from zslib.metrics.projection import N_COMPS
from zslib.results import ladder
from zslib.results.comparison import SPACES, Comparison
from zslib.results.report.words import (
    difference,
    join,
    leader,
    markdown,
    nobody,
    number,
    side,
    title_of,
    titles,
    too_close,
    with_result,
)

SIDES = ("above", "below", "level with")


def opening(runs: Comparison, *, confounded: bool = False):
    """Say in one sentence what a page about a dataset finds: who keeps cell types apart best, and whether a frozen model does.

    Where no type is in two batches (``confounded``), nobody is best.
    """
    if not runs.ran:
        return markdown(f"**No method ran on {runs.dataset}.**")
    leaders, why = ladder.leaders(runs, "avg_bio"), ladder.unfit(runs, "avg_bio")
    where = f"On {runs.n_cells:,} cells of {runs.dataset}"
    nobody_is = f"**{where}, no method is called best at keeping cell types apart, as"
    if confounded:
        return markdown(f"{nobody_is} no type is in two batches.**")
    if not leaders:
        return markdown(
            f"{nobody_is} {f'AvgBIO fails its controls ({why})' if why else 'only controls ran'}.**"
        )
    others = f"{titles(leaders[1:]) or 'no other method'} level with it"
    return markdown(
        f"**{where}, {title_of(leaders[0])} has the highest AvgBIO (cell types apart), {number(runs.value(leaders[0], 'avg_bio'))}"
        + f", with {others}" * (len(runs.rivals) > 1)
        + f"; {_frozen(runs)}"
    )


def reached(method: str, scores: pd.DataFrame, n_dims: int):
    """Say in one sentence what a method reaches on a dataset, from the scores of its run, an embedding of so many dimensions."""
    said, reduced = [], []
    for metric, what in (("avg_bio", "cell types apart"), ("avg_batch", "batches mixed")):
        both = [scores[(scores["metric"] == metric) & (scores["space"] == space)] for space in SPACES]
        for native in both[0].itertuples():
            said.append(f"{number(native)} in {CARDS[metric].title} ({what})")
            reduced += map(number, both[1].itertuples())
    if not said:
        return None
    n_cells, dataset = scores[["n_cells", "dataset"]].iloc[0]
    there = f"; in its 50 leading components {join(reduced)}" if reduced and n_dims > N_COMPS else ""
    return markdown(
        f"**On {n_cells:,} cells of {dataset}, {methods.card(method).title} reaches {join(said)}{there}.**"
    )


def _frozen(runs: Comparison) -> str:
    """Whether a foundation model is above the baselines, as the end of a bold sentence; where none ran, that none did."""
    models, baselines = (
        [m for m in runs.rivals if methods.card(m).family == family] for family in ("foundation", "baseline")
    )
    if not models:
        return "no published foundation model ran here.** `zslib weights list` says which can be had."
    over = [m for m in models if baselines and all(ladder.ahead(runs, m, b, "avg_bio") for b in baselines)]
    under = [m for m in models if any(ladder.ahead(runs, b, m, "avg_bio") for b in baselines)]
    others = [m for m in models if m not in over and m not in under]
    said = [
        f"{titles(names)} {'is' if len(names) == 1 else 'are'} {where}"
        for names, where in (
            (over, "above every baseline"),
            (under, "below one baseline or more"),
            (others, "not told apart from the best baselines"),
        )
        if names
    ]
    return f"frozen, {join(said)}.**"


def biology(runs: Comparison, *, confounded: bool = False):
    """Say which method keeps cell types apart best on one dataset, and between which ends its score lies.

    Where no type is in two batches (``confounded``), nobody is best.
    """
    if confounded:
        return markdown("As no type is in two batches, no method is called best at keeping types apart.")
    if not ladder.leaders(runs, "avg_bio"):
        return markdown(nobody(runs, "avg_bio") or "No method but the controls ran here.")
    ends = [
        f"{what} reach {runs.value(m, 'avg_bio').value:.2f}"
        for m, what in (("random", "random numbers"), ("labels", "the labels themselves"))
        if m in runs.ran
    ]
    between = f" For comparison, {' and '.join(ends)}." if ends else ""
    return markdown(leader(runs, "avg_bio") + "." + too_close(runs, "avg_bio") + between + _moved_most(runs))


def batches(runs: Comparison, *, biology: bool = False):
    """Say which method mixes batches best on one dataset, and what that is worth.

    Where its batches are conditions of an experiment (``biology``), nobody is best at mixing them.
    """
    if biology:
        return markdown(
            "Here the batches are the conditions of the experiment: what sets them apart is what it was made for, and an "
            "embedding that mixes them perfectly has lost it. So no method is called best at mixing."
        )
    leaders = ladder.leaders(runs, "avg_batch")
    if not leaders and runs.leaders("avg_batch", among=runs.rivals):
        return markdown(nobody(runs, "avg_batch"))
    if not leaders:
        reasons = [run.skipped.get("avg_batch", "") for m in runs.rivals for run in runs.runs_of(m)]
        why = next(filter(None, reasons), "no method but the controls ran")
        return markdown(f"No average batch score here: {why}.")
    floor = runs.value("random", "avg_batch")
    said = (
        "" if floor is None else f" Random numbers, which know nothing of the cells, score {floor.value:.2f}."
    )
    return markdown(leader(runs, "avg_batch") + "." + said)


def against(runs: Sequence[Comparison], method: str, control: str, metric: str):
    """Say on which datasets a method is above a control, below it or level with it, with the paired differences."""
    where: dict[str, list[str]] = {}
    for run in runs:
        if method in run.ran and control in run.ran:
            row = run.differences(control, metric).set_index("method").loc[method]
            native, reduced = (side(run, method, control, metric, space) for space in SPACES)
            but = f"; in the 50 leading components {reduced} it" if reduced != native else ""
            within = row.ci_low > 0 or row.ci_high < 0
            if within and native == "level with":
                but = f", no more than two halves of the same cells' molecules differ, {ladder.least(run, metric):.2f}{but}"
            where.setdefault(native, []).append(
                f"{run.dataset} ({difference(row.difference, (row.ci_low, row.ci_high))}{but})"
            )
    if not where:
        return markdown(f"{title_of(method)} or {title_of(control)} did not run in this build.")
    return markdown(
        f"In {CARDS[metric].title}, **{title_of(method)}** is "
        + "; ".join(
            f"{place} {'*' + title_of(control) + '*' if i == 0 else 'it'} on {join(found)}"
            for i, (place, found) in enumerate(where.items())
        )
        + "."
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
    said = [
        f"{len(names)} {'is' if len(names) == 1 else 'are'} {place} it ({titles(names)})"
        for place, names in places.items()
        if names
    ]
    moved = [
        f"{title_of(m)} is {found} it" for m, found in sides["pca50"].items() if found != sides["native"][m]
    ]
    otherwise = f" In the 50 leading components {join(moved)}." if moved else ""
    return markdown(
        f"On {runs.dataset}, {len(pairs)} small model{'s have' if len(pairs) > 1 else ' has'} an untrained twin; in "
        f"{CARDS[metric].title} {join(said)}.{otherwise}"
    )


def _moved_most(runs: Comparison) -> str:
    moves = {}
    for method in runs.rivals:
        native, reduced = (runs.value(method, "asw_label", space) for space in ("native", "pca50"))
        moves[method] = reduced.value - native.value
    method = max(moves, key=lambda m: abs(moves[m]))
    if abs(moves[method]) < 0.005:
        return ""
    return (
        f" Projected on its own 50 leading components, {title_of(method)}'s label ASW moves by {moves[method]:+.2f}: what the "
        "projection leaves out is mostly unstructured variance, which blurs distances."
    )
