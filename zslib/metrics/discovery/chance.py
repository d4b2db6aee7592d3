"""What a ranking by novelty reaches by chance, measured: with labels that say nothing."""

from collections.abc import Callable

import numpy as np

from zslib.metrics.discovery.distance import K, nearest_of_each_label, novelty
from zslib.metrics.discovery.ranking import auroc
from zslib.metrics.space import Space

Split = Callable[[np.ndarray, int, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Of labels, the code of a type and a reference: which cells are hidden ones and which known ones."""


def shuffled(space: Space) -> np.ndarray:
    """The labels, given to other cells of the same batch; shape (n_cells,), whatever the order of the cells."""
    rng, found = np.random.default_rng(space.seed), space.label.copy()
    order = np.argsort(space.number)
    batch = np.zeros(len(order), dtype=int) if space.batch is None else space.batch
    for code in np.unique(batch):
        rows = order[batch[order] == code]
        found[rows] = rng.permutation(space.label[rows])
    return found


def by_chance(space: Space, references: np.ndarray, split: Split) -> dict[int, float]:
    """AUROC of each type with shuffled labels, mean over references; of the types that can be asked for.

    References are boolean, of shape (n_references, n_cells).
    """
    label, found = shuffled(space), {}
    for reference in references:
        asked = {}
        for t in range(len(space.names)):
            hidden, known = split(label, t, reference)
            if hidden.any() and known.any() and (label[reference] != t).sum() >= K:
                asked[t] = hidden, hidden | known
        if not asked:
            continue
        rows = np.flatnonzero(np.any([ranked for _, ranked in asked.values()], axis=0))
        near = nearest_of_each_label(space.X, label, reference[None], rows=rows)[0]
        for t, (hidden, ranked) in asked.items():
            statistic = auroc(novelty(near[ranked[rows]], t), hidden[ranked])
            found.setdefault(t, []).append(float(statistic(np.ones((ranked.sum(), 1)))[0]))
    return {t: float(np.mean(values)) for t, values in found.items()}
