"""Pre-training from scratch, at a small size: either architecture, on any list of datasets.

:class:`zslib.frozen.pretrain.recipe.Recipe` says what to train on what, :func:`zslib.frozen.pretrain.pretraining.pretrain`
does it and leaves the official file layout, which is read with the same strict readers as the published weights.
"""
