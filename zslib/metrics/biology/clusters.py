"""How well the clusters of the neighbor graph agree with the cell types: NMI and ARI, at resolutions chosen in four ways."""

from typing import NamedTuple

from zslib.core.stats import Statistic
from zslib.metrics.agreement import contingency, table_ari, table_nmi
from zslib.metrics.card import LEIDEN, PAPER, SCIB, MetricCard
from zslib.metrics.registry import Metric, metric
from zslib.metrics.resolution import clusters, sweep
from zslib.metrics.space import Space

LOUVAIN = "Blondel et al., J. Stat. Mech. P10008 (2008), doi:10.1088/1742-5468/2008/10/P10008"
STABILITY = "von Luxburg, Foundations and Trends in Machine Learning 2:235 (2010), doi:10.1561/2200000008"
RAND = "Hubert and Arabie, Journal of Classification 2:193 (1985), doi:10.1007/BF01908075"
INFORMATION = "Vinh et al., Journal of Machine Learning Research 11:2837 (2010)"
NMI = "I(L, C) / ½(H(L) + H(C)): the information L and C share, by their mean entropy; labels L, clusters C: "
ARI = "(R − E[R]) / (max R − E[R]), R the pairs of cells put together by labels and clusters; "
ORACLE = (
    "The resolution is chosen by looking at the labels, which nobody has in discovery: the score is what an "
    "oracle would reach. It rests on the granularity of the annotation; an embedding that splits a type "
    "into true subtypes is marked down. "
)
SCORES = {"nmi": (table_nmi, 0.0, NMI, INFORMATION), "ari": (table_ari, -0.5, ARI, RAND)}
"""Function of a table of labels by clusters, least value, formula and reference."""
WAYS = {
    "louvain": ("Louvain", "Louvain at the resolution with the highest NMI", f"{LOUVAIN}; {PAPER}"),
    "leiden": ("Leiden", "Leiden at the resolution with the highest NMI", f"{LEIDEN}; {SCIB}"),
    "fixed": ("resolution 1", "Leiden at the usual resolution of 1", LEIDEN),
    "matched": (
        "matched k",
        "as many Leiden clusters as there are labels, or as near to it as can be reached",
        LEIDEN,
    ),
    "stable": (
        "stable",
        "Leiden at the finest resolution whose clusters stay when cells are left out",
        f"{LEIDEN}; {STABILITY}",
    ),
}
"""Title, in words, and references, of each way to choose the resolution."""


class Words(NamedTuple):
    """What the card of one metric says for itself, see :class:`MetricCard`."""

    reading: str
    fooled_by: str


def agreement(score: str, way: str, words: Words) -> Metric:
    """The metric of one of :data:`SCORES` and one of :data:`WAYS`."""
    compare, least, formula, reference = SCORES[score]
    title, how, references = WAYS[way]

    def statistic(space: Space) -> list[Statistic]:
        oracle = way in ("louvain", "leiden")
        found = space.once(sweep, way).clusters if oracle else space.once(clusters, way)
        return [
            lambda weights, codes=codes: compare(contingency(weights, space.label, codes)) for codes in found
        ]

    statistic.__name__ = f"{score}_{way}"
    statistic.__doc__ = f"{score.upper()} of labels and clusters: {how}."
    card = MetricCard(
        name=f"{score}_{way}",
        title=f"{score.upper()} ({title})",
        family="biology",
        range=(least, 1.0),
        better="higher",
        formula=f"{formula}{how}; mean of repeated runs",
        reference=f"{reference}; {references}",
        **words._asdict(),
    )
    return metric(card)(statistic)


nmi_louvain = agreement(
    "nmi",
    "louvain",
    Words(
        reading=(
            "How much the clusters of the neighbor graph say about the labels: 0 nothing, 1 the clusters are "
            "the cell types."
        ),
        fooled_by=ORACLE
        + (
            "It is not corrected for chance: many small clusters, or few cells, raise it above 0 for a random "
            "embedding."
        ),
    ),
)

ari_louvain = agreement(
    "ari",
    "louvain",
    Words(
        reading=(
            "Whether pairs of cells are put together by the clusters as by the labels: 0 is chance, 1 the same "
            "partition. It falls quickly when a large type is split."
        ),
        fooled_by=ORACLE
        + (
            "It counts pairs, so the largest types decide and rare ones hardly matter. The resolution is the "
            "best one for NMI, not for ARI."
        ),
    ),
)

nmi_leiden = agreement(
    "nmi",
    "leiden",
    Words(
        reading=(
            "As NMI (Louvain), with the clustering most people run today. A difference between methods that "
            "only one of the two shows comes from the clustering and not from the embedding."
        ),
        fooled_by=ORACLE + "It is not corrected for chance.",
    ),
)

ari_leiden = agreement(
    "ari",
    "leiden",
    Words(
        reading="As ARI (Louvain), with Leiden clusters.",
        fooled_by=ORACLE + "It counts pairs, so the largest types decide.",
    ),
)

nmi_fixed = agreement(
    "nmi",
    "fixed",
    Words(
        reading=(
            "What one gets who clusters without a thought about resolution. The distance to NMI (Leiden) is what "
            "the oracle gave."
        ),
        fooled_by=(
            "The usual resolution suits some sizes and shapes of data by chance: the more cells, the more "
            "clusters it gives, and an embedding is marked down for types that are cut up. Not corrected for "
            "chance."
        ),
    ),
)

ari_fixed = agreement(
    "ari",
    "fixed",
    Words(
        reading=(
            "As NMI (resolution 1), for pairs of cells: it falls quickly where the usual resolution cuts up a "
            "large type."
        ),
        fooled_by=(
            "Like the oracle ARI it is decided by the largest types; unlike it, also by how the default "
            "resolution happens to suit the number of cells."
        ),
    ),
)

nmi_matched = agreement(
    "nmi",
    "matched",
    Words(
        reading="What one gets who knows how many types to expect, and nothing else about them.",
        fooled_by=(
            "The number of labels is still a hint from the annotation, and clusters are of like size while types "
            "are not: a large type is split before a rare one is found. Where no resolution gives this number, "
            "the nearest is taken."
        ),
    ),
)

ari_matched = agreement(
    "ari",
    "matched",
    Words(
        reading="As NMI (matched k), for pairs of cells.",
        fooled_by=(
            "Decided by the largest types: splitting one of them to reach the number of clusters costs most of "
            "the score, whatever happens to the rare ones."
        ),
    ),
)

nmi_stable = agreement(
    "nmi",
    "stable",
    Words(
        reading=(
            "What one gets who trusts the finest clusters that come back when a part of the cells is left out: "
            "labels have no say in it. Of the four ways it is the one to read for discovery."
        ),
        fooled_by=(
            "Coarse clusters are stable too: an embedding of two far islands may be stable only at two clusters, "
            "and scores low though finer structure is there. How much stability may be given up for fineness is a "
            "convention (0.05 of ARI). Not corrected for chance."
        ),
    ),
)

ari_stable = agreement(
    "ari",
    "stable",
    Words(
        reading="As NMI (stable), for pairs of cells.",
        fooled_by=(
            "Coarse clusters are the most stable, so it may compare two or three clusters with many types. "
            "Decided by the largest types."
        ),
    ),
)
