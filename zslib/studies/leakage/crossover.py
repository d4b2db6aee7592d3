"""Does having seen a dataset help? Two models, two datasets, each model has seen one of them.

That one model scores higher than another, or on one dataset higher than on another, says nothing. But if
having seen a dataset helps, then each of two models must do relatively better on its own. Half the
difference of the differences is that advantage, free of what is better about a model or easier about a
dataset as such.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from zslib import methods, metrics
from zslib.core import stats, store
from zslib.core.errors import DataError
from zslib.datasets import prepare
from zslib.results import Run
from zslib.results.report.words import minus

PARTS = {
    "kang": ("kang", None),
    "baron": ("baron", None),
    "kang, controls": ("pbmc-studies", ("kang-ctrl",)),
    "pbmc3k": ("pbmc-studies", ("pbmc3k",)),
}
"""Cells that just one of the two corpora holds: name → dataset of the grid, and its batches, or all."""
PAIRS = (("kang", "baron"), ("kang, controls", "pbmc3k"))
"""Parts that are compared: the first was seen by the models of ``kang``, the second by those of ``pbmc-baron``."""
CORPORA = ("kang", "pbmc-baron")


class Score(NamedTuple):
    """One score of one model on one part, with its bootstrap replicates."""

    value: float
    replicates: np.ndarray
    """Shape (n_boot,); the same resamples for every model on the part."""


def select(adata, batches: Sequence[str] | None) -> np.ndarray:
    """Rows of the cells of some batches, which must be there; all of them if None."""
    batch = adata.obs["batch"].astype(str).to_numpy()
    if batches is None:
        return np.arange(len(batch))
    if missing := set(batches) - set(batch):
        raise DataError(
            f"There is no batch {', '.join(sorted(missing))}; there are {', '.join(sorted(set(batch)))}."
        )
    return np.flatnonzero(np.isin(batch, batches))


def score(embedding: np.ndarray, label, *, metric: str = "avg_bio", n_boot: int = 500, device="cpu") -> Score:
    """Score the embedding of some cells, (n_cells, n_dims), in its own space; label is the type of each."""
    given = {"only": [metric], "spaces": ["native"], "n_boot": n_boot, "device": device}
    found = metrics.score(embedding, label, **given)
    return Score(value=float(found.table["value"].item()), replicates=found.replicates.iloc[:, 0].to_numpy())


def advantage(scores: Mapping[tuple[str, str], Score], first: str, second: str) -> stats.Difference:
    """How much better a model does for having seen the data.

    Parameters
    ----------
    scores
        By corpus and part, of the models of one architecture.
    first, second
        Parts that the models of the first and of the second of :data:`CORPORA` have seen.

    Returns
    -------
    Half the sum of both models' leads on what they have seen, with its 95 % interval. Positive: having
    seen it helps. The interval is that of the cells and the clustering, not of training anew.
    """
    a, b = CORPORA
    leads = [(scores[a, first], scores[b, first]), (scores[b, second], scores[a, second])]
    value = sum(seen.value - unseen.value for seen, unseen in leads) / 2
    # The two parts are different cells: their resamples are paired within a part and not across.
    seen, unseen = (
        sum(np.roll(pair[side].replicates, shift) for pair, shift in zip(leads, (0, 1), strict=True)) / 2
        for side in (0, 1)
    )
    return stats.paired_difference(seen, unseen, estimate=value)


def table(scores: Mapping[tuple[str, str, str], Score]) -> pd.DataFrame:
    """Scores as a table: architecture, part, corpus, seen, value, ci_low, ci_high."""
    own = dict(pair for parts in PAIRS for pair in zip(parts, CORPORA, strict=True))
    rows = [
        (architecture, part, corpus, own[part] == corpus, score.value, *stats.interval(score.replicates))
        for (architecture, corpus, part), score in scores.items()
    ]
    columns = ["architecture", "part", "corpus", "seen", "value", "ci_low", "ci_high"]
    return pd.DataFrame(rows, columns=columns)


def advantages(scores: Mapping[tuple[str, str, str], Score]) -> pd.DataFrame:
    """Advantages of having seen the data: architecture, first, second, value, ci_low, ci_high."""
    rows = []
    for architecture in dict.fromkeys(key[0] for key in scores):
        own = {key[1:]: score for key, score in scores.items() if key[0] == architecture}
        for pair in PAIRS:
            if {(corpus, part) for corpus in CORPORA for part in pair} <= own.keys():
                found = advantage(own, *pair)
                rows.append((architecture, *pair, float(found.estimate), found.low, found.high))
    return pd.DataFrame(rows, columns=["architecture", "first", "second", "value", "ci_low", "ci_high"])


def of_grid(grid, *, metric: str = "avg_bio") -> dict[tuple[str, str, str], Score]:
    """Score the small models of a grid on every part: architecture, corpus, part → score.

    Models or datasets that are not in the grid, or did not run, are left out.
    """
    cards = [methods.card(name) for name in sorted(set(methods.names()) & set(grid.methods))]
    small = [card for card in cards if card.corpus in CORPORA and card.variant == "trained"]
    scores = {}
    for part, (dataset, batches) in PARTS.items():
        if dataset not in grid.datasets:
            continue
        adata = prepare.read(store.prepared_path(grid.results, dataset))
        rows = select(adata, batches)
        label = adata.obs["label"].astype(str).to_numpy()[rows]
        for card in small:
            run = Run(grid.results, dataset, card.name, grid.seeds[0])
            if run.ok:
                scores[card.architecture, card.corpus, part] = score(
                    run.embedding[rows], label, metric=metric, n_boot=grid.n_boot, device=grid.device
                )
    return scores


def verdict(found: pd.DataFrame) -> str:
    """Say in a sentence for each architecture whether having seen the data helped, from :func:`advantages`."""
    if found.empty:
        return "The small models, or the datasets that tell them apart, are not in this build."
    said = []
    for row in found.itertuples():
        told = (
            "helps"
            if row.ci_low > 0
            else "hurts"
            if row.ci_high < 0
            else "makes no difference that these cells show"
        )
        said.append(
            f"Between {row.first} and {row.second}, having seen the data {told} for the two {row.architecture}-minis: "
            f"{row.value:+.3f} [{row.ci_low:+.3f}, {row.ci_high:+.3f}]."
        )
    return minus("\n".join(f"- {sentence}" for sentence in said))
