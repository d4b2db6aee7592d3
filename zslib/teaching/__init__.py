"""What the teaching chapters need beyond the library: cells whose truth is known, and small models that mislead."""

from zslib.teaching.claims import QUESTIONS, claims
from zslib.teaching.harness import outcome
from zslib.teaching.leakage import Pretrained, pretrain
from zslib.teaching.real import some_cells, variable_genes
from zslib.teaching.simulate import Cells, NestedCells, simulate_cells, simulate_nested_batches
from zslib.teaching.supervised import Supervised, supervised_embedding

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
