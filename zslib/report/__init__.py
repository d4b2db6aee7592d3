"""Sentences computed from the results: every number in the book's prose comes from here or from a table."""

from zslib.report.discovery import discovery, unknown_types
from zslib.report.draws import draws
from zslib.report.ladder import controls
from zslib.report.results import QUESTIONED, against, answer, batches, biology, gains, models, trust
from zslib.report.uncertainty import over_datasets, stability

__all__ = [
    "QUESTIONED",
    "against",
    "answer",
    "batches",
    "biology",
    "controls",
    "discovery",
    "draws",
    "gains",
    "models",
    "over_datasets",
    "stability",
    "trust",
    "unknown_types",
]
