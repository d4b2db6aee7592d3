"""The two architectures by name; the packages offer the same verbs.

``checkpoint(files)`` reads a network and what it names genes by; ``dictionary(cells)`` is that of an untrained one,
which ``untrained(dictionary, seed)`` makes at published size; ``tokens(dictionary)`` gives the token of each gene; and
``frozen(network, dictionary, cells, origin, **options)`` makes of all this a :class:`zslib.frozen.FrozenModel`.
"""

from zslib.frozen import geneformer, scgpt

ARCHITECTURES = {"geneformer": geneformer, "scgpt": scgpt}
