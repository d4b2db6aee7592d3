"""What the methods that run the shipped small models share."""

from dataclasses import replace

import pandas as pd

from zslib.errors import NotApplicable
from zslib.frozen import Cells, FrozenModel
from zslib.frozen.pretrain import shipped
from zslib.methods.card import MethodCard

LEAST_KNOWN = 0.2
"""Share of the genes that a model must have a token for."""
NAMES = {"geneformer": "Geneformer mini", "scgpt": "scGPT mini"}
COLORS = {"geneformer": "#56B4E9", "scgpt": "#CC79A7"}
MARKERS = {
    ("geneformer", "kang"): "$g$",
    ("geneformer", "pbmc-baron"): "$G$",
    ("scgpt", "kang"): "$s$",
    ("scgpt", "pbmc-baron"): "$S$",
}
CITATIONS = {
    "geneformer": "Theodoris et al., Nature 618:616 (2023), doi:10.1038/s41586-023-06139-9, for architecture and objective",
    "scgpt": "Cui et al., Nature Methods 21:1470 (2024), doi:10.1038/s41592-024-02201-0, for architecture and objective",
}
READS = {
    "geneformer": (
        "The genes of a cell in the order of count by total by median, the first {max_length}; mean over genes of the "
        "features after the second to last layer."
    ),
    "scgpt": (
        "The paper's recipe: {max_length} tokens, <cls> and those of the 1,200 most variable genes that the cell "
        "expresses, with their values in 50 bins, at random where there are more; what the last layer makes of <cls>, "
        "scaled to length 1. recipe=authors reads all genes instead, as in pre-training."
    ),
}


def card_of(name: str, order: int) -> MethodCard:
    """The method card of a shipped small model, made from the model's own card."""
    card = shipped.card(name)
    architecture, corpus = card["architecture"], name.split("-mini-")[1]
    studies = ", ".join(source["name"] for source in card["corpus"])
    settings = card["settings"]
    return MethodCard(
        name=name,
        title=f"{NAMES[architecture]} ({corpus})",
        family="small",
        summary=(
            f"The architecture of {NAMES[architecture].split()[0]}, small, pre-trained by its own objective on "
            f"{card['cells_trained_on']:,} cells of {studies}, and frozen. It is not {NAMES[architecture].split()[0]}."
        ),
        recipe=(
            f"{settings['layers']} layers of width {settings['width']}, {card['parameters']:,} weights, {card['genes']:,} "
            f"genes, {card['best_step']:,} steps of {settings['schedule']['batch_size']} cells. "
            + READS[architecture].format(max_length=settings["max_length"])
            + " Genes without a token are passed over."
        ),
        caveat=(
            f"It has seen cells of {studies}, so it is not zero-shot there in the strict sense. Thousands of times "
            "fewer cells than the published models saw: it says nothing about these."
        ),
        citation=CITATIONS[architecture],
        weights=f"shipped with this project; remade by `zslib pretrain {name}`",
        weights_sha256=shipped.weights_sha256(name),
        control=f"{name}-untrained",
        color=COLORS[architecture],
        marker=MARKERS[architecture, corpus],
        order=order,
    )


def permuted_card(name: str, order: int, marker: str) -> MethodCard:
    """The method card of the control in which the genes of a small model are shuffled."""
    title = card_of(name, order).title
    return MethodCard(
        name=f"{name}-permuted",
        title=f"{title}, genes permuted",
        family="small",
        summary=(
            f"The weights of {name}, with the identities of the genes shuffled: each gene of the data is read as "
            "another one. What the model knows of genes is gone, all else is kept."
        ),
        recipe=f"As {name}, but that the tokens of the genes of the data are shuffled among themselves by the seed.",
        caveat=f"If it scores as {name} does, that score owes nothing to what was learned of genes.",
        citation="The permutation test; the weights are this project's own",
        weights=f"those of {name}",
        weights_sha256=shipped.weights_sha256(name),
        color="#8C8C8C",
        marker=marker,
        order=order,
    )


def untrained_card(name: str, order: int, marker: str) -> MethodCard:
    """The method card of the untrained twin of a small model."""
    card = shipped.card(name)
    return MethodCard(
        name=f"{name}-untrained",
        title=f"{card_of(name, order).title}, untrained",
        family="small",
        summary=(
            f"The network, the tokens and the gene medians or vocabulary of {name}, of the same size, with the random "
            "weights that training starts from. What pre-training adds must show as a difference from this."
        ),
        recipe=f"As {name}, but that its {card['parameters']:,} weights are drawn by the architecture's own "
        "initialization from the seed.",
        caveat="One draw of weights is one draw: the profile says how many seeds were run.",
        citation=CITATIONS[card["architecture"]],
        color="#8C8C8C",
        marker=marker,
        order=order,
    )


def model(
    name: str,
    cells: Cells,
    *,
    seed: int = 0,
    permute: bool = False,
    untrained: bool = False,
    max_length: int | None = None,
    recipe: str = "paper",
) -> FrozenModel:
    """The frozen model for the genes of these cells; those that it has no token for are not shown to it.

    Parameters
    ----------
    name
        Of the small model.
    cells
        Cells to embed; symbols name the genes.
    seed
        Of what is random in reading a cell, of the permutation, and of untrained weights.
    permute
        Shuffle the identities of the genes.
    untrained
        Draw all weights anew, by the architecture's own initialization.
    max_length
        Most tokens of a cell; the network's own limit if None.
    recipe
        Of a scGPT, as for :func:`zslib.frozen.scgpt.frozen`.

    Raises
    ------
    NotApplicable
        If it has a token for fewer than a fifth of the genes.
    """
    from zslib.frozen import geneformer, scgpt

    folder, architecture = shipped.folder(name), shipped.card(name)["architecture"]
    var = pd.DataFrame({"symbol": cells.var.get("symbol", cells.var.index.to_series())})
    if architecture == "geneformer":
        from zslib.frozen.models.geneformer import load, random
        from zslib.frozen.tokenize import read_dictionaries

        network, dictionary = load(folder), read_dictionaries(folder)
        known = var["symbol"].isin(dictionary.tokens).to_numpy()
    else:
        from zslib.frozen.models.scgpt import random

        network, dictionary = scgpt.checkpoint(folder)
        known = var["symbol"].isin(dictionary).to_numpy()
    if known.mean() < LEAST_KNOWN:
        raise NotApplicable(
            f"{name} has a token for {known.sum()} of {len(known)} genes: it knows human symbols of its own corpus."
        )
    origin = shipped.weights_sha256(name)
    if untrained:
        network, origin = random(network.config, seed), f"untrained, seed {seed}"
    given = network, dictionary, var[known], origin
    options = {"seed": seed, "permute": permute, "max_length": max_length}
    if architecture == "geneformer":
        made = geneformer.frozen(*given, **options)
    else:
        counts = cells.read(0, cells.n_cells)[:, known] if recipe == "paper" else None
        made = scgpt.frozen(*given, recipe=recipe, counts=counts, **options)
    return replace(
        made,
        tokenize=lambda counts: made.tokenize(counts[:, known]),
        report=made.report | {"genes_without_a_token": int((~known).sum())},
    )
