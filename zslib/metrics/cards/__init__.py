"""What a reader must know of a score before believing it: a card per metric, a file per family."""

from zslib.metrics.cards import batch, biology, clusters, geometry
from zslib.metrics.cards.card import MetricCard

CARDS: dict[str, MetricCard] = {
    card.name: card for family in (clusters, biology, batch, geometry) for card in family.CARDS
}
"""Every metric by its name, in the order of the tables."""

__all__ = ["CARDS", "MetricCard"]
