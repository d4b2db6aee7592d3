"""Cards of the scores that ask whether batches mix."""

from zslib.metrics.cards.card import PAPER, SCIB, MetricCard

CARDS = (
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
        name="ilisi",
        title="iLISI",
        family="batch",
        range=(0.0, 1.0),
        better="higher",
        formula="(median LISI − 1) / (n − 1), n batches; LISI: the effective number of batches among a cell's 90 nearest, near ones weighing more",
        reading=(
            "0 if the neighborhoods of at least half the cells are of one batch, 1 if they hold all batches "
            "alike. Perfect mixing reaches 1 only where batches are of one size."
        ),
        fooled_by=(
            "Types that one batch lacks make mixing wrong, and it asks for it all the same: CiLISI does not. It "
            "falls with the number of cells, since 90 of many are a smaller neighborhood. A median: what happens "
            "in the other half of the cells is not seen."
        ),
        reference="Korsunsky et al., Nature Methods 16:1289 (2019), doi:10.1038/s41592-019-0619-0; " + SCIB,
    ),
    MetricCard(
        name="cilisi",
        title="CiLISI",
        family="batch",
        range=(0.0, 1.0),
        better="higher",
        formula="mean over types of the mean over their cells of (LISI − 1) / (n − 1), among the 90 nearest of the type, n its batches",
        reading=(
            "iLISI within each type, so that mixing different types gains nothing. 1 if batches mix evenly in "
            "every type."
        ),
        fooled_by=(
            "Unequal batches keep it below 1 even when they mix perfectly. A type in two states, one a batch, is "
            "counted as unmixed: stimulated cells, for instance. Types of one batch, or fewer than ten cells, are "
            "left out."
        ),
        reference="Andreatta et al., Nature Communications 15:872 (2024), doi:10.1038/s41467-024-45240-z",
    ),
    MetricCard(
        name="kbet_per_label",
        title="kBET",
        family="batch",
        range=(0.0, 1.0),
        better="higher",
        formula="mean over types of the share of cells whose nearest of the type (10 to 70) have batches that a chi-squared test at 0.05 does not reject",
        reading=(
            "The share of neighborhoods in which batches look dealt by chance. Perfect mixing gives 0.95. It is "
            "the strictest of the batch scores: real data often score below 0.3."
        ),
        fooled_by=(
            "The number of cells: the test has more power in larger neighborhoods, and these grow with the type, "
            "so the same embedding scores lower with more cells. Types with too few cells are left out. Other "
            "implementations search neighbors along the graph, and their numbers differ."
        ),
        reference="Büttner et al., Nature Methods 16:43 (2019), doi:10.1038/s41592-018-0254-1",
    ),
    MetricCard(
        name="batch_probe",
        title="Batch probe",
        family="batch",
        range=(0.0, 1.0),
        better="lower",
        formula="mean over batches of the share of their cells that a logistic regression (C = 1) recognizes, tested on held-out cells",
        reading=(
            "How well the batch can be read off the embedding: one over the number of batches is a guess, 1 is "
            "every cell. Lower is better mixed. It often stays near 1 when neighborhoods are mixed: then the "
            "batch is still in the embedding, out of sight of distances."
        ),
        fooled_by=(
            "Where batches differ in their cell types, knowing the type gives the batch away, and a perfect "
            "embedding scores above chance. With thousands of dimensions a regression finds the batch almost "
            "always. A biological difference between batches counts as their mark."
        ),
        reference="Alain and Bengio (2016), doi:10.48550/arXiv.1610.01644",
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
