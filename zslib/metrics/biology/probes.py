"""Whether a simple classifier tells the cell types of batches that it has not seen."""

import numpy as np

from zslib.core.stats import Statistic
from zslib.metrics import probe
from zslib.metrics.anchors import every_cell
from zslib.metrics.card import MetricCard
from zslib.metrics.registry import metric
from zslib.metrics.space import Space


@metric(
    MetricCard(
        name="knn_probe",
        title="kNN probe",
        family="biology",
        range=(0.0, 1.0),
        better="higher",
        formula="mean over types of F1, each cell given the most frequent label of its 15 nearest cells in other batches",
        reading=(
            "Whether a reference of other batches would annotate a new one. Whole batches are held out, in up to "
            "five folds; where there is one batch, folds are stratified by type instead, and the number is higher "
            "for it. Every type counts the same, however rare; types found in a single fold are left out."
        ),
        fooled_by=(
            "A rare type with fewer than eight cells in the other batches can hardly win a vote of 15. Where "
            "batches differ in their types, what is left out changes what is measured. A stratified score (one "
            "batch) does not compare with a grouped one."
        ),
        reference="Cover and Hart, IEEE Transactions on Information Theory 13:21 (1967), doi:10.1109/TIT.1967.1053964",
    ),
    pairs=("other",),
)
def knn_probe(space: Space) -> Statistic:
    """Macro-F1 of the most frequent type of the 15 nearest cells in other folds; of equally many the nearest's."""
    found, rows = vote(space.label[space.geometry("other").other_indices]), space.anchors.rows
    return probe.macro_f1(space.label[rows], found, space.fold[rows], space.anchors)


@metric(
    MetricCard(
        name="linear_probe",
        title="Linear probe",
        family="biology",
        range=(0.0, 1.0),
        better="higher",
        formula="mean over types of F1 of a logistic regression (C = 1) on the embedding, tested on held-out batches",
        reading=(
            "Whether the types can be read off the embedding by weighing its dimensions. High where clusters are "
            "poor says that the information is there, but not in what distances show. Folds are those of the kNN "
            "probe: whole batches, or stratified by type where there is one."
        ),
        fooled_by=(
            "Dimensions: with thousands of them a regression finds a way between almost any groups, so 2,000 "
            "genes do well and the pca50 space is the fair comparison. It is taught with labels, so it says what "
            "could be found by one who knows the types, not what a biologist would discover. Its penalty weighs "
            "more the fewer the cells."
        ),
        reference="Alain and Bengio (2016), doi:10.48550/arXiv.1610.01644",
    )
)
def linear_probe(space: Space) -> Statistic:
    """Macro-F1 of a logistic regression that has learned from the other folds.

    The regression is that of ``sklearn.linear_model.LogisticRegression(C=1)`` on the embedding centered and divided
    by one number, which leaves the result as it is when the embedding is turned or scaled.
    """
    found = probe.held_out(space.X, space.label, space.fold, space.order, device=space.device)
    return probe.macro_f1(space.label, found, space.fold, every_cell(len(found)))


def vote(classes: np.ndarray) -> np.ndarray:
    """The most frequent class of each row of shape (n_cells, k), of several the one that comes first in the row."""
    votes = np.zeros(classes.shape, dtype=np.int64)
    for column in classes.T:
        votes += classes == column[:, None]
    return classes[np.arange(len(classes)), votes.argmax(axis=1)]
