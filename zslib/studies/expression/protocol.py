"""Both protocols on one dataset: what is asked of whom, and the tables of what came out."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from zslib.studies.expression import autoencoder, predict_geneformer, predict_scgpt, published, scales, scores
from zslib.studies.expression.baselines import BASELINES, Prediction, predict
from zslib.studies.expression.cards import CARDS, CEILING, Settings
from zslib.studies.expression.masking import MaskedGenes, mask, split
from zslib.studies.expression.networks import Network
from zslib.studies.expression.results import PredictionScores
from zslib.studies.expression.scales import Scale

LARGE = 5_000_000
"""Parameters beyond which a network is asked about fewer cells."""
LEVELS = 10
"""Groups of true values in a curve."""


def evaluate(
    counts, batch, networks: Sequence[Network], settings: Settings, device: str = "cpu"
) -> PredictionScores:
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
    binned, ranked = ([n for n in networks if n.kind == kind] for kind in ("scgpt", "geneformer"))
    some = counts[learn], counts[test]
    found = []
    if binned:
        found.append(scales.bins(*some, binned, n_genes=settings.n_genes, seed=settings.seed))
    found += scales.ranks(*some, ranked, window=settings.window)
    whole = []
    for network in networks:
        ask = published.bins if network.kind == "scgpt" else published.ranks
        whole.append(ask(network, counts, test[: _cells(network, settings)], settings, device))
    scored, curves = zip(*(hidden(scale, settings, device) for scale in found), strict=True)
    return PredictionScores(*(pd.concat(tables, ignore_index=True) for tables in (whole, scored, curves)))


def hidden(scale: Scale, settings: Settings, device: str = "cpu") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ask everyone for hidden genes on one scale: tables of scores and of curves, see :class:`PredictionScores`."""
    rows, points, trained = [], defaultdict(list), None
    if settings.epochs:
        how = {"epochs": settings.epochs, "seed": settings.seed}
        trained = autoencoder.fit(scale.counts[0], scale.train, scale.counts[1], **how)
    for number, fraction in enumerate(settings.fractions):
        draws: dict[tuple[str, str], list[scores.Parts]] = defaultdict(list)
        for draw in range(settings.draws):
            masked = mask(scale.train, scale.truth, fraction, settings.seed + settings.draws * number + draw)
            reference, _ = _on_scale(scale, masked, predict("gene mean", masked))
            for *who, part, prediction, extra in _answers(scale, masked, settings, device, trained):
                draws[tuple(who)].append(scores.parts(part, prediction, reference) | extra)
                if fraction == settings.shown:
                    expressed = part.target > 0
                    pairs = np.stack([part.target[expressed], prediction.given[expressed]])
                    points[tuple(who)].append(pairs)
        for (network, predictor), found in draws.items():
            row = {"scale": scale.name, "network": network, "predictor": predictor, "fraction": fraction}
            for score in found[0]:
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
    found = pd.DataFrame({"true": true, "predicted": predicted}).groupby(group)
    low, high = (found["predicted"].quantile(share) for share in (0.1, 0.9))
    return found.mean().assign(low=low, high=high, n=found.size()).reset_index(drop=True)


def _answers(
    scale: Scale, masked: MaskedGenes, settings: Settings, device: str, trained
) -> Iterator[tuple[str, str, MaskedGenes, Prediction, scores.Parts]]:
    """Everyone's answers: network, predictor, what it was asked, its answer, and scores of its own kind."""
    for name in BASELINES:
        yield "", name, masked, *_on_scale(scale, masked, predict(name, masked), by_gene=name != "mean")
    if trained is not None:
        yield "", autoencoder.NAME, masked, *_on_scale(scale, masked, trained.predict(masked))
    if scale.ceiling is not None:
        best = scale.ceiling[:, masked.hidden].astype(np.float64)
        yield "", CEILING, masked, Prediction(best, best), {}
    for network in scale.networks:
        name, part = network.name, masked.first(_cells(network, settings))
        asked = network.model, scale.ids[name], part
        if network.kind == "geneformer":
            found = predict_geneformer.hidden(*asked, special=network.special, device=device)
            yield name, name, part, *found
            continue
        special = {"cls_id": network.vocab["<cls>"], "pad_id": network.vocab["<pad>"]}
        for way, prediction in predict_scgpt.hidden(*asked, **special, device=device).items():
            yield name, f"{name}, {way}" if way else name, part, prediction, {}


def _on_scale(
    scale: Scale, masked: MaskedGenes, prediction: Prediction, *, by_gene: bool = True
) -> tuple[Prediction, scores.Parts]:
    """An answer of no network as it is, or, for ranks, told where the hidden genes stand, as a Geneformer is."""
    if scale.ceiling is not None:
        return prediction, {}
    return predict_geneformer.baseline(masked, prediction, by_gene=by_gene)


def _cells(network: Network, settings: Settings) -> int:
    """How many of the evaluated cells a network is asked about."""
    large = sum(weight.numel() for weight in network.model.parameters()) > LARGE
    return min(settings.n_large if large else settings.n_cells, settings.n_cells)
