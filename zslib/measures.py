"""The cards of all that is scored, metrics and measures of discovery alike."""

from zslib import metrics
from zslib.metrics import discovery

CARDS = metrics.CARDS | discovery.CARDS
"""By name, in the order of the tables."""
