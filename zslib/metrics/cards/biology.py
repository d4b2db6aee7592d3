"""Cards of the other scores that ask whether cell types lie apart."""

from zslib.metrics.cards.card import SCIB, MetricCard

SCGRAPH = "Wang, Leskovec and Regev, Nature Biotechnology (2025), doi:10.1038/s41587-025-02702-z"

CARDS = (
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
    ),
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
    ),
    MetricCard(
        name="isolated_asw",
        title="Isolated labels (ASW)",
        family="biology",
        range=(0.0, 1.0),
        better="higher",
        formula="label ASW of the types found in the fewest batches, mean over these types",
        reading=(
            "Whether types that few batches have keep a place of their own; 0.5 means no structure, as for label "
            "ASW. Integration that mixes too much loses these first."
        ),
        fooled_by=(
            "It may rest on a handful of cells of one type, and a type that is in one batch only is set apart by "
            "the batch effect as well: no integration at all looks good. All that fools label ASW."
        ),
        reference=SCIB,
    ),
    MetricCard(
        name="isolated_f1",
        title="Isolated labels (F1)",
        family="biology",
        range=(0.0, 1.0),
        better="higher",
        formula="F1 of the cluster that fits best, over Leiden resolutions 0.1 to 2, mean over the types found in the fewest batches",
        reading=("1 if each of these types is a cluster of its own at some resolution."),
        fooled_by=(
            "The cluster and the resolution are chosen by looking at the labels, twice an oracle. A batch effect "
            "helps, since a type of one batch is then set apart by it. Few cells of one type may decide."
        ),
        reference=SCIB,
    ),
    MetricCard(
        name="scgraph_rank",
        title="scGraph (rank)",
        family="biology",
        range=(-1.0, 1.0),
        better="higher",
        formula="mean over types of the Spearman correlation of its distances to all types with the same within batches; centers are 5 % trimmed means",
        reading=(
            "Whether types lie to each other as they do within each batch by itself (10 components of its 1,000 "
            "most variable genes), where nothing is to be integrated. 1: the order of distances is kept; 0: it is "
            "lost. Training on labels can top the cluster scores and fail here."
        ),
        fooled_by=(
            "The reference is itself made of components, so embeddings that resemble them are favored. Fewer than "
            "about six types make the correlation a matter of luck. Which of two far types is farther is biology "
            "only if the labels are."
        ),
        reference=SCGRAPH,
    ),
    MetricCard(
        name="scgraph_corr",
        title="scGraph (correlation)",
        family="biology",
        range=(-1.0, 1.0),
        better="higher",
        formula="as scGraph (rank), with the Pearson correlation",
        reading=(
            "As scGraph (rank), for the distances themselves: it also asks how much farther a far type is."
        ),
        fooled_by=(
            "One type that is far from all others decides, and is usually far in every embedding, so values are "
            "high. The reference is itself made of components, so embeddings that resemble them are favored. "
            "Fewer than about six types make the correlation a matter of luck. Which of two far types is farther "
            "is biology only if the labels are."
        ),
        reference=SCGRAPH,
    ),
    MetricCard(
        name="scgraph_weighted",
        title="scGraph (weighted)",
        family="biology",
        range=(-1.0, 1.0),
        better="higher",
        formula="as scGraph (correlation), types weighing one over their distance in the reference",
        reading=(
            "As scGraph (correlation), heeding most the types that lie next to each other, where kinship is "
            "decided."
        ),
        fooled_by=(
            "Two types that nearly coincide in the reference outweigh all others. The reference is itself made of "
            "components, so embeddings that resemble them are favored. Fewer than about six types make the "
            "correlation a matter of luck. Which of two far types is farther is biology only if the labels are."
        ),
        reference=SCGRAPH,
    ),
)
