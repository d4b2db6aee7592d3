"""What a metric's card holds, and what several cards cite."""

from dataclasses import dataclass
from typing import Literal, get_args

SCIB = "Luecken et al., Nature Methods 19:41 (2022), doi:10.1038/s41592-021-01336-8"
PAPER = "Kedzierska et al., Genome Biology 26:101 (2025), doi:10.1186/s13059-025-03574-x"
LEIDEN = "Traag et al., Scientific Reports 9:5233 (2019), doi:10.1038/s41598-019-41695-z"

Family = Literal["biology", "batch", "geometry", "discovery"]
FAMILIES: tuple[str, ...] = get_args(Family)
"""By what a metric asks for, in the order of the tables; a folder of this package each."""


@dataclass(frozen=True, kw_only=True)
class MetricCard:
    """A metric's card: it heads the metric's axis in every figure and explains it in the book."""

    name: str
    """As in the tables."""
    title: str
    """As people say it; the label of an axis."""
    family: Family
    range: tuple[float, float]
    """Least and largest possible value."""
    better: Literal["higher", "lower", "neither"]
    """Which way is better; neither, where a score describes an embedding without judging it."""
    formula: str
    """The definition in a line of plain text."""
    reading: str
    """How to read the number."""
    fooled_by: str
    """What raises or lowers it without the embedding being better or worse."""
    reference: str

    @property
    def direction(self) -> str:
        """Which way is better, in words."""
        return "no better direction" if self.better == "neither" else f"{self.better} is better"
