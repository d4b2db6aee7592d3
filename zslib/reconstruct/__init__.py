"""Can a network do what it was trained to do? The pre-training objective as a zero-shot test.

:mod:`~zslib.reconstruct.published` is the arithmetic of the test as it was published, :mod:`~zslib.reconstruct.shown`
runs it: the input is shown whole and is to be given back. In the rest genes are truly hidden
(:mod:`~zslib.reconstruct.hiding`), on the scale that a network was trained on (:mod:`~zslib.reconstruct.scales`);
the network is asked for them (:mod:`~zslib.reconstruct.ask_scgpt`, :mod:`~zslib.reconstruct.ask_geneformer`),
baselines that know nothing but statistics answer too (:mod:`~zslib.reconstruct.baselines`), and all are scored
alike (:mod:`~zslib.reconstruct.scores`). :mod:`~zslib.reconstruct.protocol` does all of it for one dataset.

Nothing is imported here, so that figures and tables, which need the cards, do not load the networks.
"""
