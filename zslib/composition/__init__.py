"""How much, and what, a model must be pre-trained on: after DenAdel et al., Nature Methods 2026.

Doi:10.1038/s41592-026-03120-y. Subsets of a corpus, nested in size, chosen by several schemes
(:mod:`zslib.composition.subsets`); small models pre-trained on each with the same number of steps
(:mod:`zslib.composition.models`); scores on studies none of them has seen
(:mod:`zslib.composition.experiment`); and the size from which more cells no longer help
(:mod:`zslib.composition.saturation`).
"""
