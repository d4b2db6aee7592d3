"""Novelty as discovery meets it: what is known is of other batches than the sample."""

import numpy as np

from zslib.core.errors import NotApplicable
from zslib.core.stats import SMALL
from zslib.metrics.card import MetricCard
from zslib.metrics.discovery.chance import by_chance
from zslib.metrics.discovery.distance import K, nearest_of_each_label, novelty
from zslib.metrics.discovery.novelty import FROZEN, PROTOCOL, among
from zslib.metrics.discovery.ranking import auroc
from zslib.metrics.registry import OfType, metric
from zslib.metrics.space import Space

SAMPLES = 4
"""At most so many batches are the sample in turn, the largest."""


@metric(
    MetricCard(
        name="novelty_across",
        title="Novelty AUROC, new batch",
        family="discovery",
        range=(0.0, 1.0),
        better="higher",
        formula=(
            f"each batch in turn is the sample and the others are the reference (at most {SAMPLES}, the largest); mean over cell types, "
            f"each hidden in turn, of the chance that a hidden cell of the sample has a larger mean distance to its {K} "
            "nearest reference cells than a cell of the sample whose type the reference holds"
        ),
        reading=(
            "As discovery is done: the sample is of another day or laboratory than what is known. 1 if every cell of the "
            "unknown type lies farther than every known cell; what labels shuffled within batches reach is stated beside it."
        ),
        fooled_by=FROZEN
        + (
            "Where the batches are conditions of an experiment, known cells that answer to it look new too. An embedding "
            "that moves a new type onto a known one, to mix the batches, is punished, as it should be."
        ),
        reference=PROTOCOL,
    )
)
def novelty_across(space: Space) -> dict[int, OfType]:
    """Chance that a hidden cell of one batch lies farther from the others than a known one does, by type."""
    references = space.once(other_batches)
    chance = by_chance(space.sample, space.sample.once(other_batches), split)
    rows, found = space.anchors.rows, {}
    for reference in references:
        asked = ~reference[rows]
        near = nearest_of_each_label(space.X, space.label, reference[None], rows=rows[asked])[0]
        for t in range(len(space.names)):
            hidden, known = split(space.label, t, reference)
            if hidden.sum() >= SMALL and known.any() and (space.label[reference] != t).sum() >= K:
                hidden, known, score = hidden[rows], known[rows], np.zeros(len(rows))
                score[asked] = novelty(near, t)
                ranking = among(hidden | known, auroc, score, hidden)
                found.setdefault(t, []).append(space.anchors.on(ranking))
    if not found:
        raise NotApplicable(f"no type has {SMALL} cells in a batch and a reference in the others")
    return {t: OfType(draws=found[t], chance=chance.get(t, np.nan)) for t in sorted(found)}


def other_batches(space: Space) -> np.ndarray:
    """For each batch that is the sample in turn, which cells are the reference: all others; (n_samples, n_cells)."""
    sizes = np.bincount(space.batches)
    return np.stack([space.batch != code for code in np.argsort(-sizes, kind="stable")[:SAMPLES]])


def split(label: np.ndarray, t: int, reference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cells of the sample that are of the hidden type, and those whose type has enough cells in the reference."""
    held = np.bincount(label[reference], minlength=label.max() + 1) >= K
    return ~reference & (label == t), ~reference & (label != t) & held[label]
