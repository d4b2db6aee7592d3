"""Which cells tell two corpora apart, and how many trainings must agree."""

PARTS = {
    "kang": ("kang", None),
    "baron": ("baron", None),
    "kang, controls": ("pbmc-studies", ("kang-ctrl",)),
    "pbmc3k": ("pbmc-studies", ("pbmc3k",)),
}
"""Cells that just one of the two corpora holds: name → dataset of the grid, and its batches, or all."""
PAIRS = (("kang", "baron"), ("kang, controls", "pbmc3k"))
"""Parts that are compared: the first was seen by the models of ``kang``, the second by those of ``pbmc-baron``."""
CORPORA = ("kang", "pbmc-baron")
OWN = {part: corpus for parts in PAIRS for part, corpus in zip(parts, CORPORA, strict=True)}
"""Part → the corpus that holds its cells."""
TRAININGS = 3
"""Trainings on each corpus that must agree before anything is claimed."""
LEAD, TWIN = "lead", "over its twin"
"""What a difference is: of a model that has seen the cells over one that has not, or of a model over its untrained twin."""
