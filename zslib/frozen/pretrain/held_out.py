"""Whether a trained network does better on held-out cells than what knows no context."""

import numpy as np
import pandas as pd

from zslib.core import stats
from zslib.frozen.pretrain.training import evaluate

N_BOOT = 1000


def compare(model, untrained, objective, seed: int, *, most: int | None = None) -> pd.DataFrame:
    """Measure a network, the same network untrained, and the objective's baselines on the same hidden genes.

    Parameters
    ----------
    model, untrained
        The networks.
    objective
        With its corpus.
    seed
        Of what is hidden, and of the resampling.
    most
        Most held-out cells.

    Returns
    -------
    One row for each of them and each measure: who, measure, value (mean over cells), ci_low, ci_high, gain
    (how much better the network is than that row, positive if it is), gain_low, gain_high. Intervals are
    of the cells, 95 %, paired.
    """
    who = {"network": model, "untrained": untrained, **objective.baselines()}
    found = {name: evaluate(each, objective, seed, most=most) for name, each in who.items()}
    n = len(next(iter(found["network"].values())))
    weights = (
        next(stats.bootstrap_weights(np.zeros(n, dtype=np.int64), N_BOOT, seed=seed, block=n * N_BOOT)) / n
    )
    table = []
    for name, measures in found.items():
        for measure, values in measures.items():
            sign = 1 if measure == "accuracy" else -1
            gain = sign * (found["network"][measure] - values)
            low, high = stats.interval(weights.T @ values)
            gain_low, gain_high = stats.interval(weights.T @ gain)
            table.append((name, measure, values.mean(), low, high, gain.mean(), gain_low, gain_high))
    columns = ["who", "measure", "value", "ci_low", "ci_high", "gain", "gain_low", "gain_high"]
    return pd.DataFrame(table, columns=columns)
