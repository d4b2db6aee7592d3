"""How well the clusters of the neighbor graph agree with the cell types: NMI and ARI, at resolutions chosen in four ways."""

from collections.abc import Callable

import numpy as np

from zslib.core.stats import Statistic
from zslib.metrics.agreement import contingency, table_ari, table_nmi
from zslib.metrics.card import LEIDEN, PAPER, SCIB, MetricCard
from zslib.metrics.registry import metric
from zslib.metrics.resolution import clusters, sweep
from zslib.metrics.space import Space

LOUVAIN = "Blondel et al., J. Stat. Mech. P10008 (2008), doi:10.1088/1742-5468/2008/10/P10008"
RAND = "Hubert and Arabie, Journal of Classification 2:193 (1985), doi:10.1007/BF01908075"
INFORMATION = "Vinh et al., Journal of Machine Learning Research 11:2837 (2010)"
NMI_FORMULA = "I(L, C) / ½(H(L) + H(C)): the information L and C share, by their mean entropy"
ARI_FORMULA = "(R − E[R]) / (max R − E[R]), R the pairs of cells put together by labels and clusters"
ORACLE = (
    "The resolution is chosen by looking at the labels, which nobody has in discovery: the score is what an "
    "oracle would reach. It rests on the granularity of the annotation; an embedding that splits a type "
    "into true subtypes is marked down. "
)
WAYS = {
    "fixed": "Leiden at the usual resolution of 1",
    "matched": "as many Leiden clusters as there are labels, or as near to it as can be reached",
    "stable": "Leiden at the finest resolution whose clusters stay when cells are left out",
}


def agreement(
    space: Space, found: np.ndarray, compare: Callable[[np.ndarray], np.ndarray]
) -> list[Statistic]:
    """Agreement with the labels as a function of cell weights, for each clustering of shape (n_repeats, n_cells)."""
    return [lambda weights, codes=codes: compare(contingency(weights, space.label, codes)) for codes in found]


@metric(
    MetricCard(
        name="nmi_louvain",
        title="NMI (Louvain)",
        family="biology",
        range=(0.0, 1.0),
        better="higher",
        formula=NMI_FORMULA
        + "; labels L, Louvain clusters C at the resolution with the highest NMI, mean of repeated runs",
        reading=(
            "How much the clusters of the neighbor graph say about the labels: 0 nothing, 1 the clusters are "
            "the cell types."
        ),
        fooled_by=ORACLE
        + (
            "It is not corrected for chance: many small clusters, or few cells, raise it above 0 for a random "
            "embedding."
        ),
        reference=f"{INFORMATION}; {LOUVAIN}; {PAPER}",
    )
)
def nmi_louvain(space: Space) -> list[Statistic]:
    """NMI of the Louvain clusters at the resolution of highest NMI."""
    return agreement(space, space.once(sweep, "louvain").clusters, table_nmi)


@metric(
    MetricCard(
        name="ari_louvain",
        title="ARI (Louvain)",
        family="biology",
        range=(-0.5, 1.0),
        better="higher",
        formula=ARI_FORMULA + "; Louvain at the resolution with the highest NMI, mean of repeated runs",
        reading=(
            "Whether pairs of cells are put together by the clusters as by the labels: 0 is chance, 1 the same "
            "partition. It falls quickly when a large type is split."
        ),
        fooled_by=ORACLE
        + (
            "It counts pairs, so the largest types decide and rare ones hardly matter. The resolution is the "
            "best one for NMI, not for ARI."
        ),
        reference=f"{RAND}; {LOUVAIN}; {PAPER}",
    )
)
def ari_louvain(space: Space) -> list[Statistic]:
    """ARI of the Louvain clusters at the resolution of highest NMI."""
    return agreement(space, space.once(sweep, "louvain").clusters, table_ari)


@metric(
    MetricCard(
        name="nmi_leiden",
        title="NMI (Leiden)",
        family="biology",
        range=(0.0, 1.0),
        better="higher",
        formula=NMI_FORMULA
        + "; labels L, Leiden clusters C at the resolution with the highest NMI, mean of repeated runs",
        reading=(
            "As NMI (Louvain), with the clustering most people run today. A difference between methods that "
            "only one of the two shows comes from the clustering and not from the embedding."
        ),
        fooled_by=ORACLE + "It is not corrected for chance.",
        reference=f"{INFORMATION}; {LEIDEN}; {SCIB}",
    )
)
def nmi_leiden(space: Space) -> list[Statistic]:
    """NMI of the Leiden clusters at the resolution of highest NMI."""
    return agreement(space, space.once(sweep, "leiden").clusters, table_nmi)


@metric(
    MetricCard(
        name="ari_leiden",
        title="ARI (Leiden)",
        family="biology",
        range=(-0.5, 1.0),
        better="higher",
        formula=ARI_FORMULA + "; Leiden at the resolution with the highest NMI, mean of repeated runs",
        reading="As ARI (Louvain), with Leiden clusters.",
        fooled_by=ORACLE + "It counts pairs, so the largest types decide.",
        reference=f"{RAND}; {LEIDEN}; {SCIB}",
    )
)
def ari_leiden(space: Space) -> list[Statistic]:
    """ARI of the Leiden clusters at the resolution of highest NMI."""
    return agreement(space, space.once(sweep, "leiden").clusters, table_ari)


