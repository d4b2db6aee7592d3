"""Fine-tuning beside freezing: how much of a fine-tuned score owes nothing to pre-training.

:mod:`~zslib.studies.tuning.division` says which cells have labels and which are tested, :mod:`~zslib.studies.tuning.networks` tunes,
:mod:`~zslib.studies.tuning.experiment` compares a pre-trained network with its random-initialized twin, frozen and tuned, and
both with a regression on expression. :mod:`~zslib.studies.tuning.results` does it for a dataset of the grid.
"""
