"""Can a network do what it was trained to do? The pre-training objective as a zero-shot test.

:mod:`~zslib.studies.expression.published` is the test as it was published: the input is shown whole and is to be given
back. In the rest genes are truly hidden (:mod:`~zslib.studies.expression.masking`), on the scale that a network was
trained on (:mod:`~zslib.studies.expression.scales`); the network is asked for them, baselines that know nothing but
statistics answer too (:mod:`~zslib.studies.expression.baselines`), and all are scored alike
(:mod:`~zslib.studies.expression.scores`). :mod:`~zslib.studies.expression.protocol` does all of it for one dataset.

Nothing is imported here, so that figures and tables, which need the cards, do not load the networks.
"""
