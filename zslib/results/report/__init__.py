"""Sentences computed from the results: every number in the book's prose comes from here or from a table."""

from zslib.results.report.discovery import discovery, unknown_types
from zslib.results.report.draws import draws
from zslib.results.report.ladder import controls
from zslib.results.report.results import (
    against,
    batches,
    biology,
    front_methods,
    gains,
    measured,
    models,
    questioned,
    small_models,
    trust,
)
from zslib.results.report.uncertainty import over_datasets, stability

__all__ = [
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
    "questioned",
    "small_models",
    "stability",
    "trust",
    "unknown_types",
]
