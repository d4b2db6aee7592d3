"""Pre-train one model on every subset, and score it on the held-out studies.

The scores are two that are established, quick, and different in kind. The kNN probe asks whether a cell's
nearest cells of other batches tell its type, as DenAdel et al. ask; the label silhouette asks how far apart
the types lie, and is scaled to be 0.5 where there is no structure, so that its floor is high. Clustering
scores take far longer, and add the luck of the clustering.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from zslib import stats
from zslib.composition.cells import Target, part
from zslib.composition.diversity import shannon, vendi
from zslib.composition.settings import SCHEMES, Settings
from zslib.composition.subsets import order, sizes
from zslib.errors import DataError
from zslib.metrics.cards import CARDS
from zslib.metrics.catalog import RECIPES
from zslib.metrics.checks import check_embedding, encode
from zslib.metrics.space import Reference, Space
from zslib.pretrain.corpus import Corpus

METRICS = ("knn_probe", "asw_label")
"""What is scored; see :data:`zslib.metrics.CARDS`."""
UNTRAINED, CEILING = "untrained", "target itself"
"""Schemes of the floor and of the ceiling."""
COLUMNS = ["model", "scheme", "n_cells", "seed", "target", "metric", "value"]


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of one or more models."""

    table: pd.DataFrame
    """One row a score, columns :data:`COLUMNS`."""
    replicates: np.ndarray
    """The same over resampled cells, the same resamples for all rows of a target; (n_rows, n_boot)."""


@dataclass(frozen=True)
class Training:
    """One model to pre-train."""

    scheme: str
    n_cells: int
    seed: int


def plan(settings: Settings, n_cells: int) -> list[Training]:
    """What to pre-train on the corpus: every size at random, some sizes by the other schemes."""
    found = [Training("uniform", n, seed) for n in sizes(settings.shares, n_cells) for seed in settings.seeds]
    for scheme in list(SCHEMES)[1:]:
        some = sizes(settings.scheme_shares, n_cells)
        found += [Training(scheme, n, seed) for n in some for seed in settings.seeds]
    return found


def orders(settings: Settings, corpus: Corpus, pcs: np.ndarray) -> dict[str, np.ndarray]:
    """Order of the cells by every scheme and seed.

    Parameters
    ----------
    settings
        With the seeds.
    corpus
        Its cells that are not held out are ordered.
    pcs
        Their principal components, shape (n_train, n_comps).

    Returns
    -------
    Rows of `corpus`, by ``scheme seed``, each of shape (n_train,).
    """
    train = corpus.train
    about = {"types": corpus.label[train], "batches": corpus.batch[train], "pcs": pcs}
    return {f"{s} {seed}": train[order(s, seed=seed, **about)] for s in SCHEMES for seed in settings.seeds}


def diversity(
    settings: Settings, corpus: Corpus, pcs: np.ndarray, found: dict[str, np.ndarray]
) -> pd.DataFrame:
    """Diversity of every subset: scheme, n_cells, seed, shannon, vendi, types, batches."""
    at = np.full(len(corpus.label), -1)
    at[corpus.train] = np.arange(len(corpus.train))
    rows = []
    for scheme in SCHEMES:
        for n in sizes(settings.shares, len(corpus.train)):
            for seed in settings.seeds:
                some = found[f"{scheme} {seed}"][:n]
                types, batches = (len(set(part[some])) for part in (corpus.label, corpus.batch))
                measures = shannon(corpus.label[some]), vendi(pcs[at[some]])
                rows.append((scheme, n, seed, *measures, types, batches))
    columns = ["scheme", "n_cells", "seed", "shannon", "vendi", "types", "batches"]
    return pd.DataFrame(rows, columns=columns)


