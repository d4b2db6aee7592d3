"""Both protocols on one dataset: what is asked of whom, and the tables of what came out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from zslib.studies.expression import ask_geneformer, ask_scgpt, autoencoder, scales, scores, shown
from zslib.studies.expression.baselines import BASELINES, Guess, answer
from zslib.studies.expression.cards import CARDS, CEILING, Settings
from zslib.studies.expression.hiding import Question, ask, split
from zslib.studies.expression.networks import Network
from zslib.studies.expression.scales import Scale

LARGE = 5_000_000
"""Parameters beyond which a network is asked about fewer cells."""
LEVELS = 10
"""Groups of true values in a curve."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Found:
    """What came out.

    Attributes
    ----------
    published
        Of the published protocol: scale, network, predictor, score, value, ci_low, ci_high, n, better.
    scores
        Of hidden genes: the same and ``fraction``. For baselines ``network`` is empty.
    curves
        What was said of expressed hidden genes by their true value: scale, network, predictor, true,
        predicted (means of a group of like values), low and high (that hold 80 % of them), n.
    """

    published: pd.DataFrame
    scores: pd.DataFrame
    curves: pd.DataFrame


def evaluate(
    counts,
    batch,
    networks: Sequence[Network],
    settings: Settings,
    device: str = "cpu",
) -> Found:
    """Ask networks and baselines.

    Parameters
    ----------
    counts
        Raw counts, CSR of shape (n_cells, n_genes).
    batch
        Batch of each cell, shape (n_cells,): baselines learn from other batches than are evaluated.
    networks
        Whom to ask.
    settings
        How much.
    device
        Where networks run.

    Raises
    ------
    DataError
        If a vocabulary knows too few of the genes.
    """
    learn, test = split(batch, settings.n_train, settings.n_cells, settings.seed)
    kinds = {kind: [n for n in networks if n.kind == kind] for kind in ("scgpt", "geneformer")}
    found, shown_whole = [], []
    if kinds["scgpt"]:
        how = {"n_genes": settings.n_genes, "seed": settings.seed}
        found.append(scales.bins(counts[learn], counts[test], kinds["scgpt"], **how))
    if kinds["geneformer"]:
        how = {"window": settings.window}
        found += scales.ranks(counts[learn], counts[test], kinds["geneformer"], **how)
    for network in networks:
        rows, how = test[: _cells(network, settings)], {"n_boot": settings.n_boot, "device": device}
        if network.kind == "scgpt":
            how |= {"n_genes": settings.n_genes, "seed": settings.seed}
            shown_whole.append(shown.bins(network, counts, rows, **how))
        else:
            how |= {"window": settings.window}
            shown_whole.append(shown.ranks(network, counts[rows], **how))
    tables = [hidden(scale, settings, device) for scale in found]
    parts = {"published": shown_whole, "scores": [t for t, _ in tables], "curves": [c for _, c in tables]}
    return Found(**{name: pd.concat(part, ignore_index=True) for name, part in parts.items()})


