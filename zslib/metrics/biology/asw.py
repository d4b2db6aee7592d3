"""Whether cells lie nearer to their own type than to the next, and the average of scores that the paper makes with it."""

from zslib.core.stats import Statistic
from zslib.metrics.card import PAPER, SCIB, MetricCard
from zslib.metrics.reduce import mean
from zslib.metrics.registry import average, metric
from zslib.metrics.silhouette import label_influence, label_silhouettes
from zslib.metrics.space import Space

avg_bio = average(
    MetricCard(
        name="avg_bio",
        title="AvgBIO",
        family="biology",
        range=(-1 / 6, 1.0),
        better="higher",
        formula="mean of label ASW, Louvain NMI and Louvain ARI",
        reading=(
            "The paper's summary of how well cell types are kept apart. An embedding without structure does "
            "not score 0 but about 0.17, since its label ASW is 0.5, and somewhat more where clusters share "
            "information with the labels by chance. Read it against the random controls."
        ),
        fooled_by=(
            "All that fools its three parts, and their averaging: ASW moves within a narrow band around 0.5, so "
            "that NMI and ARI, two readings of the same clustering, decide the order."
        ),
        reference=PAPER,
    ),
    "asw_label",
    "nmi_louvain",
    "ari_louvain",
)


@metric(
    MetricCard(
        name="asw_label",
        title="Label ASW",
        family="biology",
        range=(0.0, 1.0),
        better="higher",
        formula="½ (1 + mean of s), for each cell s = (b − a) / max(a, b), a the mean distance to its own type, "
        "b that to the nearest other type",
        reading=(
            "0.5 means no structure: a cell is as far from its own type as from the next. Above it cells are "
            "nearer their own, at 1 every type is a point. Below it they are nearer another type. On real data "
            "even a good embedding seldom exceeds 0.7."
        ),
        fooled_by=(
            "Shape and unstructured variance. It rewards types that are compact and round and marks down a trajectory or a "
            "type in two states. Variance that is noise pulls it toward 0.5 and leaves the neighbors nearly as "
            "they were, so 2,000 genes are at a disadvantage against 50 components of them; compare in "
            "the pca50 space. Networks trained on the labels push it up while "
            "wrecking what lies within a type."
        ),
        reference="Rousseeuw, J. Comput. Appl. Math. 20:53 (1987), doi:10.1016/0377-0427(87)90125-7; " + SCIB,
    ),
    pairs=("labels",),
)
def asw_label(space: Space) -> Statistic:
    """(Mean silhouette of all cells + 1) / 2, as ``scib.me.silhouette``; a type of one cell counts as 0 before that."""
    found = space.geometry("labels")
    influence = label_influence(space.X, found, weight=space.anchors.weight, device=space.device)
    if space.exact:
        return mean((label_silhouettes(found) + influence + 1) / 2)
    own, of_others = space.anchors.on(mean((label_silhouettes(found) + 1) / 2)), mean(influence / 2)
    return lambda weights: own(weights) + of_others(weights)
