"""Does having seen a dataset help? Two models, two datasets, each model has seen one of them.

That one model scores higher than another, or on one dataset higher than on another, says nothing. If having seen
a dataset helps, then of two models each must lead on its own. Both leads are asked for one by one: their mean would
be positive where one model has learned little and stands near the floor everywhere. For the same reason both must
be above their untrained twins, and since one training is one draw, several of each must agree.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from zslib import methods, metrics
from zslib.core import stats, store
from zslib.core.errors import DataError
from zslib.datasets import prepare
from zslib.frozen.architectures import ARCHITECTURES
from zslib.results import Run
from zslib.results.report.words import join, minus

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
OWN = {part: corpus for parts in PAIRS for part, corpus in zip(parts, CORPORA, strict=True)}
"""Part → the corpus that holds its cells."""
TRAININGS = 3
"""Trainings on each corpus that must agree before anything is claimed."""
LEAD, TWIN = "lead", "over its twin"


class Score(NamedTuple):
    """One score of one model on one part, with its bootstrap replicates."""

    value: float
    replicates: np.ndarray
    """Shape (n_boot,); the same resamples for every model on the part."""
    n_cells: int


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


def score(embedding: np.ndarray, label, *, n_boot: int = 500, device="cpu") -> Score:
    """AvgBIO of the embedding of some cells, (n_cells, n_dims), in its own space; label is the type of each."""
    given = {"only": ["avg_bio"], "spaces": ["native"], "n_boot": n_boot, "device": device}
    found = metrics.score(embedding, label, **given)
    replicates = found.replicates.iloc[:, 0].to_numpy()
    return Score(value=float(found.table["value"].item()), replicates=replicates, n_cells=len(label))


def table(scores: Mapping[tuple[str, str], Score]) -> pd.DataFrame:
    """Scores of models, and of their untrained twins, as a table.

    Returns
    -------
    Columns model, architecture, variant, corpus, part, seen (whether the model's training held these cells), value,
    ci_low, ci_high, n_cells.
    """
    rows = []
    for (model, part), found in scores.items():
        card = methods.card(model)
        seen = card.variant == "trained" and OWN[part] == card.corpus
        about = model, card.architecture, card.variant, card.corpus, part, seen
        rows.append((*about, found.value, *stats.interval(found.replicates), found.n_cells))
    about = ["model", "architecture", "variant", "corpus", "part", "seen"]
    return pd.DataFrame(rows, columns=[*about, "value", "ci_low", "ci_high", "n_cells"])


def differences(scores: Mapping[tuple[str, str], Score]) -> pd.DataFrame:
    """What a claim that seeing helps would rest on: paired differences on the cells of each part.

    Returns
    -------
    Columns architecture, part, what, model, rival, value, ci_low, ci_high. ``what`` is :data:`LEAD`, of a model that
    has seen the cells over one of its architecture that has not, or :data:`TWIN`, of a model over its untrained twin.
    Intervals hold the draw of the cells and the clustering, and not another training.
    """
    every, rows = table(scores), []
    trained = every[every["variant"] == "trained"]
    for own in trained.itertuples():
        here = trained[(trained["part"] == own.part) & (trained["architecture"] == own.architecture)]
        rivals = [(LEAD, rival) for rival in here.loc[~here["seen"], "model"] if own.seen]
        for what, rival in [*rivals, (TWIN, methods.card(own.model).control)]:
            if (rival, own.part) in scores:
                mine, other = scores[own.model, own.part], scores[rival, own.part]
                found = stats.paired_difference(
                    mine.replicates, other.replicates, estimate=mine.value - other.value
                )
                about = own.architecture, own.part, what, own.model, rival
                rows.append((*about, *map(float, (found.estimate, found.low, found.high))))
    columns = ["architecture", "part", "what", "model", "rival", "value", "ci_low", "ci_high"]
    return pd.DataFrame(rows, columns=columns)


def of_grid(grid) -> dict[tuple[str, str], Score]:
    """Score the small models of a grid and their untrained twins on every part: method and part → score.

    Models or datasets that are not in the grid, or did not run, are left out.
    """
    cards = [methods.card(name) for name in sorted(set(methods.names()) & set(grid.methods))]
    small = [
        card.name for card in cards if card.corpus in CORPORA and card.variant in ("trained", "untrained")
    ]
    scores = {}
    for part, (dataset, batches) in PARTS.items():
        if dataset not in grid.datasets:
            continue
        adata = prepare.read(store.prepared_path(grid.results, dataset))
        rows = select(adata, batches)
        label = adata.obs["label"].astype(str).to_numpy()[rows]
        for name in small:
            run = Run(grid.results, dataset, name, grid.seeds[0])
            if run.ok:
                scores[name, part] = score(run.embedding[rows], label, n_boot=grid.n_boot, device=grid.device)
    return scores


def verdict(found: pd.DataFrame) -> str:
    """Say in a sentence for each architecture whether having seen the data helps, from :func:`differences`.

    It is said to help only if every lead and every difference from a twin is above zero with its whole interval, on
    both parts, for :data:`TRAININGS` trainings on each corpus or more.
    """
    said = []
    for architecture, pair in [(a, p) for a in dict.fromkeys(found["architecture"]) for p in PAIRS]:
        some = found[(found["architecture"] == architecture) & found["part"].isin(pair)]
        leads, twins = (some[some["what"] == what] for what in (LEAD, TWIN))
        if set(leads["part"]) != set(pair):
            continue
        above = [(rows["ci_low"] > 0).sum() for rows in (leads, twins)]
        trained = int(leads.groupby("part")["model"].nunique().min())
        holds = above == [len(leads), len(twins)] and len(twins) and trained >= TRAININGS
        told = f"{'having' if holds else 'whether having'} seen the cells {'**helps**' if holds else 'helps **cannot be told**'}"
        numbers = join(
            [f"{r.value:+.2f} [{r.ci_low:+.2f}, {r.ci_high:+.2f}] on {r.part}" for r in leads.itertuples()]
        )
        said.append(
            f"- {ARCHITECTURES[architecture].TITLE} minis, {join(pair)}: {told}. The lead of one that has seen the cells is {numbers}, "
            f"above zero in {above[0]} of {len(leads)}; {above[1]} of {len(twins)} are above their untrained twins; trainings on "
            f"each corpus: {trained} of {TRAININGS}."
        )
    return minus(
        "\n".join(said) or "The small models, or the datasets that tell them apart, are not in this build."
    )
