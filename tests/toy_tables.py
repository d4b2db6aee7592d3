"""Columns of the tables that the grid writes for each run, for tests that make such tables up."""

SCORES = ["dataset", "method", "seed", "space", "metric", "value", "ci_low", "ci_high", "n_cells", "better"]
DISCOVERY = [
    "dataset",
    "method",
    "seed",
    "space",
    "metric",
    "label",
    "cells",
    "value",
    "ci_low",
    "ci_high",
    "chance",
]
