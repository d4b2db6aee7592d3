"""Does having seen a dataset help? Two models, two datasets, each model has seen one of them.

That one model scores higher than another, or on one dataset higher than on another, says nothing. If having seen
a dataset helps, then of two models each must lead on its own. Both leads are asked for one by one: their mean would
be positive where one model has learned little and stands near the floor everywhere. For the same reason both must
be above their untrained twins, and since one training is one draw, several of each must agree.
"""

from collections.abc import Mapping

import pandas as pd

from zslib import methods
from zslib.core import stats
from zslib.studies.leakage.cards import LEAD, OWN, TWIN
from zslib.studies.leakage.results import Score


def table(scores: Mapping[tuple[str, str], Score]) -> pd.DataFrame:
    """Scores of models, and of their untrained twins, as a table.

    Returns
    -------
    Columns model, architecture, variant, corpus, part, seen (whether the model's training held these cells), value,
    ci_low, ci_high, n_cells.
    """
    rows = []
    for (model, part), found in scores.items():
        card = methods.card(model)
        seen = card.variant == "trained" and OWN[part] == card.corpus
        about = model, card.architecture, card.variant, card.corpus, part, seen
        rows.append((*about, found.value, *stats.interval(found.replicates), found.n_cells))
    about = ["model", "architecture", "variant", "corpus", "part", "seen"]
    return pd.DataFrame(rows, columns=[*about, "value", "ci_low", "ci_high", "n_cells"])


def differences(scores: Mapping[tuple[str, str], Score]) -> pd.DataFrame:
    """What a claim that seeing helps would rest on: paired differences on the cells of each part.

    Returns
    -------
    Columns architecture, part, what, model, rival, value, ci_low, ci_high. ``what`` is ``LEAD``, of a model that has seen
    the cells over one of its architecture that has not, or ``TWIN``, of a model over its untrained twin
    (:mod:`zslib.studies.leakage.cards`). Intervals hold the draw of the cells and the clustering, and not another training.
    """
    every, rows = table(scores), []
    trained = every[every["variant"] == "trained"]
    for own in trained.itertuples():
        here = trained[(trained["part"] == own.part) & (trained["architecture"] == own.architecture)]
        rivals = [(LEAD, rival) for rival in here.loc[~here["seen"], "model"] if own.seen]
        for what, rival in [*rivals, (TWIN, methods.card(own.model).control)]:
            if (rival, own.part) in scores:
                mine, other = scores[own.model, own.part], scores[rival, own.part]
                found = stats.paired_difference(
                    mine.replicates, other.replicates, estimate=mine.value - other.value
                )
                about = own.architecture, own.part, what, own.model, rival
                rows.append((*about, *map(float, (found.estimate, found.low, found.high))))
    columns = ["architecture", "part", "what", "model", "rival", "value", "ci_low", "ci_high"]
    return pd.DataFrame(rows, columns=columns)
