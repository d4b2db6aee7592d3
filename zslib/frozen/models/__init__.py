"""Network code only, in pure torch: each network in a file, with the strict reader of its checkpoints.

How a cell becomes tokens is in :mod:`zslib.frozen.tokenize`, how files are read in :mod:`zslib.frozen.weights`. Nothing
is imported here, so that asking for one network does not load the other, nor torch before it is needed.
"""
