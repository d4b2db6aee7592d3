"""What a reader must know of the measures of discovery: a card each, like those of the metrics."""

from zslib.metrics.cards import MetricCard
from zslib.metrics.discovery.clusters import PURITY, RESOLUTION
from zslib.metrics.discovery.novelty import K
from zslib.metrics.discovery.titration import BACKGROUND

PROTOCOL = (
    "Novelty as detection of what is out of distribution: Theunissen et al., Brief Bioinform bbaf239 (2025)"
)
FROZEN = (
    "A method fitted to these cells saw the hidden type when it was fitted, so it is asked less than a frozen "
    "model is. "
)

_CARDS = (
    MetricCard(
        name="novelty_auroc",
        title="Novelty AUROC",
        family="discovery",
        range=(0.0, 1.0),
        better="higher",
        formula=(
            f"mean over cell types, each hidden in turn, of the chance that a hidden cell has a larger mean distance "
            f"to its {K} nearest reference cells than a held-out cell of a known type has"
        ),
        reading=(
            "0.5 if hidden cells lie no farther from the reference than known ones, 1 if every one of them lies "
            "farther than every known cell. Below 0.5 the unknown type hides among the known."
        ),
        fooled_by=FROZEN
        + (
            "Types that are simply spread out (many genes on, many counts) lie far from everything and look new "
            "even when they are known. Rare types weigh as much as common ones."
        ),
        reference=PROTOCOL,
    ),
    MetricCard(
        name="novelty_auprc",
        title="Novelty AUPRC",
        family="discovery",
        range=(0.0, 1.0),
        better="higher",
        formula="average precision of the same ranking, cells farthest from the reference first; mean over hidden types",
        reading=(
            "How clean the list is that one would look at, from its top. An empty score reaches the share of the "
            "hidden cells among all, which is stated beside it."
        ),
        fooled_by=FROZEN
        + (
            "It rises with the share of hidden cells, so it compares methods on a dataset and never datasets. A few "
            "odd known cells at the top cost much."
        ),
        reference=PROTOCOL,
    ),
    MetricCard(
        name="own_cluster_recall",
        title="Own cluster",
        family="discovery",
        range=(0.0, 1.0),
        better="higher",
        formula=(
            f"mean over cell types of the largest share of its cells in one Leiden cluster (resolution "
            f"{RESOLUTION:g}, labels unseen) of which they are at least {PURITY:.0%}; 0 if there is no such cluster"
        ),
        reading=(
            "1 if every type is a cluster of its own that one would come upon without knowing it. A type that is "
            "split over two pure clusters counts by the larger."
        ),
        fooled_by=FROZEN
        + (
            "The resolution is fixed and favors types of a middling size; true subtypes count as a split type. A "
            "pure cluster must still be noticed and named."
        ),
        reference="This book; Leiden after Traag et al., Scientific Reports 9:5233 (2019), "
        "doi:10.1038/s41598-019-41695-z",
    ),
)

CARDS: dict[str, MetricCard] = {card.name: card for card in _CARDS}
"""Every measure of discovery by its name, in the order of the tables."""

TITRATED = {
    "found_by_distance": (
        "Among the cells farthest from the reference, by the time half of the kept cells are met, no more known "
        f"cells than that are met (of at most {BACKGROUND:,})."
    ),
    "found_by_cluster": (
        f"One Leiden cluster holds at least half of the kept cells, and they are at least {PURITY:.0%} of it "
        f"(among at most {BACKGROUND:,} other cells)."
    ),
}
"""When a type of which only some cells are kept counts as found."""