def run(
    model: str,
    settings: Settings,
    corpus: Corpus,
    targets: Sequence[Target],
    found: dict[str, np.ndarray],
    *,
    device="cpu",
) -> Scores:
    """Pre-train a model on every subset, and score it.

    Parameters
    ----------
    model
        One of :data:`zslib.composition.settings.MODELS`.
    settings
        What to train.
    corpus, targets
        From :func:`zslib.composition.cells.load`.
    found
        From :func:`orders`.
    device
        Where to compute.

    Returns
    -------
    Scores, those of the untrained model and of the one trained on the study itself among them.

    Raises
    ------
    DataError
        If a held-out cell has no counts in the genes that a subset expresses.
    """
    from zslib.composition.models import FIT

    fit, rows, replicates = FIT[model], [], []

    def add(training: Training, target: Target, embedding: np.ndarray) -> None:
        for metric, value, again in score(embedding, target, settings.n_boot):
            about = (model, training.scheme, training.n_cells, training.seed, target.name)
            rows.append((*about, metric, value))
            replicates.append(again)

    for training in plan(settings, len(corpus.train)):
        some = part(corpus, found[f"{training.scheme} {training.seed}"][: training.n_cells])
        made = fit(some, _shown(corpus, some, targets), settings, settings.steps, training.seed, device)
        for target, embedding in zip(targets, made, strict=True):
            add(training, target, embedding)
    for scheme, target, seed, embedding in _bounds(fit, settings, corpus, targets, device):
        add(Training(scheme, 0 if scheme == UNTRAINED else len(target.label), seed), target, embedding)
    return Scores(pd.DataFrame(rows, columns=COLUMNS), np.array(replicates))


def _bounds(fit: Callable, settings: Settings, corpus: Corpus, targets, device) -> Iterator[tuple]:
    """The untrained model, and the one trained on the study itself."""
    # Vocabulary and medians of the floor are the corpus's, as a trained model's are: the gain is training alone.
    whole = part(corpus, corpus.train)
    counts = _shown(corpus, whole, targets)
    for seed in settings.seeds:
        made = fit(whole, counts, settings, 0, seed, device)
        for target, embedding in zip(targets, made, strict=True):
            yield UNTRAINED, target, seed, embedding
    for target in targets:
        own = target.corpus(corpus.genes)
        own = part(own, own.train)
        for seed in settings.seeds:
            (embedding,) = fit(own, _shown(corpus, own, [target]), settings, settings.steps, seed, device)
            yield CEILING, target, seed, embedding


def _shown(corpus: Corpus, some: Corpus, targets: Sequence[Target]) -> list[sparse.csr_matrix]:
    """Counts of the held-out cells in the genes that a part of the corpus expresses."""
    columns = np.flatnonzero(np.isin(corpus.genes, some.genes))
    found = [target.counts[:, columns] for target in targets]
    for target, counts in zip(targets, found, strict=True):
        if n := int((counts.sum(axis=1) == 0).sum()):
            raise DataError(
                f"{n} cells of {target.name} have no counts in the {len(columns)} genes that {len(some.train)} cells of "
                "the corpus express; ask for larger shares."
            )
    return found


def score(embedding: np.ndarray, target: Target, n_boot: int) -> Iterator[tuple[str, float, np.ndarray]]:
    """Score an embedding of a held-out study in its own space.

    Parameters
    ----------
    embedding
        Shape (n_cells, n_dims).
    target
        The study.
    n_boot
        Resamples of its cells, within types.

    Yields
    ------
    Metric, value and replicates of shape (n_boot,).
    """
    X = check_embedding(embedding, len(target.label))
    label, _ = encode(target.label, len(X), "label")
    batch = None if target.batch is None else encode(target.batch, len(X), "batch")[0]
    space = Space(X=X, pcs=X, label=label, batch=batch, reference=Reference(), seed=0, device="cpu")
    statistics = {name: [RECIPES[name](space)] for name in METRICS}
    value = stats.on_all(statistics, len(X))
    again = stats.resample(statistics, stats.bootstrap_weights(label, n_boot, seed=0), n_boot)
    for name in METRICS:
        yield name, value[name], stats.centered(again[name], value[name], within=CARDS[name].range)
