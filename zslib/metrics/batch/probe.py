"""Whether a simple classifier tells the batches apart."""

import numpy as np

from zslib.core.stats import Statistic, widened
from zslib.metrics import probe
from zslib.metrics.card import MetricCard
from zslib.metrics.registry import metric
from zslib.metrics.space import Space


@metric(
    MetricCard(
        name="batch_probe",
        title="Batch probe",
        family="batch",
        range=(0.0, 1.0),
        better="lower",
        formula="mean over batches of the share of their cells that a logistic regression (C = 1) recognizes, tested on held-out cells",
        reading=(
            "How well the batch can be read off the embedding: one over the number of batches is a guess, 1 is "
            "every cell. Lower is better mixed. It often stays near 1 when neighborhoods are mixed: then the "
            "batch is still in the embedding, out of sight of distances."
        ),
        fooled_by=(
            "Where batches differ in their cell types, knowing the type gives the batch away, and a perfect "
            "embedding scores above chance. With thousands of dimensions a regression finds the batch almost "
            "always. A biological difference between batches counts as their mark."
        ),
        reference="Alain and Bengio (2016), doi:10.48550/arXiv.1610.01644",
    )
)
def batch_probe(space: Space) -> Statistic:
    """Balanced accuracy of a logistic regression on batch, tested on held-out cells of every type and batch."""
    batch = space.batches
    fold = probe.stratified_folds(space.strata, space.order, seed=space.seed)
    found = probe.held_out(space.X, batch, fold, space.order, device=space.device)

    def recall(weights: np.ndarray) -> np.ndarray:
        tables = probe.confusion(weights, batch, found, int(batch.max()) + 1)
        there, right = tables.sum(axis=2), np.diagonal(tables, axis1=1, axis2=2)
        # A batch of a few cells may be missing from a resample.
        return np.mean(right / np.maximum(there, 1e-300), axis=1, where=there > 0)

    return widened(recall, probe.luck_of_learning(fold))
