"""Sentences computed from the results: every number in the book's prose comes from here or from a table."""

from zslib.results.report.cautions import below_floor, confounded, confounding, met
from zslib.results.report.discovery import discovery, headline, unknown_types
from zslib.results.report.front import foundation_models, front_methods, measured, models, trust
from zslib.results.report.ladder import controls
from zslib.results.report.results import against, batches, biology, gains, opening, reached, small_models
from zslib.results.report.robustness import robustness
from zslib.results.report.uncertainty import drawn_anew, draws, over_datasets, stability
