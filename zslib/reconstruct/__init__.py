"""Can a network do what it was trained to do? The pre-training objective as a zero-shot test.

:mod:`~zslib.reconstruct.published` is the test as it was published: the input is shown whole and is to be given
back. In the rest genes are truly hidden (:mod:`~zslib.reconstruct.hiding`), a network is asked for them
(:mod:`~zslib.reconstruct.ask_scgpt`, :mod:`~zslib.reconstruct.ask_geneformer`), baselines that know nothing but
statistics answer too (:mod:`~zslib.reconstruct.baselines`), and all are scored alike
(:mod:`~zslib.reconstruct.scores`).
"""
