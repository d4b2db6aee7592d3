"""scGPT: genes of a cell, each with the bin of its expression, to a network in plain PyTorch.

:mod:`~zslib.frozen.scgpt.network` is the network, :mod:`~zslib.frozen.scgpt.files` the layout of its checkpoints,
:mod:`~zslib.frozen.scgpt.tokenizer` and :mod:`~zslib.frozen.scgpt.binning` make its input.
"""

from zslib.frozen.scgpt.build import TITLE, checkpoint, dictionary, frozen, tokens, untrained, vocabulary
