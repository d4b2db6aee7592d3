"""What the teaching chapters need beyond the library: cells whose truth is known, and small models that mislead."""

from zslib.studies.teaching.claims import QUESTIONS, claims
from zslib.studies.teaching.harness import outcome
from zslib.studies.teaching.leakage import Pretrained, pretrain
from zslib.studies.teaching.real import some_cells, variable_genes
from zslib.studies.teaching.simulate import Cells, NestedCells, simulate_cells, simulate_nested_batches
from zslib.studies.teaching.supervised import Supervised, supervised_embedding

__all__ = [
    "QUESTIONS",
    "Cells",
    "NestedCells",
    "Pretrained",
    "Supervised",
    "claims",
    "outcome",
    "pretrain",
    "simulate_cells",
    "simulate_nested_batches",
    "some_cells",
    "supervised_embedding",
    "variable_genes",
]
