"""Every table of the book: real HTML tables that scroll sideways on a phone, numbers to the right."""

from zslib.tables.cards import composition, dataset_card, method_card, method_cards, metric_card
from zslib.tables.discovery import fewest_cells, hidden_types
from zslib.tables.expression import asked, expression_scores, found_hidden, given_back
from zslib.tables.html import facts, table
from zslib.tables.ladder import controls, verdicts
from zslib.tables.leakage import ledger, minis_cards, minis_held_out
from zslib.tables.provenance import cost, dataset_provenance, grid_provenance, provenance
from zslib.tables.results import comparison, overview, scores, statuses
from zslib.tables.tuning import reached
from zslib.tables.uncertainty import ranking
from zslib.tables.weights import weights_cards

__all__ = [
    "asked",
    "comparison",
    "composition",
    "controls",
    "cost",
    "dataset_card",
    "dataset_provenance",
    "expression_scores",
    "facts",
    "fewest_cells",
    "found_hidden",
    "given_back",
    "grid_provenance",
    "hidden_types",
    "ledger",
    "method_card",
    "method_cards",
    "metric_card",
    "minis_cards",
    "minis_held_out",
    "overview",
    "provenance",
    "ranking",
    "reached",
    "scores",
    "statuses",
    "table",
    "verdicts",
    "weights_cards",
]
