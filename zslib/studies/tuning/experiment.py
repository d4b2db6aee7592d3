"""A pre-trained network and its random-initialized twin, frozen and tuned, at every share of labels."""

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from zslib.core import stats
from zslib.core.device import keep_threads
from zslib.studies.tuning import cards
from zslib.studies.tuning.cards import EFFECTS, EXPRESSION, FROZEN, RANDOM, TRAINED, TUNED, Settings
from zslib.studies.tuning.division import Division, labeled
from zslib.studies.tuning.networks import Classifier, Probe, Reader, fit, tune

Said = dict[tuple[str, str, str, float], list[np.ndarray]]
"""Network, weights, what was done with them, share of labels → codes said of the tested cells, one a draw."""


class TuningScores(NamedTuple):
    """What came out."""

    scores: pd.DataFrame = pd.DataFrame(columns=cards.SCORE_COLUMNS)
    """Macro-F1 on tested cells, mean over draws; no network for expression."""
    effects: pd.DataFrame = pd.DataFrame(columns=cards.EFFECT_COLUMNS)
    """Of each network and share: each of :data:`zslib.studies.tuning.cards.EFFECTS`."""


def compare(
    readers: Mapping[str, Reader], expression: np.ndarray, division: Division, settings: Settings
) -> TuningScores:
    """Tell cell types in every way, at every share of labels.

    Parameters
    ----------
    readers
        Networks by name.
    expression
        Log expression of variable genes of the cells, shape (n_cells, n_genes).
    division
        Which cells to learn from and which to test on.
    settings
        How much.
    """
    said = of_expression(expression, division, settings)
    for name, reader in readers.items():
        said |= of_network(name, reader, division, settings)
    return summarize(said, division, settings)


def of_expression(expression: np.ndarray, division: Division, settings: Settings) -> Said:
    """Tell types by logistic regression on expression."""
    known, asked, said = expression[division.learn], expression[division.test], defaultdict(list)
    for share in settings.shares:
        for draw in range(settings.draws):
            probe = _fit(known, division, labeled(division, share, settings.seed + draw))
            said["", EXPRESSION, FROZEN, share].append(probe.predict(asked))
    return said


def of_network(name: str, reader: Reader, division: Division, settings: Settings) -> Said:
    """Tell types by a network and by its twin: the same but for the weights, new ones for each draw of labels."""
    said: Said = defaultdict(list)
    keep_threads()
    for seed in range(settings.seed, settings.seed + settings.draws):
        for weights, start in ((RANDOM, seed), (TRAINED, None)):
            frozen = reader.network(start)
            known, asked = (reader.embed_all(frozen, rows) for rows in (division.learn, division.test))
            for share in settings.shares:
                rows = labeled(division, share, seed)
                probe = _fit(known, division, rows)
                tuned = Classifier(reader, reader.network(start), probe)
                tune(tuned, rows, division.label[rows], settings, seed)
                said[name, weights, FROZEN, share].append(probe.predict(asked))
                said[name, weights, TUNED, share].append(tuned.predict(division.test))
    return said


def summarize(said: Said, division: Division, settings: Settings) -> TuningScores:
    """Score what was said, and compare the ways, all on the same resamples of tested cells and draws."""
    statistics = {key: [macro_f1(division.truth, draw) for draw in draws] for key, draws in said.items()}
    value = stats.on_all(statistics, len(division.test))
    weights = stats.bootstrap_weights(division.truth, settings.n_boot, seed=settings.seed)
    again = stats.resample(statistics, weights, settings.n_boot)
    number = {share: len(labeled(division, share, settings.seed)) for share in settings.shares}
    scores = [(*key, number[key[3]], value[key], *stats.interval(again[key])) for key in said]
    effects = []
    for network in dict.fromkeys(key[0] for key in said if key[0]):
        for effect, ways in EFFECTS.items():
            for share in settings.shares:
                a, b = (("" if way[0] == EXPRESSION else network, *way, share) for way in ways)
                gain = stats.paired_difference(again[a], again[b], estimate=value[a] - value[b])
                found = map(float, (gain.estimate, gain.low, gain.high))
                effects.append((network, effect, share, *found))
    return TuningScores(
        pd.DataFrame(scores, columns=cards.SCORE_COLUMNS), pd.DataFrame(effects, columns=cards.EFFECT_COLUMNS)
    )


def macro_f1(truth: np.ndarray, said: np.ndarray) -> stats.Statistic:
    """Mean over the types of F1, as a function of cell weights.

    In [0, 1], higher is better; rare types weigh as much as common ones. Types that are said wrongly and not
    there do not count, as there are none: types of the division are on both sides.
    """
    n = int(max(truth.max(), said.max())) + 1
    right = np.where(truth == said, 1.0, 0.0)

    def f1(weights: np.ndarray) -> np.ndarray:
        hits = stats.group_sums(weights, truth, n, right)
        either = stats.group_sums(weights, truth, n) + stats.group_sums(weights, said, n)
        return (2 * hits / np.where(either > 0, either, 1)).mean(axis=0)

    return f1


def _fit(known: np.ndarray, division: Division, rows: np.ndarray) -> Probe:
    return fit(known, np.searchsorted(division.learn, rows), division.label[rows])
