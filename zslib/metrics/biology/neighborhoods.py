"""Which cell types a cell has around it."""

from zslib.core.errors import NotApplicable
from zslib.core.stats import Statistic
from zslib.metrics import lisi
from zslib.metrics.card import SCIB, MetricCard
from zslib.metrics.reduce import mean_of_neighbors, median
from zslib.metrics.registry import metric
from zslib.metrics.space import Space


@metric(
    MetricCard(
        name="knn_purity",
        title="kNN purity",
        family="biology",
        range=(0.0, 1.0),
        better="higher",
        formula="mean over cells of the share of their 14 nearest cells with the same label",
        reading=(
            "1 if all neighbors of every cell are of its own type. It looks at the nearest cells only, so shape "
            "and distance of types do not matter, and a type in several places loses nothing."
        ),
        fooled_by=(
            "Composition: neighbors at random already reach the sum of the squared shares of the types, a half "
            "where one type is two thirds of the cells. Common types decide. A batch effect does not lower it, "
            "since types may be pure in each batch by itself."
        ),
        reference="Cover and Hart, IEEE Transactions on Information Theory 13:21 (1967), doi:10.1109/TIT.1967.1053964",
    )
)
def knn_purity(space: Space) -> Statistic:
    """Share of a cell's 14 nearest cells that are of its own type, on average."""
    indices, own = space.near[0], space.label[space.anchors.rows]
    return mean_of_neighbors(indices, space.label[indices] == own[:, None], space.anchors)


@metric(
    MetricCard(
        name="clisi",
        title="cLISI",
        family="biology",
        range=(0.0, 1.0),
        better="higher",
        formula="(n − median LISI) / (n − 1), n types; LISI: the effective number of types among a cell's 90 nearest, near ones weighing more",
        reading=("1 if the neighborhoods of at least half the cells are of one type."),
        fooled_by=(
            "It is a median on a scale of all types, so it stays above 0.9 for most real embeddings and tells "
            "good methods apart badly. Types of fewer than 90 cells cannot be pure and are not seen, being few. "
            "It falls with the number of cells."
        ),
        reference="Korsunsky et al., Nature Methods 16:1289 (2019), doi:10.1038/s41592-019-0619-0; " + SCIB,
    ),
    pairs=("wide",),
)
def clisi(space: Space) -> Statistic:
    """How few cell types a neighborhood effectively holds; as ``scib_metrics.clisi_knn`` of exact neighbors."""
    label, n = space.label, len(space.names)
    if n < 2:
        raise NotApplicable("all cells are of one type, so there is nothing to keep apart")
    values = lisi.lisi(space.neighbor_weights, label[space.geometry("wide").indices])
    return space.anchors.on(median((n - values) / (n - 1)))
