"""Cards of methods, checkpoints, metrics and datasets."""

from html import escape

import pandas as pd

from zslib import methods
from zslib.frozen import weights
from zslib.frozen.architectures import ARCHITECTURES
from zslib.methods.card import FAMILIES
from zslib.metrics import CARDS
from zslib.results.report.cautions import met
from zslib.tables.html import facts, table

YES_NO = {True: "yes", False: "no", None: "not known"}
MEASURES = {
    "biology": "whether cell types stay apart",
    "batch": "whether batches mix",
    "geometry": "the shape of the embedding, without labels and without judging it",
    "discovery": "whether an unknown type is revealed",
}


def method_card(name: str, dataset: str | None = None):
    """Render a method's card; about a dataset, it says whether the method had met its cells before."""
    card = methods.card(name)
    return facts(
        [
            ("What it is", card.summary),
            ("What is run", card.recipe),
            ("Keep in mind", card.caveat),
            ("Family", FAMILIES[card.family]),
            ("Not zero-shot", card.tuned),
            ("Fitted to these cells", YES_NO[card.trained_on_target]),
            ("Has met these cells before", met(name, dataset) if dataset else None),
            ("Told the batches", YES_NO[card.sees_batch]),
            ("Told the cell types", "yes: it cheats" if card.sees_labels else YES_NO[card.sees_labels]),
            ("Pre-trained weights", card.weights or "none"),
            ("Source", card.citation),
        ]
    )


def method_cards(family: str):
    """Render the cards of all methods of a family, a row each; not of embeddings that others computed by one of them."""
    rows = [
        (f"{escape(c.title)}<br/><code>{c.name}</code>", *map(escape, (c.summary, c.recipe, c.caveat)))
        for c in map(methods.card, methods.names())
        if c.family == family and not c.looked_up
    ]
    header = ["method", "what it is", "what is run", "keep in mind"]
    return table(rows, header, caption=FAMILIES[family].capitalize(), text_columns=4, kind="prose")


def weights_cards(network: str):
    """Render the cards of all checkpoints of ``"scgpt"`` or ``"geneformer"``, a row each, with whether they are in the cache."""
    rows = []
    for card in map(weights.card, weights.names()):
        if card.network != network:
            continue
        hashed = sum(file.sha256 is not None for file in card.files)
        here = "here" if weights.available(card.name) else "not available in this build"
        about = (
            f"{card.summary} {' '.join(card.caveats)}",
            f"{card.corpus}. Cut-off: {card.cut_off}.",
            f"{card.license}. Hashes known of {hashed} of {len(card.files)} files. {card.origin}",
        )
        name = f"{escape(card.title)}<br/><code>{card.name}</code><br/>{here}"
        rows.append((name, *map(escape, about)))
    header = ["weights", "what they are, and what to keep in mind", "pre-trained on", "license and origin"]
    caption = f"Checkpoints of {escape(ARCHITECTURES[network].TITLE)}"
    return table(rows, header, caption=caption, text_columns=4, kind="prose")


def metric_card(name: str):
    """Render the card of a metric."""
    card = CARDS[name]
    return facts(
        [
            ("Measures", MEASURES[card.family]),
            ("Range", f"{card.range[0]:.3g} to {card.range[1]:.3g}, {card.direction}"),
            ("How it is computed", card.formula),
            ("How to read it", card.reading),
            ("What fools it", card.fooled_by),
            ("In code", f"zslib.metrics.{card.name}"),
            ("Source", card.reference),
        ]
    )


def dataset_card(card, adata):
    """Render a dataset's card with the numbers of the cells actually used."""
    whole, used = adata.uns["dataset"], adata.uns["prepare"]
    found_from = used.get("components_from", adata.n_obs)
    dropped = ", ".join(f"{k} ({v} cells)" for k, v in {**whole["dropped"], **used["dropped"]}.items())
    return facts(
        [
            ("What it is", card.summary),
            ("Tissue", card.tissue),
            ("Organism", card.organism),
            ("Protocol", card.protocol),
            ("Label", card.label_meaning),
            ("Batch", card.batch_meaning),
            ("Whole dataset", f"{whole['n_cells']:,} cells × {whole['n_genes']:,} genes"),
            (
                "Used here",
                f"{adata.n_obs:,} cells × {adata.n_vars:,} genes"
                + (f", {adata.obs['label'].nunique()} cell types" if card.label else "")
                + (f"; their components found from {found_from:,}" if found_from < adata.n_obs else ""),
            ),
            ("Types dropped as too small", dropped or "none"),
            ("Found in the file", "; ".join(whole.get("found", "").splitlines())),
            ("Keep in mind", " ".join(card.caveats)),
            ("Source", card.source),
            ("Citation", "; ".join(f"{c} (doi:{d})" for c, d in zip(card.citation, card.doi, strict=True))),
            ("License", card.license),
        ]
    )


def composition(adata):
    """Render the number of cells of each type in each batch."""
    counts = pd.crosstab(adata.obs["label"], adata.obs["batch"]).assign(all=lambda t: t.sum(axis=1))
    counts = counts.sort_values("all", ascending=False)
    rows = [(escape(str(label)), *(f"{n:,}" for n in row)) for label, *row in counts.itertuples()]
    where = f"{escape(adata.uns['dataset']['name'])}, {adata.n_obs:,} cells"
    return table(
        rows, ["cell type", *map(str, counts)], caption=f"Cells of each type in each batch of {where}"
    )
