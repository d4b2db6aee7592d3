"""Sentences computed from the results: every number in the book's prose comes from here or from a table."""

from zslib.results.report.confounding import confounded, confounding
from zslib.results.report.discovery import discovery, unknown_types
from zslib.results.report.front import foundation_models, front_methods, measured, models, trust
from zslib.results.report.ladder import controls
from zslib.results.report.results import against, batches, biology, gains, small_models
from zslib.results.report.uncertainty import draws, over_datasets, stability
