"""How few cells of a type are enough, asked of a method in the way that is fair to it."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import pandas as pd

from zslib import methods, metrics
from zslib.results import embedding


def of(method: str, about: Mapping, adata, *, device: str) -> Callable[..., pd.DataFrame] | None:
    """How to titrate the embedding of a method, see :func:`zslib.metrics.titrate`; None if it is not.

    Parameters
    ----------
    method
        Name, or path of a ``.py`` file of one's own.
    about
        What ``run.json`` says: with its parameters and seed the method is fitted anew.
    adata
        The prepared cells.
    device
        Where to fit.
    """
    card = methods.card(method)
    if card.trained_on_target and (card.slow or card.tests_metrics):
        return None  # it would be trained too often
    if not card.trained_on_target:
        return metrics.titrate
    given = {"seed": about["seed"], "device": device, **about["parameters"]}

    def refit(sets):
        every = np.unique(np.concatenate(sets))
        held = adata[every].to_memory()  # read once for all sets, which share most of their cells
        for rows in sets:
            yield embedding.compute(held[np.searchsorted(every, rows)], method, **given)[0]

    return partial(metrics.titrate, refit=refit)
