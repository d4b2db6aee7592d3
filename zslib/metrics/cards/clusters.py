"""Cards of the scores of clusters: AvgBIO, and NMI and ARI at resolutions chosen in four ways."""

from zslib.metrics.cards.card import INFORMATION, LEIDEN, LOUVAIN, PAPER, RAND, SCIB, MetricCard

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

CARDS = (
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
    ),
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
    ),
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
    ),
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
    ),
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
    ),
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
    ),
)