@metric(
    MetricCard(
        name="nmi_fixed",
        title="NMI (resolution 1)",
        family="biology",
        range=(0.0, 1.0),
        better="higher",
        formula=f"{NMI_FORMULA}; labels L, clusters C: {WAYS['fixed']}; mean of repeated runs",
        reading=(
            "What one gets who clusters without a thought about resolution. The distance to NMI (Leiden) is what "
            "the oracle gave."
        ),
        fooled_by=(
            "The usual resolution suits some sizes and shapes of data by chance: the more cells, the more "
            "clusters it gives, and an embedding is marked down for types that are cut up. Not corrected for "
            "chance."
        ),
        reference=f"{INFORMATION}; {LEIDEN}",
    )
)
def nmi_fixed(space: Space) -> list[Statistic]:
    """NMI of the Leiden clusters at the usual resolution."""
    return agreement(space, space.once(clusters, "fixed"), table_nmi)


@metric(
    MetricCard(
        name="ari_fixed",
        title="ARI (resolution 1)",
        family="biology",
        range=(-0.5, 1.0),
        better="higher",
        formula=f"{ARI_FORMULA}; {WAYS['fixed']}; mean of repeated runs",
        reading=(
            "As NMI (resolution 1), for pairs of cells: it falls quickly where the usual resolution cuts up a "
            "large type."
        ),
        fooled_by=(
            "Like the oracle ARI it is decided by the largest types; unlike it, also by how the default "
            "resolution happens to suit the number of cells."
        ),
        reference=f"{RAND}; {LEIDEN}",
    )
)
def ari_fixed(space: Space) -> list[Statistic]:
    """ARI of the Leiden clusters at the usual resolution."""
    return agreement(space, space.once(clusters, "fixed"), table_ari)


@metric(
    MetricCard(
        name="nmi_matched",
        title="NMI (matched k)",
        family="biology",
        range=(0.0, 1.0),
        better="higher",
        formula=f"{NMI_FORMULA}; labels L, clusters C: {WAYS['matched']}; mean of repeated runs",
        reading=("What one gets who knows how many types to expect, and nothing else about them."),
        fooled_by=(
            "The number of labels is still a hint from the annotation, and clusters are of like size while types "
            "are not: a large type is split before a rare one is found. Where no resolution gives this number, "
            "the nearest is taken."
        ),
        reference=f"{INFORMATION}; {LEIDEN}",
    )
)
def nmi_matched(space: Space) -> list[Statistic]:
    """NMI of as many Leiden clusters as there are types."""
    return agreement(space, space.once(clusters, "matched"), table_nmi)


@metric(
    MetricCard(
        name="ari_matched",
        title="ARI (matched k)",
        family="biology",
        range=(-0.5, 1.0),
        better="higher",
        formula=f"{ARI_FORMULA}; {WAYS['matched']}; mean of repeated runs",
        reading=("As NMI (matched k), for pairs of cells."),
        fooled_by=(
            "Decided by the largest types: splitting one of them to reach the number of clusters costs most of "
            "the score, whatever happens to the rare ones."
        ),
        reference=f"{RAND}; {LEIDEN}",
    )
)
def ari_matched(space: Space) -> list[Statistic]:
    """ARI of as many Leiden clusters as there are types."""
    return agreement(space, space.once(clusters, "matched"), table_ari)


@metric(
    MetricCard(
        name="nmi_stable",
        title="NMI (stable)",
        family="biology",
        range=(0.0, 1.0),
        better="higher",
        formula=f"{NMI_FORMULA}; labels L, clusters C: {WAYS['stable']}; mean of repeated runs",
        reading=(
            "What one gets who trusts the finest clusters that come back when a part of the cells is left out: "
            "labels have no say in it. It is the most honest of the four for discovery."
        ),
        fooled_by=(
            "Coarse clusters are stable too: an embedding of two far islands may be stable only at two clusters, "
            "and scores low though finer structure is there. How much stability may be given up for fineness is a "
            "convention (0.05 of ARI). Not corrected for chance."
        ),
        reference=f"{INFORMATION}; {LEIDEN}; von Luxburg, Foundations and Trends in Machine Learning 2:235 (2010), doi:10.1561/2200000008",
    )
)
def nmi_stable(space: Space) -> list[Statistic]:
    """NMI of the finest stable Leiden clusters."""
    return agreement(space, space.once(clusters, "stable"), table_nmi)


@metric(
    MetricCard(
        name="ari_stable",
        title="ARI (stable)",
        family="biology",
        range=(-0.5, 1.0),
        better="higher",
        formula=f"{ARI_FORMULA}; {WAYS['stable']}; mean of repeated runs",
        reading=("As NMI (stable), for pairs of cells."),
        fooled_by=(
            "Coarse clusters are the most stable, so it may compare two or three clusters with many types. "
            "Decided by the largest types."
        ),
        reference=f"{RAND}; {LEIDEN}; von Luxburg, Foundations and Trends in Machine Learning 2:235 (2010), doi:10.1561/2200000008",
    )
)
def ari_stable(space: Space) -> list[Statistic]:
    """ARI of the finest stable Leiden clusters."""
    return agreement(space, space.once(clusters, "stable"), table_ari)
