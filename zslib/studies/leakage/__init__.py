"""Data that a model may have seen in pre-training: what is known of it, and whether it helps.

:mod:`zslib.frozen.ledger` is the table of what is known to overlap, model by dataset;
:mod:`zslib.studies.leakage.results` scores the small models on cells that they have seen or not, and
:mod:`zslib.studies.leakage.crossover` compares two of one architecture, each on data it has seen and the other has not.
"""
