"""What the teaching chapters need beyond the library: cells whose truth is known, and small models that mislead."""

from zslib.studies.teaching.claims import QUESTIONS, claims
from zslib.studies.teaching.harness import outcome
from zslib.studies.teaching.networks import Pretrained, Supervised, pretrain, supervised_embedding
from zslib.studies.teaching.real import some_cells, variable_genes
from zslib.studies.teaching.simulate import Cells, simulate_cells, simulate_nested_batches
