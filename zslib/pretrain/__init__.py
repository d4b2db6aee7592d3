"""Pre-training from scratch, small and honest: either architecture, on any list of datasets.

:class:`zslib.pretrain.recipe.Recipe` says what to train on what, :func:`zslib.pretrain.pretraining.pretrain`
does it and leaves the official file layout, which :mod:`zslib.models` reads with the same strict readers as
the published weights.
"""
