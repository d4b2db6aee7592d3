"""Cards of the scores that describe an embedding without labels and without judging it."""

from zslib.metrics.cards.card import MetricCard

CARDS = (
    MetricCard(
        name="effective_rank",
        title="Effective rank",
        family="geometry",
        range=(1.0, float("inf")),
        better="neither",
        formula="exp of the entropy of the singular values of the centered embedding, over their sum",
        reading=(
            "How many dimensions the embedding uses, from 1 to all it has. Far below its number of dimensions, an "
            "embedding has collapsed onto a few; random numbers use all. It judges nothing by itself. It has no "
            "interval: a cell drawn twice makes a cloud look smaller."
        ),
        fooled_by=(
            "Noise raises it, so a high rank is not richness. It grows with the number of dimensions and of "
            "cells; the pca50 space ends at 50."
        ),
        reference="Roy and Vetterli, EUSIPCO 606 (2007); Garrido et al. (2023), doi:10.48550/arXiv.2210.02885",
    ),
    MetricCard(
        name="participation_ratio",
        title="Participation ratio",
        family="geometry",
        range=(1.0, float("inf")),
        better="neither",
        formula="(Σλ)² / Σλ², λ the variances along the principal components",
        reading=(
            "How many dimensions hold most of the variance; always stricter than the effective rank. Near 1, one "
            "direction (often depth, or the batch) outweighs all else."
        ),
        fooled_by=(
            "One strong direction hides everything after it, whether it is biology or library size. It says "
            "nothing of what the directions mean."
        ),
        reference="Gao et al. (2017), doi:10.1101/214262",
    ),
    MetricCard(
        name="anisotropy",
        title="Anisotropy",
        family="geometry",
        range=(-1.0, 1.0),
        better="neither",
        formula="mean cosine similarity of two cells",
        reading=(
            "Near 1 all cells point in nearly the same direction, as in many language models: cosine distances "
            "then have little room, and BRAS with them. Near 0 they spread around the origin."
        ),
        fooled_by=(
            "Moving all cells by the same vector changes it and nothing else that this book measures with "
            "Euclidean distances; centered components, such as those of the pca50 space, are near 0 by "
            "construction, and genes, which are never negative, never are."
        ),
        reference="Ethayarajh, EMNLP-IJCNLP 55 (2019), doi:10.18653/v1/D19-1006",
    ),
    MetricCard(
        name="hubness",
        title="Hubness",
        family="geometry",
        range=(-float("inf"), float("inf")),
        better="neither",
        formula="skewness of the number of cells that have a cell among their 14 nearest",
        reading=(
            "Near 0 all cells are neighbors of others equally often; above about 2 a few hubs are near to "
            "everyone, and graphs, clusters and votes lean on them."
        ),
        fooled_by=(
            "The number of dimensions: noise in many dimensions makes hubs by itself. Doublets and cells of few "
            "counts may be hubs for technical reasons."
        ),
        reference="Radovanović et al., Journal of Machine Learning Research 11:2487 (2010); Amblard et al., Bioinformatics 38:1045 (2022), doi:10.1093/bioinformatics/btab795",
    ),
    MetricCard(
        name="neighbor_preservation",
        title="Neighbor preservation",
        family="geometry",
        range=(0.0, 1.0),
        better="neither",
        formula="mean over cells of the share of their 14 nearest by 50 components of the counts that are among their 14 nearest in the embedding",
        reading=(
            "How much of the neighborhoods of the counts is kept: 1 all of it; neighbors at random give 14 over "
            "the number of cells. Low values with good biology scores say that what lies within types was made "
            "anew."
        ),
        fooled_by=(
            "Removing a batch effect means to change neighbors, so integration lowers it, rightly. The components "
            "of the counts are no truth, but one more embedding, and noise decides many of their nearest cells."
        ),
        reference="Lee and Verleysen, Neurocomputing 72:1431 (2009), doi:10.1016/j.neucom.2008.12.017",
    ),
)
