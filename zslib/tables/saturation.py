"""Corpus, held-out studies and saturation points as tables."""

import math
from html import escape

import numpy as np
import pandas as pd

from zslib.composition.cells import Target
from zslib.composition.experiment import plan
from zslib.composition.settings import MODELS, Settings
from zslib.composition.subsets import sizes
from zslib.measures import CARDS
from zslib.pretrain.corpus import Corpus
from zslib.tables.html import table

READS = {
    "pca": "Components fitted on the corpus, applied to other cells. Untrained: as many random directions.",
    "scvi": "A variational autoencoder of the counts, told of no batch; the posterior mean. Untrained: weights as drawn, "
    "as in the models below.",
    "autoencoder": "A multilayer perceptron that sees half of the genes and predicts all of them; its middle layer.",
    "rank-transformer": "Geneformer's architecture and objective, with two layers: over the genes of a cell in order of rank, some of them hidden; the mean "
    "of its tokens.",
    "bin-transformer": "scGPT's architecture and objective, with two layers: over genes with binned values, some of them to be generated; the token that "
    "stands for the cell.",
}


def corpus_and_targets(corpus: Corpus, targets: list[Target]):
    """Render what is pre-trained on and what is held out, a row each batch of the corpus and each study."""
    train = corpus.train
    lines = []
    for batch, n in zip(*np.unique(corpus.batch[train], return_counts=True), strict=True):
        types = len(set(corpus.label[train][corpus.batch[train] == batch]))
        lines.append(("pre-trained on", escape(batch), f"{n:,}", f"{types}", f"{len(corpus.genes):,}"))
    for target in targets:
        types = len(set(target.label))
        found = f"{target.genes_found:,} of {len(corpus.genes):,}"
        lines.append(("held out", escape(target.name), f"{len(target.label):,}", f"{types}", found))
    return table(lines, ["", "Cells of", "Cells", "Types", "Genes"], text_columns=2)


def trainings(settings: Settings, n_cells: int):
    """Render what the models are, a row each, and how often and how long each is trained on parts of so many cells."""
    at_random, few = (
        ", ".join(f"{n:,}" for n in sizes(shares, n_cells))
        for shares in (settings.shares, settings.scheme_shares)
    )
    return table(
        [(escape(MODELS[m]), escape(READS[m])) for m in settings.models],
        ["Model", "What it is, and what its embedding is"],
        text_columns=2,
        kind="prose",
        caption=(
            f"Each on {len(plan(settings, n_cells))} subsets (seed {', '.join(map(str, settings.seeds))}): {at_random} "
            f"cells at random, {few} by each other scheme. Each but PCA for {settings.steps:,} steps."
        ),
    )


def saturation_points(points: pd.DataFrame):
    """Render the saturation points of every curve by both rules, with the floor that sets them apart."""
    lines = []
    for key, rows in points.groupby(["model", "target", "metric"], sort=False):
        rules = {row.rule: row for row in rows.itertuples()}
        first = rows.iloc[0]
        lines.append(
            (
                escape(MODELS[key[0]]),
                escape(key[1]),
                escape(CARDS[key[2]].title),
                f'{first.floor:.0%} <span class="zs-ci">[{first.floor_low:.0%}, {first.floor_high:.0%}]</span>',
                *(_size(rules[rule]) for rule in ("of the maximum", "of the gain")),
                f'{first.gain:+.2f} <span class="zs-ci">[{first.gain_low:+.2f}, {first.gain_high:+.2f}]</span>',
            )
        )
    head = ["Model", "Study", "Score", "Floor", "95 % of maximum", "95 % of gain", "Gain"]
    return table(
        lines,
        head,
        text_columns=3,
        caption=(
            "Cells at which each curve saturates, with 95 % intervals. Floor: score of the untrained model as a share "
            "of the highest. Gain: the whole corpus less untrained. Where some resamples show no gain at all, their share is "
            "given."
        ),
    )


def _size(row) -> str:
    if math.isnan(row.size):
        return "no gain"
    undefined = f", no gain in {row.undefined:.0%}" if row.undefined >= 0.01 else ""
    ends = f'<span class="zs-ci">[{row.low:,.0f}, {row.high:,.0f}{undefined}]</span>'
    return f"{row.size:,.0f} {ends}"
