"""Sentences computed from the results: every number in the book's prose comes from here or from a table."""

from zslib.report.discovery import discovery, unknown_types
from zslib.report.draws import draws
from zslib.report.ladder import controls
from zslib.report.results import (
    QUESTIONED,
    against,
    batches,
    biology,
    front_methods,
    gains,
    measured,
    models,
    small_models,
    trust,
)
from zslib.report.uncertainty import over_datasets, stability

__all__ = [
    "QUESTIONED",
    "against",
    "batches",
    "biology",
    "controls",
    "discovery",
    "draws",
    "front_methods",
    "gains",
    "measured",
    "models",
    "over_datasets",
    "small_models",
    "stability",
    "trust",
    "unknown_types",
]
