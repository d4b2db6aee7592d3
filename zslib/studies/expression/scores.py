"""How good an answer is: every score as a ratio of sums, so that cells and draws can be resampled.

Expressed and unexpressed genes are scored apart. Of expressed ones it is asked how much there is, of both
together which are which. A score is kept as two numbers for each cell (or gene) and draw of hidden genes; its
value is the sum of the first over the sum of the second.
"""

import numpy as np
from scipy.stats import rankdata

from zslib.core import stats
from zslib.core.errors import DataError
from zslib.studies.expression.baselines import Prediction
from zslib.studies.expression.masking import MaskedGenes

Parts = dict[str, tuple[np.ndarray, np.ndarray]]
"""Score → numerator and denominator of each cell, or of each gene."""

FEWEST = 3
"""Expressed genes of a cell, or cells that express a gene, below which ranks are not correlated."""


def parts(masked: MaskedGenes, prediction: Prediction, reference: Prediction) -> Parts:
    """Score an answer cell by cell and gene by gene.

    Parameters
    ----------
    masked
        What was asked.
    prediction
        The answer, finite wherever something was asked.
    reference
        The answer of the per-gene mean, which R² compares with, of these cells and perhaps of more after them.

    Returns
    -------
    Parts of ``r2``, ``mae``, ``cell_correlation``, ``detection`` and ``zero_error``, of shape (n_test,), and of
    ``gene_correlation``, of shape (n_genes,), 0 / 0 where a gene was not hidden. The ratio of ``r2``
    is the share of the error that is *left*: see :func:`values`.

    Raises
    ------
    DataError
        If something that was asked has no finite answer.
    """
    truth, asked = masked.target.astype(np.float64), masked.scored
    expressed, zero = asked & (truth > 0), asked & (truth == 0)
    if not (np.isfinite(prediction.given[expressed]).all() and np.isfinite(prediction.level[asked]).all()):
        raise DataError("An answer is missing or not finite where a hidden gene was asked.")
    off = np.where(expressed, prediction.given - truth, 0.0)
    usual = np.where(expressed, reference.given[: len(truth)] - truth, 0.0)
    by_gene = np.zeros((2, len(masked.hidden)))
    by_gene[:, masked.hidden] = _correlations(truth.T, prediction.given.T, expressed.T)
    zeros = np.abs(np.where(zero, prediction.level, 0.0))
    return {
        "r2": ((off**2).sum(axis=1), (usual**2).sum(axis=1)),
        "mae": (np.abs(off).sum(axis=1), expressed.sum(axis=1).astype(float)),
        "cell_correlation": _correlations(truth, prediction.given, expressed),
        "gene_correlation": tuple(by_gene),
        "detection": _auroc(prediction.level, expressed, zero),
        "zero_error": (zeros.sum(axis=1), zero.sum(axis=1).astype(float)),
    }


def hits(scores, target, ks) -> dict[int, float]:
    """Count how often the gene at a position is among the k likeliest, for several k.

    Parameters
    ----------
    scores
        Score of every hidden gene at every position, shape (n_positions, n_hidden), higher is likelier.
    target
        The gene that stands there, by its number among the hidden ones, shape (n_positions,).
    ks
        How many guesses are allowed.

    Returns
    -------
    From 0 to n_positions, by k. Of genes with equal scores each is as likely as the other to be guessed first, and
    the number that is to be expected then is returned.
    """
    own = scores[np.arange(len(target)), target][:, None]
    above, level = (scores > own).sum(axis=1), (scores == own).sum(axis=1)
    return {k: float(np.clip((k - above) / level, 0, 1).sum()) for k in ks}


def values(name: str, draws, *, n_boot: int = 500) -> dict[str, float]:
    """Value of a score over several draws of hidden genes, with its interval.

    Parameters
    ----------
    name
        Which score, a key of :data:`zslib.studies.expression.cards.CARDS`.
    draws
        Numerator and denominator of each draw, pairs of arrays of shape (n_units,).
    n_boot
        Resamples. Each draws units with replacement, and draws of hidden genes, so that the interval holds the
        luck of both; it does not hold that of other training cells. They are the same for any answer about as many
        units.

    Returns
    -------
    ``value``, ``ci_low`` and ``ci_high`` (95 %), and ``n``, the number of units that count. All NaN but the
    last where the score is not defined for any.
    """
    above, below = (np.stack([d[i] for d in draws]) for i in (0, 1))  # (n_draws, n_units)
    n = int((below > 0).any(axis=0).sum())
    found = np.full(3, np.nan)
    if n:
        n_draws, n_units = above.shape
        rng = np.random.default_rng(0)
        times = rng.multinomial(n_draws, np.full(n_draws, 1 / n_draws), size=n_boot).T  # (n_draws, n_boot)
        blocks = stats.bootstrap_weights(np.zeros(n_units, dtype=int), n_boot, seed=0)
        weights = np.concatenate(list(blocks), axis=1)  # (n_units, n_boot)
        with np.errstate(invalid="ignore", divide="ignore"):
            replicates = ((above @ weights) * times).sum(axis=0) / ((below @ weights) * times).sum(axis=0)
        found = np.array([above.sum() / below.sum(), *stats.interval(replicates[np.isfinite(replicates)])])
    if name == "r2":
        found = 1 - found[[0, 2, 1]]
    return dict(zip(("value", "ci_low", "ci_high"), map(float, found), strict=True)) | {"n": n}


def _correlations(truth, said, where) -> tuple[np.ndarray, np.ndarray]:
    """Spearman correlation of each row, over the entries that count; and whether it is defined.

    It is 0 where all that is said is the same, and not defined where the truth is, or entries are too few.
    """
    n = where.sum(axis=1)
    a, b = (np.where(where, _ranks(x, where) - (n[:, None] + 1) / 2, 0) for x in (truth, said))
    spread_a, spread_b = (a**2).sum(axis=1), (b**2).sum(axis=1)
    defined = (n >= FEWEST) & (spread_a > 0)
    scale = np.sqrt(spread_a * spread_b)
    found = np.divide((a * b).sum(axis=1), scale, out=np.zeros(len(n)), where=defined & (scale > 0))
    return found, defined.astype(float)


def _auroc(level, expressed, zero) -> tuple[np.ndarray, np.ndarray]:
    """Chance of each row's expressed entries to lie above its zeros, ties half; and whether it is defined."""
    n, m = expressed.sum(axis=1), zero.sum(axis=1)
    place = np.where(expressed, _ranks(level, expressed | zero), 0).sum(axis=1)
    defined = (n > 0) & (m > 0)
    found = np.divide(place - n * (n + 1) / 2, n * m, out=np.zeros(len(n)), where=defined)
    return found, defined.astype(float)


def _ranks(x, where) -> np.ndarray:
    """Rank, from 1, of the entries of each row that count among each other; the others come after them."""
    return rankdata(np.where(where, x, np.inf), axis=1)
