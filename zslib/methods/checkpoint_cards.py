"""The method cards of checkpoints and of their controls, made from what is known of each checkpoint."""

from dataclasses import dataclass

from zslib.frozen import weights
from zslib.frozen.architectures import ARCHITECTURES
from zslib.frozen.pretrain import checkpoints
from zslib.methods.card import MethodCard

GRAY = "#8C8C8C"


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the cards of an architecture say and how its methods are drawn."""

    color: str
    markers: str
    """Of the checkpoints in the catalog, in turn."""
    control_markers: dict[str, str]
    """Of the untrained network of full size, and of a checkpoint with permuted genes."""
    what: str
    recipe: str
    """How a checkpoint of the catalog is read."""
    small_recipe: str
    untrained_recipe: str
    citation: str


WORDS = {
    "scgpt": Words(
        color="#D2602A",
        markers="pH8X",
        control_markers={"untrained": "+", "permuted": "|"},
        what="A transformer that reads the expressed genes of a cell, each with the bin of its expression.",
        recipe=(
            "The paper's recipe: the 1,200 most variable genes that the vocabulary knows; those a cell expresses, "
            "their values in 50 bins of its own, and the token <cls>. The embedding is what the last layer makes of "
            "<cls>, scaled to length 1. recipe=authors reads all genes instead, as the authors' package does."
        ),
        small_recipe=(
            "The paper's recipe: {max_length} tokens, <cls> and those of the 1,200 most variable genes that the cell "
            "expresses, with their values in 50 bins, at random where there are more; what the last layer makes of "
            "<cls>, scaled to length 1. recipe=authors reads all genes instead, as in pre-training."
        ),
        untrained_recipe=(
            "Twelve layers, 512 dimensions, 51 million weights drawn by the reference's initialization from the seed; "
            "the vocabulary of the checkpoints; the paper's recipe of tokens and embedding."
        ),
        citation="Cui et al., Nature Methods 21:1470 (2024), doi:10.1038/s41592-024-02201-0",
    ),
    "geneformer": Words(
        color="#7A1C3C",
        markers="dh<>",
        control_markers={"untrained": "4", "permuted": "_"},
        what="A transformer that reads the genes of a cell in the order of their expression, and nothing else.",
        recipe=(
            "Counts by the cell's total and the gene's median over the corpus; genes from the highest value down, as "
            "many as the network takes. The embedding is the mean over genes of the features after the second to last "
            "layer."
        ),
        small_recipe=(
            "The genes of a cell in the order of count by total by median, the first {max_length}; mean over genes of "
            "the features after the second to last layer."
        ),
        untrained_recipe=(
            "Six layers, 256 dimensions, weights drawn by BERT's initialization from the seed; genes ranked as "
            "Geneformer does, by the medians of its corpus where those are in the cache, and else by the medians of the "
            "cells themselves; the embedding taken as the paper does."
        ),
        citation="Theodoris et al., Nature 618:616 (2023), doi:10.1038/s41586-023-06139-9",
    ),
}


SMALL = {
    "title": "{mini}",
    "summary": (
        "The architecture of {full}, small, pre-trained by its own objective on {cells_trained_on:,} cells of {studies}, and "
        "frozen. It is not {full}."
    ),
    "recipe": (
        "{layers} layers of width {width}, {parameters:,} weights, {genes:,} genes, {best_step:,} steps of {batch_size} "
        "cells. {read} Genes without a token are passed over."
    ),
    "caveat": (
        "It has seen cells of {studies}, so it is not zero-shot there in the strict sense. Thousands of times fewer cells "
        "than {full} was pre-trained on: it says nothing about {full}."
    ),
    "citation": "{cited}, for architecture and objective",
    "weights": "of this project; remade by `zslib pretrain {of}`",
    "control": "{of}-untrained",
}
UNTRAINED = {
    "summary": (
        "The network and the input of {mini}, {size}with the weights that training starts from. What pre-training adds must "
        "show as a difference from this: an untrained network, too, keeps like cells together."
    ),
    "caveat": (
        "It is not {full}. One draw of weights is one draw: the profile says how many seeds were run, and how much of a cell "
        "was read."
    ),
    "citation": "{cited}, for the network",
}
SMALL_UNTRAINED = {
    "title": "{mini}, untrained",
    "recipe": (
        "As {of}, but that its {parameters:,} weights are drawn by the architecture's own initialization from the seed."
    ),
}
PERMUTED = {
    "title": "{mini}, genes permuted",
    "summary": (
        "The weights of {of}, with the identities of the genes shuffled: each gene of the data is read as another one. What "
        "the model knows of genes is gone, all else is kept."
    ),
    "recipe": "As {of}, but that the tokens of the genes of the data are shuffled among themselves by the seed.",
    "caveat": "It is not {full}. If it scores as {of} does, that score owes nothing to what was learned of genes.",
    "citation": "The permutation test; the weights are {owner}",
    "weights": "those of {of}",
}


def make(name: str, of: str, variant: str) -> MethodCard:
    """Make the card of a checkpoint or of one of its controls.

    Parameters
    ----------
    name
        Name of the method.
    of
        The checkpoint whose network it is.
    variant
        ``"trained"``, ``"untrained"`` or ``"permuted"``.
    """
    small = of in checkpoints.names()
    architecture = checkpoints.card(of)["architecture"] if small else weights.card(of).network
    says, full = WORDS[architecture], ARCHITECTURES[architecture].TITLE
    said = {"color": says.color if variant == "trained" else GRAY}
    if variant != "trained":
        said |= {"family": "control", "beside_model": True, "marker": says.control_markers[variant]}
    fields = {"of": of, "full": full, "mini": full, "size": "", "cited": says.citation}
    fields["owner"] = f"of {says.citation}"
    if small:
        card = checkpoints.card(of)
        fields |= card | card["settings"] | card["settings"]["schedule"]
        fields["mini"] = f"{full} mini ({checkpoints.corpus(of)})"
        fields |= {"size": "of the same size, ", "owner": "this project's own"}
        fields["studies"] = ", ".join(source["name"] for source in card["corpus"])
        fields["read"] = says.small_recipe.format(**fields)
        said |= {
            "family": "small",
            "corpus": checkpoints.corpus(of),
            "marker": _letter(of, architecture, variant),
        }
    if variant == "untrained":
        texts = UNTRAINED | (
            SMALL_UNTRAINED
            if small
            else {"title": "{full}'s network, untrained", "recipe": says.untrained_recipe}
        )
        said["slow"] = not small
    elif variant == "permuted":
        texts = PERMUTED
        said |= {"permutes": of, "checkpoint": None if small else of}
    else:
        texts = SMALL if small else {}
        said |= {} if small else _of_catalog(of, says)
    if small and variant != "untrained":
        said["weights_sha256"] = checkpoints.weights_sha256(of)
    said |= {key: text.format(**fields) for key, text in texts.items()}
    return MethodCard(name=name, architecture=architecture, streams=True, variant=variant, **said)


def _of_catalog(of: str, says: Words) -> dict:
    """What a card says of a checkpoint of the catalog."""
    card = weights.card(of)
    alike = [name for name in weights.names() if weights.card(name).network == card.network]
    place = alike.index(of)
    return {
        "title": card.title,
        "family": "foundation",
        "summary": f"{says.what} {card.summary}",
        "recipe": says.recipe,
        "caveat": " ".join([f"Pre-trained on {card.corpus}; cut-off: {card.cut_off}.", *card.caveats]),
        "citation": f"{card.citation}, doi:{card.doi}",
        "weights": f"{card.title}, {card.publisher}, revision {card.revision or 'not known'}",
        "weights_sha256": card.file("weights").sha256,
        "checkpoint": of,
        # Where the record says no more than the model, the first checkpoint is meant.
        "in_record": (of, *([ARCHITECTURES[card.network].TITLE] if place == 0 else [])),
        "control": f"{card.network}-random",
        "marker": says.markers[place] if place < len(says.markers) else f"${card.network[0]}{place + 1}$",
    } | ({"family": "tuned", "tuned": card.tuned, "in_record": (), "color": ""} if card.tuned else {})


def _letter(of: str, architecture: str, variant: str) -> str:
    """Marker of a small model: its architecture's letter, small, then capital, then primed; its controls below it."""
    alike = [name for name in checkpoints.names() if checkpoints.card(name)["architecture"] == architecture]
    primes, capital = divmod(alike.index(of), 2)
    letter = architecture[0].upper() if capital else architecture[0]
    below = {"trained": "", "untrained": "_0", "permuted": "_p"}[variant]
    return "$" + letter + "'" * primes + below + "$"
