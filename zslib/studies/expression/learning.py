"""Does a network embed better as it learns? One small network, looked at while it is trained.

At some steps of its pre-training the weights are kept, and both are measured with them: how well the network does
on its objective, on cells that it is never trained on, and how well its embedding keeps cell types apart.

.. code-block:: text

    results/learning.parquet   step, dataset, what, value, ci_low, ci_high, gain, gain_low, gain_high
    results/learning.json      settings, names of the datasets of the corpus, and why embeddings of others were not scored
"""

import copy
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from zslib import frozen
from zslib.core import stats, store
from zslib.core.device import keep_threads
from zslib.core.errors import DataError, NotApplicable
from zslib.datasets import prepare
from zslib.frozen.architectures import ARCHITECTURES
from zslib.frozen.model import LEAST_KNOWN
from zslib.frozen.pretrain.recipe import Recipe
from zslib.frozen.pretrain.training import Schedule, evaluate, train
from zslib.studies.leakage.crossover import Score, score

OBJECTIVE = "objective"
ALL_GENES = {"scgpt": {"recipe": "authors"}}
"""Options with which an architecture reads every gene that it has a token for."""
COLUMNS = ["step", "dataset", "what", "value", "ci_low", "ci_high", "gain", "gain_low", "gain_high"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What is trained and when it is looked at. The defaults are those of the default profile, a minute or two."""

    corpus: tuple[str, ...] = ()
    """Datasets to train on, as for ``zslib pretrain``; without any nothing is trained."""
    architecture: str = "geneformer"
    steps: tuple[int, ...] = (0, 25, 100, 400)
    """When to look: 0 is the untrained network, the last one the end."""
    batch_size: int = 16
    learning_rate: float = 3e-3
    window: int = 64
    """Most tokens of a cell."""
    n_held_out: int = 300
    """Most held-out cells whose hidden genes are asked."""
    n_cells: int = 500
    """Most cells of each dataset whose embedding is scored."""
    n_boot: int = 300
    seed: int = 0

    def __post_init__(self):
        steps = list(self.steps)
        if len(steps) < 2 or steps != sorted(set(steps)) or steps[0] < 0:
            raise DataError(f"Steps to look at must be two or more, rising, from 0 on; they are {steps}.")


class Learned(NamedTuple):
    """What was found."""

    table: pd.DataFrame = pd.DataFrame(columns=COLUMNS)
    """One row a step and what was measured: the ``objective`` (loss on held-out cells of the corpus, lower is better;
    dataset is empty), and ``avg_bio`` of each dataset (higher is better). ``gain`` is how much better that is than at
    the first step, positive if it is, paired. Intervals are of the cells, 95 %. No rows where nothing was trained."""
    about: dict = {}  # noqa: RUF012
    """``settings``, ``corpus`` (names of datasets) and ``refused`` (dataset → reason)."""


def measure(results: str | Path, datasets: Iterable[str], settings: Settings, *, device="cpu") -> Learned:
    """Train a network, and measure it at each step.

    Parameters
    ----------
    results
        Where prepared cells lie.
    datasets
        Of which of them embeddings are scored, by AvgBIO in their own space. Whether one can be is decided once.
    settings
        What and when.
    device
        Where to compute.
    """
    keep_threads()
    objective, kept = _train(settings, device)
    cells, refused = {}, {}
    for dataset in datasets:
        try:
            cells[dataset] = _cells(results, dataset, objective.corpus.genes, settings.n_cells)
        except NotApplicable as error:
            refused[dataset] = str(error)
    found: dict[tuple[str, str], list] = {}
    for network in kept.values():
        losses = evaluate(network, objective, settings.seed, device=device, most=settings.n_held_out)["loss"]
        weights = stats.bootstrap_weights(np.zeros(len(losses), int), settings.n_boot, seed=settings.seed)
        again = np.concatenate([losses @ some / len(losses) for some in weights])
        found.setdefault(("", OBJECTIVE), []).append((losses.mean(), again))
        for dataset, adata in cells.items():
            scored = _embedded(network, objective, adata, settings, device)
            found.setdefault((dataset, "avg_bio"), []).append(scored)
    rows = [
        (step, *key, *_numbers(key[1], *look, *looks[0]))
        for key, looks in found.items()
        for step, look in zip(kept, looks, strict=True)
    ]
    corpus = [source["name"] for source in objective.corpus.sources]
    about = {"settings": asdict(settings), "corpus": corpus, "refused": refused}
    return Learned(pd.DataFrame(rows, columns=COLUMNS), about)


def write(results: str | Path, learned: Learned) -> None:
    """Write what was found."""
    store.write_json(Path(results) / "learning.json", learned.about)
    # Last, since its presence says that both are there.
    store.write_table(Path(results) / "learning.parquet", learned.table)


def read(results: str | Path) -> Learned:
    """Read what was found; without rows where nothing was trained."""
    path = Path(results) / "learning.parquet"
    if not path.exists():
        return Learned()
    return Learned(pd.read_parquet(path), json.loads(path.with_suffix(".json").read_text()))


def _train(settings: Settings, device):
    """The objective, and a copy of the network at each step."""
    last, kept = settings.steps[-1], {}
    schedule = Schedule(
        steps=last,
        batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        evaluate_every=last,
        evaluate_cells=settings.n_held_out,
        seed=settings.seed,
    )
    what = {"architecture": settings.architecture, "corpus": tuple(settings.corpus)}
    recipe = Recipe(**what, max_length=settings.window, schedule=schedule)
    objective = recipe.objective(recipe.gather())

    def keep(step: int, network) -> None:
        kept[step] = copy.deepcopy(network).cpu().eval()

    train(recipe.network(objective), objective, schedule, device=device, keep_at=settings.steps, keep=keep)
    return objective, kept


def _cells(results, dataset: str, genes: Iterable[str], n_cells: int):
    """The cells of a dataset whose embedding is scored, with the genes that the network knows."""
    adata = prepare.read(store.prepared_path(results, dataset))[:n_cells]
    known = adata.var["symbol"].isin(genes).to_numpy()
    if known.mean() < LEAST_KNOWN:
        raise NotApplicable(
            f"Of its {len(known):,} genes the corpus has {known.sum():,}; {LEAST_KNOWN:.0%} of them are asked for."
        )
    return adata[:, known]


def _embedded(network, objective, adata, settings: Settings, device) -> Score:
    """Score the embedding of a dataset's cells; types of one cell are left out."""
    cells = frozen.in_memory(adata)
    symbols = replace(cells, var=cells.var[["symbol"]])
    how = {"max_length": settings.window, "seed": settings.seed} | ALL_GENES.get(settings.architecture, {})
    make = ARCHITECTURES[settings.architecture].frozen
    model = make(network, objective.dictionary, symbols, "learning", **how)
    embedding, _ = frozen.embed(model, cells, device=device)
    label = adata.obs["label"].astype(str)
    common = (label.map(label.value_counts()) > 1).to_numpy()
    label = label.to_numpy()[common]
    return score(np.asarray(embedding)[common], label, n_boot=settings.n_boot, device=str(device))


def _numbers(what: str, value, again, first, again_first) -> tuple[float, ...]:
    """A value with its interval, and how much better it is than the first one, with the interval of that."""
    sign = -1 if what == OBJECTIVE else 1
    gain = stats.paired_difference(sign * again, sign * again_first, estimate=sign * (value - first))
    return tuple(map(float, (value, *stats.interval(again), gain.estimate, gain.low, gain.high)))
