"""Data that a model may have seen in pre-training: what is known of it, and whether it helps.

:mod:`zslib.frozen.ledger` is the table of what is known to overlap, model by dataset;
:mod:`zslib.studies.leakage.crossover` compares two models of one architecture, each on data it has seen and the
other has not.
"""