def hidden(scale: Scale, settings: Settings, device: str = "cpu") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ask everyone for hidden genes on one scale.

    Returns
    -------
    Tables of scores and of curves, see :class:`Found`.
    """
    rows, points = [], {}
    how = {"epochs": settings.epochs, "seed": settings.seed}
    trained = (
        autoencoder.fit(scale.counts[0], scale.train, scale.counts[1], **how) if settings.epochs else None
    )
    for number, fraction in enumerate(settings.fractions):
        draws: dict[tuple[str, str], list[scores.Parts]] = {}
        for draw in range(settings.draws):
            seed = settings.seed + settings.draws * number + draw
            question = ask(scale.train, scale.truth, fraction, seed)
            reference = _baseline(scale, question, "gene mean")[0]
            for network, predictor, part, guess, extra in _answers(
                scale, question, settings, device, trained
            ):
                usual = Guess(reference.level[: len(part.truth)], reference.given[: len(part.truth)])
                found = scores.parts(part, guess, usual) | extra
                draws.setdefault((network, predictor), []).append(found)
                if fraction == settings.shown:
                    pairs = points.setdefault((network, predictor), [])
                    pairs.append(_pairs(part, guess))
        for (network, predictor), found in draws.items():
            for score in found[0]:
                row = {"scale": scale.name, "network": network, "predictor": predictor, "fraction": fraction}
                value = scores.values(score, [f[score] for f in found], n_boot=settings.n_boot)
                rows.append(row | {"score": score} | value | {"better": CARDS[score].better})
    curves = [
        curve(np.concatenate(pairs, axis=1), scale.top).assign(
            scale=scale.name, network=network, predictor=predictor
        )
        for (network, predictor), pairs in points.items()
    ]
    return pd.DataFrame(rows), pd.concat(curves, ignore_index=True)


def curve(pairs, top: float) -> pd.DataFrame:
    """Summarize what was said by what is true.

    Parameters
    ----------
    pairs
        True and predicted values, shape (2, n_entries).
    top
        The largest possible value: groups are equal parts of the way there.

    Returns
    -------
    One row a group that has entries: ``true`` and ``predicted`` (means), ``low`` and ``high`` (10 and 90 %
    quantiles of what was predicted), ``n``.
    """
    true, predicted = pairs
    group = np.minimum((true / top * LEVELS).astype(int), LEVELS - 1)
    found = pd.DataFrame({"group": group, "true": true, "predicted": predicted}).groupby("group")
    table = found.mean()
    for name, share in (("low", 0.1), ("high", 0.9)):
        table[name] = found["predicted"].quantile(share)
    return table.assign(n=found.size()).reset_index(drop=True)


def _answers(
    scale: Scale,
    question: Question,
    settings: Settings,
    device: str,
    trained: autoencoder.Autoencoder | None,
) -> Iterator[tuple[str, str, Question, Guess, scores.Parts]]:
    """Everyone's answers: network, predictor, what it was asked, its answer, and scores of its own kind."""
    ranked = scale.ceiling is None
    for name in BASELINES:
        yield "", name, question, *_baseline(scale, question, name)
    if trained is not None:
        yield "", autoencoder.NAME, question, *_as_asked(scale, question, trained.answer(question))
    if not ranked:
        best = scale.ceiling[:, question.hidden].astype(np.float64)
        yield "", CEILING, question, Guess(best, best), {}
    for network in scale.networks:
        part, ids = question.first(_cells(network, settings)), scale.ids[network.name]
        if ranked:
            special = network.dictionaries.encoder(10).special
            guess, extra = ask_geneformer.hidden(network.model, ids, part, special=special, device=device)
            yield network.name, network.name, part, guess, extra
            continue
        config, vocab = network.model.config, network.vocab
        special = ask_scgpt.Specials(
            cls_id=vocab["<cls>"],
            pad_id=vocab["<pad>"],
            cls_value=config.pad_value,
            pad_value=config.pad_value,
        )
        for way, guess in ask_scgpt.hidden(network.model, ids, part, special, device=device).items():
            yield network.name, ", ".join(filter(None, (network.name, way))), part, guess, {}


def _baseline(scale: Scale, question: Question, name: str) -> tuple[Guess, scores.Parts]:
    """Answer of a baseline, which for ranks is told as much as a Geneformer is."""
    return _as_asked(scale, question, answer(name, question), by_gene=name != "mean")


def _as_asked(
    scale: Scale, question: Question, guess: Guess, *, by_gene: bool = True
) -> tuple[Guess, scores.Parts]:
    """An answer as it is, or, for ranks, told where the hidden genes stand."""
    if scale.ceiling is not None:
        return guess, {}
    return ask_geneformer.baseline(question, guess, by_gene=by_gene)


def _cells(network: Network, settings: Settings) -> int:
    """How many of the evaluated cells a network is asked about."""
    large = sum(weight.numel() for weight in network.model.parameters()) > LARGE
    return min(settings.n_large if large else settings.n_cells, settings.n_cells)


def _pairs(question: Question, guess: Guess) -> np.ndarray:
    """True and predicted values of expressed hidden genes, shape (2, n_entries)."""
    expressed = question.answer > 0
    return np.stack([question.answer[expressed], guess.given[expressed]])
