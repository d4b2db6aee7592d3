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
from zslib.studies.leakage.crossover import score

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


@dataclass(frozen=True, eq=False)
class Learned:
    """What was found."""

    table: pd.DataFrame
    """One row a step and what was measured: the ``objective`` (loss on held-out cells of the corpus, lower is better;
    dataset is empty), and ``avg_bio`` of each dataset (higher is better). ``gain`` is how much better that is than at
    the first step, positive if it is, paired. Intervals are of the cells, 95 %."""
    about: dict
    """``settings``, ``corpus`` (names of datasets) and ``refused`` (dataset → reason); empty where nothing was trained."""


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
    trained, kept = _train(settings, device)
    cells, refused = {}, {}
    for dataset in datasets:
        try:
            cells[dataset] = _cells(results, dataset, trained.corpus.genes, settings.n_cells)
        except NotApplicable as error:
            refused[dataset] = str(error)
    found: dict[tuple[str, str], list] = {}
    for network in kept.values():
        losses = evaluate(network, trained, settings.seed, device=device, most=settings.n_held_out)["loss"]
        weights = stats.bootstrap_weights(np.zeros(len(losses), int), settings.n_boot, seed=settings.seed)
        again = np.concatenate([losses @ some / len(losses) for some in weights])
        found.setdefault(("", OBJECTIVE), []).append((losses.mean(), again))
        for dataset, adata in cells.items():
            score = _embedded(network, trained, adata, settings, device)
            found.setdefault((dataset, "avg_bio"), []).append((score.value, score.replicates))
    table = pd.concat([_rows(*key, settings.steps, each) for key, each in found.items()], ignore_index=True)
    corpus = [source["name"] for source in trained.corpus.sources]
    return Learned(table, {"settings": asdict(settings), "corpus": corpus, "refused": refused})


def nothing() -> Learned:
    """What there is where nothing was trained: a table without rows."""
    return Learned(pd.DataFrame(columns=COLUMNS), {})


def write(results: str | Path, learned: Learned) -> None:
    """Write what was found."""
    store.write_json(Path(results) / "learning.json", learned.about)
    # Last, since its presence says that both are there.
    store.write_table(Path(results) / "learning.parquet", learned.table)


def read(results: str | Path) -> Learned:
    """Read what was found; without rows where nothing was trained."""
    path = Path(results) / "learning.parquet"
    if not path.exists():
        return nothing()
    return Learned(pd.read_parquet(path), json.loads(path.with_suffix(".json").read_text()))


def _train(settings: Settings, device):
    """The objective, and a copy of the network at each step."""
    last = settings.steps[-1]
    schedule = Schedule(
        steps=last,
        batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        evaluate_every=last,
        evaluate_cells=settings.n_held_out,
        seed=settings.seed,
    )
    recipe = Recipe(
        architecture=settings.architecture,
        corpus=tuple(settings.corpus),
        max_length=settings.window,
        schedule=schedule,
    )
    objective, kept = recipe.objective(recipe.gather()), {}

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


def _embedded(network, objective, adata, settings: Settings, device):
    """Score the embedding of a dataset's cells."""
    cells = frozen.in_memory(adata)
    symbols = replace(cells, var=cells.var[["symbol"]])
    how = {"max_length": settings.window, "seed": settings.seed} | ALL_GENES.get(settings.architecture, {})
    make = ARCHITECTURES[settings.architecture].frozen
    model = make(network, objective.dictionary, symbols, "learning", **how)
    embedding, _ = frozen.embed(model, cells, device=device)
    label = adata.obs["label"].astype(str).to_numpy()
    common = np.isin(label, [name for name in np.unique(label) if (label == name).sum() > 1])
    return score(np.asarray(embedding)[common], label[common], n_boot=settings.n_boot, device=str(device))


def _rows(dataset: str, what: str, steps: Iterable[int], found: list) -> pd.DataFrame:
    first, rows = found[0], []
    sign = -1 if what == OBJECTIVE else 1
    for step, (value, again) in zip(steps, found, strict=True):
        gain = stats.paired_difference(sign * again, sign * first[1], estimate=sign * (value - first[0]))
        ends = float(gain.estimate), float(gain.low), float(gain.high)
        rows.append((step, dataset, what, float(value), *map(float, stats.interval(again)), *ends))
    return pd.DataFrame(rows, columns=COLUMNS)
