"""The checkpoints that are known by name.

Nothing here is guessed: where no reliable record of a revision, a size or a hash was found, the
entry is None and says why.
"""

from zslib.core.errors import DataError
from zslib.frozen.weights import published_geneformer, published_scgpt
from zslib.frozen.weights.card import WeightsCard

CARDS: dict[str, WeightsCard] = {c.name: c for c in (*published_scgpt.CARDS, *published_geneformer.CARDS)}


def names() -> list[str]:
    """Names of the checkpoints."""
    return list(CARDS)


def card(name: str) -> WeightsCard:
    """The card of a checkpoint.

    Raises
    ------
    DataError
        If there is none of that name; lists those there are.
    """
    if name not in CARDS:
        raise DataError(f"There are no weights called {name!r}. There are: {', '.join(CARDS)}.")
    return CARDS[name]
