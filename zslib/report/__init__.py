"""Sentences computed from the results: every number in the book's prose comes from here or from a table."""

from zslib.report.discovery import discovery, unknown_types
from zslib.report.results import QUESTIONED, against, answer, batches, biology, models, trust

__all__ = [
    "QUESTIONED",
    "against",
    "answer",
    "batches",
    "biology",
    "discovery",
    "models",
    "trust",
    "unknown_types",
]
