"""Published weights: what is known of them before anyone runs them."""

from html import escape

from zslib.frozen import weights
from zslib.tables.html import table


def weights_cards(network: str):
    """Render the cards of all published weights of a network, a row each, with whether they are here.

    Parameters
    ----------
    network
        ``"scgpt"`` or ``"geneformer"``.
    """
    rows = []
    for card in map(weights.card, weights.names()):
        if card.network != network:
            continue
        hashed = sum(file.sha256 is not None for file in card.files)
        here = "here" if weights.available(card.name) else "not available in this build"
        rows.append(
            (
                f"<b>{escape(card.title)}</b><br><code>{card.name}</code><br>{here}",
                escape(f"{card.summary} {' '.join(card.caveats)}"),
                escape(f"{card.corpus}. Cut-off: {card.cut_off}."),
                escape(f"{card.license}. Hashes known of {hashed} of {len(card.files)} files. {card.origin}"),
            )
        )
    header = ["weights", "what they are, and what to keep in mind", "pre-trained on", "license and origin"]
    return table(rows, header, text_columns=4, kind="prose")
