"""The record as the results explorer reads it."""

import numpy as np
from scipy import stats

from zslib.studies.record import evidence, sources
from zslib.studies.record.source import BASELINES, TASKS, TOLD

FREEDOM = np.linspace(0, 1.5, 151)
"""One over the degrees of freedom that a quantile of Student's t is tabled at."""


def published() -> dict:
    """Gather every headline score that verdicts are made of.

    Returns
    -------
    ``tasks``, ``names``, ``baselines``, ``told`` (models told cell types), ``sources`` and ``datasets``, as they are called; ``rows``, one score each:
    places of source, dataset, task and name in these lists, the value, and 1 where the dataset is known to have been seen
    in pre-training; ``ends``, the source's own controls: source, dataset, task, floor and ceiling; and ``t``, the 97.5 %
    quantiles of Student's t at :data:`FREEDOM`.
    """
    rows, ends, names, datasets = [], {}, {}, {}
    titles = {name: source.title for name, source in sources().items()}
    places = {name: i for i, name in enumerate(titles)}
    for task, key in enumerate(TASKS):
        for row in evidence.headline(key).itertuples():
            if row.left_out:
                continue
            at = places[row.source], datasets.setdefault(row.dataset, len(datasets)), task
            name = names.setdefault(row.name, len(names))
            rows.append([*at, name, float(f"{row.value:.6g}"), int(row.seen)])
            ends[at] = [None if np.isnan(end) else float(f"{end:.6g}") for end in (row.floor, row.ceiling)]
    return {
        "tasks": list(TASKS.values()),
        "names": list(names),
        "baselines": list(BASELINES),
        "told": list(TOLD),
        "sources": list(titles.values()),
        "datasets": list(datasets),
        "rows": rows,
        "ends": [[*at, *both] for at, both in ends.items() if both != [None, None]],
        "t": [float(f"{t:.5g}") for t in stats.t.ppf(0.975, 1 / np.maximum(FREEDOM, 1e-9))],
    }
