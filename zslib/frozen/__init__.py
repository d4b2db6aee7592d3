"""Frozen networks over any number of cells: counts in, one embedding a cell out, nothing fitted.

:class:`FrozenModel` is a network with its tokenizer, :func:`embed` runs it. Where cells lie in a file they
are read a chunk at a time, so that memory does not grow with their number.
Each architecture is a package of its own, :mod:`zslib.frozen.scgpt` and :mod:`zslib.frozen.geneformer`.
"""

from zslib.frozen.cells import Cells, in_file, in_memory
from zslib.frozen.engine import Precision, embed, token_batches
from zslib.frozen.model import FrozenModel, permuted
