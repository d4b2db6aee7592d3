"""How much, and which, pre-training data a model needs: after DenAdel et al., Nature Methods 2026.

Doi:10.1038/s41592-026-03120-y. Their scores of real models (:mod:`~zslib.studies.composition.published`), what more
data adds beyond seeds (:mod:`~zslib.studies.composition.differences`), from which size on it no longer helps
(:mod:`~zslib.studies.composition.saturation`), and two models small enough to be pre-trained here
(:mod:`~zslib.studies.composition.live`).
"""
