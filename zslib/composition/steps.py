"""The experiment in the pieces that the grid runs: the subsets, then each model by itself."""

from zslib import prepare
from zslib.composition import cells, experiment, results
from zslib.composition.settings import Settings
from zslib.device import keep_threads, pick_device

N_COMPS = 20
"""Principal components in which cells are sketched and their likeness is measured."""


def subsets(folder: str, settings: Settings) -> str:
    """Load the cells, order them by every scheme, and measure the diversity of the subsets; say what was done."""
    corpus, targets = cells.load(settings)
    pcs = prepare.pca(prepare.log_normalize(corpus.counts[corpus.train]), N_COMPS)
    found = experiment.orders(settings, corpus, pcs)
    diversity = experiment.diversity(settings, corpus, pcs, found)
    results.write_cells(folder, corpus, targets)
    results.write_subsets(folder, found, diversity)
    return f"{len(corpus.train)} cells to pre-train on"


def train(folder: str, model: str, settings: Settings, device: str) -> str:
    """Pre-train a model on every subset, score it, and say what was done."""
    keep_threads()
    corpus, targets = results.read_cells(folder, settings)
    found = results.read_orders(folder)
    scores = experiment.run(model, settings, corpus, targets, found, device=pick_device(device))
    results.write_scores(folder, model, scores)
    return f"{len(experiment.plan(settings, len(corpus.train)))} subsets"
