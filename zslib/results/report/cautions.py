"""What a reader must know of the methods and the cells of one dataset before scores are read."""

import pandas as pd

from zslib import methods
from zslib.frozen.ledger import ledger
from zslib.metrics import CARDS
from zslib.results.comparison import Comparison
from zslib.results.report.words import join, markdown, number, title_of

MET = {
    "yes": "in pre-training",
    "partly": "a part of them, in pre-training",
    "no": "no",
    "not found": "not that anybody found",
    "not known": "not known",
}
"""Word of the ledger → how a method met the cells before."""


def met(method: str, dataset: str) -> str:
    """How a method met the cells of a dataset before it embeds them: when fitted or chosen from, in pre-training, by their labels, or not."""
    card = methods.card(method)
    if card.sees_labels:
        return "sees the labels"
    if card.trained_on_target:
        return "when fitted"
    if card.trained_on_target is None:
        return "not known"
    if card.tuned:
        return "in its training, or cells like them"
    if not card.weights:
        return "in the choice of genes" if "HVG" in card.in_record else "no"
    model = card.permutes or card.name
    table = ledger([model], [dataset])
    return MET[table[(table["model"] == model) & (table["dataset"] == dataset)]["seen"].iloc[0]]


def below_floor(runs: Comparison, metric: str = "avg_bio"):
    """Say which methods score below random numbers, which know nothing of the cells, and what that may mean."""
    if (floor := runs.value("random", metric)) is None:
        return markdown("Random numbers were not scored here, so there is no floor to compare with.")
    asked = [m for m in runs.ran if m != "random" and not methods.card(m).tests_metrics]
    below = [m for m in asked if runs.beats("random", m, metric)]
    title = CARDS[metric].title
    if not below:
        return markdown(f"No method scores below random numbers in {title} ({number(floor)}).")
    said = []
    for method in below:
        spread = runs.value(method, "participation_ratio")
        uses = "" if spread is None else f", participation ratio {spread.value:.1f}"
        said.append(f"{title_of(method)} ({runs.value(method, metric).value:.2f}{uses})")
    return markdown(
        f"**Below random numbers** in {title} ({number(floor)}): {join(said)}. Rows in another order than the cells do "
        "this, which is a fault, and so does an embedding that has collapsed on few directions, whose participation ratio "
        "is near 1. Nothing else about such an embedding should be read from its scores."
    )


def confined(adata) -> list[str]:
    """The cell types that one batch alone holds, where there are several batches."""
    batches = pd.crosstab(adata.obs["label"], adata.obs["batch"])
    return list(batches.index[(batches > 0).sum(axis=1) == 1].astype(str)) if batches.shape[1] > 1 else []


def confounded(adata) -> bool:
    """Whether a batch cannot be told from a cell type: no type is in two batches."""
    return len(confined(adata)) == adata.obs["label"].nunique()


def confounding(adata):
    """Say which cell types one batch alone holds, and what can then not be concluded; nothing where there is none."""
    types = confined(adata)
    if confounded(adata):
        return markdown(
            "**No cell type is in two batches.** Whatever sets two types apart may be the batches that they come from: a score "
            "of types rises with a batch effect, and an embedding that mixes the batches mixes the types. So these cells "
            "cannot say which method keeps types apart, or corrects batches; no method is marked as the best below."
        )
    if not types:
        return None
    return markdown(
        f"In one batch alone {'is' if len(types) == 1 else 'are'} {join(types)}: what sets such a type apart may be the batch."
    )
