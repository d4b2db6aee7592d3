"""What the methods that run a frozen network share."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from zslib import frozen, store
from zslib.errors import DataError, NotApplicable
from zslib.frozen import Cells, FrozenModel, weights
from zslib.methods.card import MethodCard

SUMMARY = {
    "scgpt": "A transformer that reads the expressed genes of a cell, each with the bin of its expression.",
    "geneformer": "A transformer that reads the genes of a cell in the order of their expression, and nothing else.",
}
RECIPE = {
    "scgpt": (
        "The paper's recipe: the 1,200 most variable genes that the vocabulary knows; those a cell expresses, their "
        "values in 50 bins of its own, and the token <cls>. The embedding is what the last layer makes of <cls>, "
        "scaled to length 1. recipe=authors reads all genes instead, as the authors' package does."
    ),
    "geneformer": (
        "Counts by the cell's total and the gene's median over the corpus; genes from the highest value down, as many "
        "as the network takes. The embedding is the mean over genes of the features after the second to last layer."
    ),
}


def card_of(name: str, **style) -> MethodCard:
    """The method card of published weights.

    Parameters
    ----------
    name
        Of the weights, and of the method.
    style
        ``color``, ``marker`` and ``order``.
    """
    card = weights.card(name)
    return MethodCard(
        name=name,
        title=card.title,
        family="foundation",
        summary=f"{SUMMARY[card.network]} {card.summary}",
        recipe=RECIPE[card.network],
        caveat=" ".join([f"Pre-trained on {card.corpus}; cut-off: {card.cut_off}.", *card.caveats]),
        citation=f"{card.citation}, doi:{card.doi}",
        weights=f"{card.title}, {card.publisher}, revision {card.revision or 'not known'}",
        weights_sha256=card.file("weights").sha256,
        checkpoint=name,
        control=f"{card.network}-random",
        **style,
    )


def model(name: str, cells: Cells, **options) -> FrozenModel:
    """The frozen model of published weights for the genes of these cells; fetches the weights if need be.

    Parameters
    ----------
    options
        As for :func:`zslib.frozen.scgpt.frozen` or :func:`zslib.frozen.geneformer.frozen`.

    Raises
    ------
    NotApplicable
        If the weights are neither here nor to be had, or the genes are not human.
    """
    from zslib.frozen import geneformer, scgpt

    try:
        weights.fetch(name)
        files = weights.files(name)
    except DataError as error:
        raise NotApplicable(f"The weights are not available here. {error}") from None
    digest = store.sha256(files["weights"])
    if weights.card(name).network == "geneformer":
        return geneformer.frozen(*geneformer.checkpoint(files), cells.var, digest, **options)
    counts = cells.read(0, cells.n_cells) if options.get("recipe", "paper") == "paper" else None
    return scgpt.frozen(
        *scgpt.checkpoint(files["weights"].parent), cells.var, digest, counts=counts, **options
    )


def embed(
    build: Callable[..., FrozenModel],
    adata,
    *,
    seed: int,
    device: str,
    partial: str | Path | None,
    precision: frozen.Precision = "auto",
    budget: int | None = None,
    **options,
) -> np.ndarray:
    """Run the model that `build` makes for these cells; what was run is left in ``adata.uns["frozen"]``."""
    cells = frozen.in_memory(adata)
    found, report = frozen.embed(
        build(cells, seed=seed, **options),
        cells,
        device=device,
        precision=precision,
        budget=budget,
        partial=partial,
    )
    adata.uns["frozen"] = report
    return np.asarray(found)
