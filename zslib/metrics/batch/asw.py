"""Whether cells lie as near to other batches as to their own, and the average of scores that the paper makes with it."""

import numpy as np

from zslib.core.errors import NotApplicable
from zslib.core.stats import Statistic
from zslib.metrics.card import PAPER, SCIB, MetricCard
from zslib.metrics.projection import unit
from zslib.metrics.reduce import mean_of_labels
from zslib.metrics.registry import average, metric
from zslib.metrics.silhouette import UNMIXED, batch_silhouettes
from zslib.metrics.space import Space

avg_batch = average(
    MetricCard(
        name="avg_batch",
        title="Average batch score",
        family="batch",
        range=(0.0, 1.0),
        better="higher",
        formula="mean of the PCR comparison and batch ASW",
        reading=(
            "The paper's summary of how well batches are mixed. Between about 0.4 and 0.5 it often says one "
            "thing: a PCR comparison clipped at 0 beside a batch ASW near its ceiling. Other papers give the "
            "same name to the mean of batch ASW and graph connectivity; the numbers do not compare."
        ),
        fooled_by=(
            "An embedding without any information is well mixed. It means nothing without a biology score "
            "beside it. Half of it is batch ASW, which noise alone carries toward 1."
        ),
        reference=PAPER,
    ),
    "pcr_comparison",
    "asw_batch",
)


@metric(
    MetricCard(
        name="asw_batch",
        title="Batch ASW",
        family="batch",
        range=(0.0, 1.0),
        better="higher",
        formula="mean over types of the mean over their cells of 1 − |s|, s the silhouette by batch among the cells "
        "of the type",
        reading=(
            "1 if, within each cell type, a cell is as far from its own batch as from the nearest other one; "
            "lower the further the batches lie apart. Types found in a single batch are left out. Every type "
            "counts the same, however rare."
        ),
        fooled_by=(
            "Unstructured variance, above all. Noise spread over many dimensions makes all distances alike and "
            "the score goes to 1 whatever the mixing: 2,000 genes look integrated because much of their variance "
            "is noise. It also asks for the nearest other batch only, so that two replicates hide a gulf between "
            "technologies."
        ),
        reference=f"{SCIB}; Rautenstrauch and Ohler, Nature Biotechnology (2025), doi:10.1038/s41587-025-02743-4",
    ),
    pairs=("labels", "batches"),
)
def asw_batch(space: Space) -> Statistic:
    """Mean over types of 1 − abs(silhouette by batch), as ``scib.me.silhouette_batch``.

    A type that lies in one batch only, or in as many batches as it has cells, is left out.
    """
    _ = space.batches
    widths = batch_silhouettes(space.geometry("labels", "batches"))
    label = space.label[space.anchors.rows]
    return space.anchors.on(mean_of_labels(1 - np.abs(widths), label, ~np.isnan(widths)))


@metric(
    MetricCard(
        name="bras",
        title="BRAS",
        family="batch",
        range=(0.0, 1.0),
        better="higher",
        formula="as batch ASW, with cosine distances, and the mean distance to all other batches in place of the nearest",
        reading=(
            "1 if, within each type, a cell is as near to all other batches together as to its own. Replicates "
            "that mix cannot hide a gulf between technologies, which batch ASW does not see. Types found in a "
            "single batch are left out."
        ),
        fooled_by=(
            "Like every silhouette it goes to 1 with unstructured variance. Cosine distances are seen from the "
            "origin: an embedding far from it (high anisotropy) scores near what its small angles allow, and "
            "centering changes the number, as the components of the pca50 space do."
        ),
        reference="Rautenstrauch and Ohler, Nature Biotechnology (2025), doi:10.1038/s41587-025-02743-4",
    )
)
def bras(space: Space) -> Statistic:
    """Batch ASW by cosine distances to all other batches, as ``scib_metrics.bras``."""
    label, batch = space.label, space.batches
    widths = np.full(len(label), np.nan)
    for code in range(label.max() + 1):
        cells = np.flatnonzero(label == code)
        names, of = np.unique(batch[cells], return_inverse=True)
        if not 1 < len(names) < len(cells):
            continue
        sizes, own = np.bincount(of), unit(space.X[cells])
        # Cosine distance is 1 − u·v, so that a sum over a batch needs only the sum of its vectors.
        totals = np.stack([own[of == name].sum(axis=0) for name in range(len(names))])
        to_batches = sizes - own @ totals.T
        within = to_batches[np.arange(len(cells)), of]
        others = (to_batches.sum(axis=1) - within) / (len(cells) - sizes[of])
        alone = sizes[of] == 1
        within = np.maximum(within, 0) / np.maximum(sizes[of] - 1, 1)
        larger = np.maximum(within, others)
        far = larger > 4 * np.finfo(float).eps  # else all these cells coincide
        widths[cells] = np.where(alone | ~far, 0, (others - within) / np.where(far, larger, 1))
    if np.isnan(widths).all():
        raise NotApplicable(UNMIXED)
    return mean_of_labels(1 - np.abs(widths), label, ~np.isnan(widths))
