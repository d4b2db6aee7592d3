"""What a reader must know of a method before reading its scores."""

from dataclasses import dataclass
from typing import Literal

FAMILIES = {
    "baseline": "baselines",
    "foundation": "foundation models",
    "control": "controls",
    "small": "small models of this book",
}
"""What each family is called."""


@dataclass(frozen=True, kw_only=True)
class MethodCard:
    """A method's card: shown on its page, and read by the grid."""

    name: str
    """Lower case, hyphens; the file is the same name with underscores."""
    title: str
    """The name as people say it."""
    family: Literal["control", "baseline", "foundation", "small"]
    """``"small"``: a model that this book teaches with, or a control of one. It stands beside its untrained twin, on
    the pages that teach with it, and competes with nobody."""
    summary: str
    """What it is, in a sentence or two, for a biologist."""
    recipe: str
    """What exactly is run, step by step."""
    caveat: str
    """What to keep in mind when reading its scores."""
    citation: str
    trained_on_target: bool = False
    """Whether it is fitted to the very cells it embeds."""
    sees_batch: bool = False
    """Whether it is told which batch a cell comes from."""
    sees_labels: bool = False
    """Whether it is told the cell types: cheating, allowed only to a control that marks the ceiling."""
    rung: bool = False
    """Whether it stands on the ladder of controls only, and not among the methods in figures and tables."""
    beside_model: bool = False
    """Whether it is a control of certain models alone, as their untrained network is: it stands beside them only."""
    weights: str | None = None
    """The pre-trained weights it loads, if any."""
    weights_sha256: str | None = None
    """Hash of the file they are read from."""
    checkpoint: str | None = None
    """The published weights it needs, by their name in :mod:`zslib.frozen.weights`; with them it joins every grid."""
    control: str | None = None
    """Its untrained twin: the method that has its input, architecture and size, and nothing of what was learned."""
    architecture: str | None = None
    """``"scgpt"`` or ``"geneformer"`` of a network of that architecture, see :mod:`zslib.frozen.architectures`."""
    variant: Literal["trained", "untrained", "permuted"] | None = None
    """Of such a network: its weights as they were trained, drawn anew, or trained and read with permuted genes."""
    permutes: str | None = None
    """The method whose weights it runs with permuted genes."""
    corpus: str | None = None
    """Name of the corpus of a small model of this book, see :data:`zslib.frozen.pretrain.shipped.CORPORA`."""
    slow: bool = False
    """Whether it is among the longest runs of a grid, which begin first."""
    color: str = "#666666"
    """Its color in every figure of the book, of the Okabe-Ito palette or a gray for controls."""
    marker: str = "o"
    """Its marker in every figure of the book."""
    order: int = 99
    """Where it stands in tables and legends."""

    @property
    def competes(self) -> bool:
        """Whether it can be the best, have a star or a rank: baselines and foundation models alone."""
        return self.family in ("baseline", "foundation")

    @property
    def compared(self) -> bool:
        """Whether it stands in the figures and tables of all methods: what competes, and the controls of them all."""
        return self.competes or (self.family == "control" and not (self.rung or self.beside_model))
