"""The method cards of checkpoints and their controls, made from what is known of each checkpoint."""

from dataclasses import dataclass

from zslib.frozen import weights
from zslib.frozen.architectures import ARCHITECTURES
from zslib.frozen.pretrain import shipped
from zslib.methods.card import MethodCard

GRAY = "#8C8C8C"


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the cards of an architecture say and how its methods are drawn."""

    color: str
    markers: str
    """Of published checkpoints, in turn."""
    untrained: str
    """Marker of the untrained network of published size."""
    permuted: str
    """Marker of published weights with permuted genes."""
    what: str
    recipe: str
    """How published weights are read."""
    small_recipe: str
    citation: str


WORDS = {
    "scgpt": Words(
        color="#CC79A7",
        markers="pH8X",
        untrained="+",
        permuted="|",
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
        citation="Cui et al., Nature Methods 21:1470 (2024), doi:10.1038/s41592-024-02201-0, for",
    ),
    "geneformer": Words(
        color="#56B4E9",
        markers="dh<>",
        untrained="4",
        permuted="_",
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
        citation="Theodoris et al., Nature 618:616 (2023), doi:10.1038/s41586-023-06139-9, for",
    ),
}
SHUFFLED = (
    "The weights of {of}, with the identities of the genes shuffled: each gene of the data is read as another one{where}. "
    "What the model knows of genes is gone, all else is kept."
)
OWES_NOTHING = "If it scores as {of} does, that score owes nothing to what was learned of genes."
CONTROLS = {
    ("scgpt", "untrained"): {
        "summary": (
            "The network and the input of scGPT, with the random weights that training starts from. What pre-training "
            "adds must show as a difference from this: a random network, too, keeps like cells together."
        ),
        "recipe": (
            "Twelve layers, 512 dimensions, 51 million weights drawn by the reference's initialization from the seed; "
            "the vocabulary of the released checkpoints; the paper's recipe of tokens and embedding."
        ),
        "caveat": (
            "It is not scGPT. One draw of weights is one draw: the profile says how many seeds were run, and up to "
            "how many tokens of a cell were read."
        ),
    },
    ("geneformer", "untrained"): {
        "summary": (
            "The network and the input of Geneformer V1, with the random weights that training starts from. What "
            "pre-training adds must show as a difference from this."
        ),
        "recipe": (
            "Six layers, 256 dimensions, weights drawn by BERT's initialization from the seed; genes ranked as "
            "Geneformer does, by the published medians where those are here, and else by the medians of the cells "
            "themselves; the embedding taken as the paper does."
        ),
        "caveat": (
            "It is not Geneformer. One draw of weights is one draw: the profile says how many seeds were run, and how "
            "many genes of a cell were read."
        ),
    },
    ("scgpt", "permuted"): {
        "summary": SHUFFLED.format(of="scgpt-human", where=""),
        "recipe": (
            "As scgpt-human, but that the ids of the genes of the data are shuffled among themselves by the seed."
        ),
        "citation": (
            "After the permutation test; the weights are of Cui et al., doi:10.1038/s41592-024-02201-0"
        ),
    },
    ("geneformer", "permuted"): {
        "summary": SHUFFLED.format(of="geneformer-v1-10m", where=", at its own place in the ranking"),
        "recipe": (
            "As geneformer-v1-10m, but that the tokens of the genes of the data are shuffled among themselves by the "
            "seed, after ranking."
        ),
        "citation": (
            "After the permutation test; the weights are of Theodoris et al., doi:10.1038/s41586-023-06139-9"
        ),
    },
}
"""What the cards of controls of published size say."""


def make(name: str, of: str, variant: str, order: int) -> MethodCard:
    """The card of a row of :data:`zslib.methods.checkpoints.TABLE`."""
    small = of in shipped.names()
    architecture = shipped.card(of)["architecture"] if small else weights.card(of).network
    says = WORDS[architecture]
    trained = variant == "trained"
    about = {
        "architecture": architecture,
        "variant": variant,
        "permutes": of if variant == "permuted" else None,
        "color": says.color if trained else GRAY,
        "order": order,
    }
    if not small:
        text = _published(of, says) if trained else _control_of_published(of, architecture, variant)
        return MethodCard(name=name, **text, **about)
    text = {"trained": _small, "untrained": _small_untrained, "permuted": _small_permuted}[variant](of, says)
    letter = _letter(of, architecture)
    below = {"trained": "", "untrained": "_0", "permuted": "_p"}[variant]
    about |= {"family": "small", "corpus": shipped.corpus(of), "marker": f"${letter}{below}$"}
    return MethodCard(name=name, **text, **about)


def _published(of: str, says: Words) -> dict:
    """What a card says of published weights as they are."""
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
        "control": f"{card.network}-random",
        "marker": says.markers[place] if place < len(says.markers) else f"${card.network[0]}{place + 1}$",
    }


def _control_of_published(of: str, architecture: str, variant: str) -> dict:
    """What a card says of the network of an architecture untrained, or of published weights with permuted genes."""
    title, says = ARCHITECTURES[architecture].TITLE, WORDS[architecture]
    shared = {"family": "control", "beside_model": True, **CONTROLS[architecture, variant]}
    if variant == "untrained":
        return shared | {
            "title": f"{title}'s network, untrained",
            "citation": f"{says.citation} the network",
            "marker": says.untrained,
            "slow": True,
        }
    return shared | {
        "title": f"{title}, genes permuted",
        "caveat": f"It is not {title}. {OWES_NOTHING.format(of=of)}",
        "weights": f"those of {of}",
        "checkpoint": of,
        "marker": says.permuted,
    }


def _small(of: str, says: Words) -> dict:
    """What a card says of a small model of this project."""
    card = shipped.card(of)
    title, settings = ARCHITECTURES[card["architecture"]].TITLE, card["settings"]
    studies = ", ".join(source["name"] for source in card["corpus"])
    return {
        "title": _title(of),
        "summary": (
            f"The architecture of {title}, small, pre-trained by its own objective on "
            f"{card['cells_trained_on']:,} cells of {studies}, and frozen. It is not {title}."
        ),
        "recipe": (
            f"{settings['layers']} layers of width {settings['width']}, {card['parameters']:,} weights, {card['genes']:,} "
            f"genes, {card['best_step']:,} steps of {settings['schedule']['batch_size']} cells. "
            + says.small_recipe.format(max_length=settings["max_length"])
            + " Genes without a token are passed over."
        ),
        "caveat": (
            f"It has seen cells of {studies}, so it is not zero-shot there in the strict sense. Thousands of times "
            "fewer cells than the published models saw: it says nothing about these."
        ),
        "citation": f"{says.citation} architecture and objective",
        "weights": f"shipped with this project; remade by `zslib pretrain {of}`",
        "weights_sha256": shipped.weights_sha256(of),
        "control": f"{of}-untrained",
    }


def _small_untrained(of: str, says: Words) -> dict:
    """What a card says of the untrained twin of a small model."""
    return {
        "title": f"{_title(of)}, untrained",
        "summary": (
            f"The network, the tokens and the gene medians or vocabulary of {of}, of the same size, with the random "
            "weights that training starts from. What pre-training adds must show as a difference from this."
        ),
        "recipe": (
            f"As {of}, but that its {shipped.card(of)['parameters']:,} weights are drawn by the architecture's own "
            "initialization from the seed."
        ),
        "caveat": "One draw of weights is one draw: the profile says how many seeds were run.",
        "citation": f"{says.citation} architecture and objective",
    }


def _small_permuted(of: str, says: Words) -> dict:
    """What a card says of a small model whose genes are shuffled."""
    return {
        "title": f"{_title(of)}, genes permuted",
        "summary": SHUFFLED.format(of=of, where=""),
        "recipe": f"As {of}, but that the tokens of the genes of the data are shuffled among themselves by the seed.",
        "caveat": OWES_NOTHING.format(of=of),
        "citation": "The permutation test; the weights are this project's own",
        "weights": f"those of {of}",
        "weights_sha256": shipped.weights_sha256(of),
    }


def _title(of: str) -> str:
    return f"{ARCHITECTURES[shipped.card(of)['architecture']].TITLE} mini ({shipped.corpus(of)})"


def _letter(of: str, architecture: str) -> str:
    """A letter for a small model: its architecture's, small, then capital, then primed."""
    alike = [name for name in shipped.names() if shipped.card(name)["architecture"] == architecture]
    primes, capital = divmod(alike.index(of), 2)
    letter = architecture[0]
    return (letter.upper() if capital else letter) + "'" * primes
