"""Both protocols on one dataset: what is asked of whom, and the tables of what came out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from zslib.studies.expression import autoencoder, predict_geneformer, predict_scgpt, scales, scores, unmasked
from zslib.studies.expression.baselines import BASELINES, Prediction, predict
from zslib.studies.expression.cards import CARDS, CEILING, Settings
from zslib.studies.expression.masking import MaskedGenes, mask, split
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
            shown_whole.append(unmasked.bins(network, counts, rows, **how))
        else:
            how |= {"window": settings.window}
            shown_whole.append(unmasked.ranks(network, counts[rows], **how))
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
            masked = mask(scale.train, scale.truth, fraction, seed)
            reference = _baseline(scale, masked, "gene mean")[0]
            for network, predictor, part, prediction, extra in _answers(
                scale, masked, settings, device, trained
            ):
                usual = Prediction(reference.level[: len(part.truth)], reference.given[: len(part.truth)])
                found = scores.parts(part, prediction, usual) | extra
                draws.setdefault((network, predictor), []).append(found)
                if fraction == settings.shown:
                    pairs = points.setdefault((network, predictor), [])
                    pairs.append(_pairs(part, prediction))
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
    masked: MaskedGenes,
    settings: Settings,
    device: str,
    trained: autoencoder.Autoencoder | None,
) -> Iterator[tuple[str, str, MaskedGenes, Prediction, scores.Parts]]:
    """Everyone's answers: network, predictor, what it was asked, its answer, and scores of its own kind."""
    ranked = scale.ceiling is None
    for name in BASELINES:
        yield "", name, masked, *_baseline(scale, masked, name)
    if trained is not None:
        yield "", autoencoder.NAME, masked, *_as_asked(scale, masked, trained.predict(masked))
    if not ranked:
        best = scale.ceiling[:, masked.hidden].astype(np.float64)
        yield "", CEILING, masked, Prediction(best, best), {}
    for network in scale.networks:
        part, ids = masked.first(_cells(network, settings)), scale.ids[network.name]
        if ranked:
            special = network.dictionaries.encoder(10).special
            prediction, extra = predict_geneformer.hidden(
                network.model, ids, part, special=special, device=device
            )
            yield network.name, network.name, part, prediction, extra
            continue
        config, vocab = network.model.config, network.vocab
        special = predict_scgpt.Specials(
            cls_id=vocab["<cls>"],
            pad_id=vocab["<pad>"],
            cls_value=config.pad_value,
            pad_value=config.pad_value,
        )
        for way, prediction in predict_scgpt.hidden(network.model, ids, part, special, device=device).items():
            yield network.name, ", ".join(filter(None, (network.name, way))), part, prediction, {}


def _baseline(scale: Scale, masked: MaskedGenes, name: str) -> tuple[Prediction, scores.Parts]:
    """Answer of a baseline, which for ranks is told as much as a Geneformer is."""
    return _as_asked(scale, masked, predict(name, masked), by_gene=name != "mean")


def _as_asked(
    scale: Scale, masked: MaskedGenes, prediction: Prediction, *, by_gene: bool = True
) -> tuple[Prediction, scores.Parts]:
    """An answer as it is, or, for ranks, told where the hidden genes stand."""
    if scale.ceiling is not None:
        return prediction, {}
    return predict_geneformer.baseline(masked, prediction, by_gene=by_gene)


def _cells(network: Network, settings: Settings) -> int:
    """How many of the evaluated cells a network is asked about."""
    large = sum(weight.numel() for weight in network.model.parameters()) > LARGE
    return min(settings.n_large if large else settings.n_cells, settings.n_cells)


def _pairs(masked: MaskedGenes, prediction: Prediction) -> np.ndarray:
    """True and predicted values of expressed hidden genes, shape (2, n_entries)."""
    expressed = masked.target > 0
    return np.stack([masked.target[expressed], prediction.given[expressed]])
