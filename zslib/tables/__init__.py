"""Every table of the book: real HTML tables that scroll sideways on a phone, numbers to the right."""

from zslib.tables.cards import (
    composition,
    dataset_card,
    method_card,
    method_cards,
    metric_card,
    weights_cards,
)
from zslib.tables.code import method_code
from zslib.tables.discovery import fewest_cells, hidden_types
from zslib.tables.html import facts, table
from zslib.tables.ladder import controls, verdicts
from zslib.tables.performance import extrapolated, gpu_rows, gpu_run, recorded, stages
from zslib.tables.provenance import cost, dataset_provenance, grid_provenance, provenance
from zslib.tables.repeats import repeats
from zslib.tables.results import comparison, matrix, overview, ranking, scores, statuses
