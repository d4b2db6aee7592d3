"""What a reader must know of a score before believing it: a card per metric."""

from dataclasses import dataclass
from typing import Literal

SCIB = "Luecken et al., Nature Methods 19:41 (2022), doi:10.1038/s41592-021-01336-8"
PAPER = "Kedzierska et al., Genome Biology 26:101 (2025), doi:10.1186/s13059-025-03574-x"
LOUVAIN = "Blondel et al., J. Stat. Mech. P10008 (2008), doi:10.1088/1742-5468/2008/10/P10008"
LEIDEN = "Traag et al., Scientific Reports 9:5233 (2019), doi:10.1038/s41598-019-41695-z"
RAND = "Hubert and Arabie, Journal of Classification 2:193 (1985), doi:10.1007/BF01908075"
INFORMATION = "Vinh et al., Journal of Machine Learning Research 11:2837 (2010)"

NMI_FORMULA = "I(L, C) / ½(H(L) + H(C)): the information L and C share, by their mean entropy"
ARI_FORMULA = "(R − E[R]) / (max R − E[R]), R the pairs of cells put together by labels and clusters"
ORACLE = (
    "The resolution is chosen by looking at the labels, which nobody has in discovery: the score is what an "
    "oracle would reach. It rests on the granularity of the annotation; an embedding that splits a type "
    "into true subtypes is marked down. "
)


@dataclass(frozen=True, kw_only=True)
class MetricCard:
    """A metric's card: it heads the metric's axis in every figure and explains it in the book."""

    name: str
    """As in the tables."""
    title: str
    """As people say it; the label of an axis."""
    family: Literal["biology", "batch", "discovery"]
    range: tuple[float, float]
    """Least and largest possible value."""
    better: Literal["higher", "lower"]
    formula: str
    """The definition in a line of plain text."""
    reading: str
    """How to read the number."""
    fooled_by: str
    """What raises or lowers it without the embedding being better or worse."""
    reference: str


_CARDS = (
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
    ),
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
    ),
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
    ),
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
    ),
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
    MetricCard(
        name="pcr_comparison",
        title="PCR comparison",
        family="batch",
        range=(0.0, 1.0),
        better="higher",
        formula="max(0, (P₀ − P) / P₀), P the share of the variance of up to 50 components that lies between "
        "batches, P₀ the same of the unintegrated data",
        reading=(
            "The part of the batch variance that is gone: 1 all of it, 0 none. Unlike the raw PCR that some "
            "tables report, higher is better. It is the same in both spaces, being computed on components."
        ),
        fooled_by=(
            "The clip at 0 hides how much worse than the unintegrated data an embedding is. It takes "
            "differences between batches for technical, so it rewards removing biology where batches differ in "
            "their cell types. Adding variance unrelated to batch raises it. And it knows linear "
            "differences of the means only."
        ),
        reference=f"Büttner et al., Nature Methods 16:43 (2019), doi:10.1038/s41592-018-0254-1; {SCIB}",
    ),
    MetricCard(
        name="graph_connectivity",
        title="Graph connectivity",
        family="batch",
        range=(0.0, 1.0),
        better="higher",
        formula="mean over types of the share of their cells in the largest connected part of the type's subgraph",
        reading=(
            "1 if the cells of each type hang together in the neighbor graph, across batches. A low value says "
            "that types are broken up, by batch or by anything else. It needs no batches."
        ),
        fooled_by=(
            "One bridge of a single edge connects two halves as well as a thousand do, so it stays near 1 on "
            "most real data and tells good methods apart badly. It depends on how many cells there are, and rare "
            "types weigh as much as common ones. Some libraries count directed edges and come out lower."
        ),
        reference=SCIB,
    ),
)

CARDS: dict[str, MetricCard] = {card.name: card for card in _CARDS}
"""Every metric by its name, in the order of the tables."""
