"""What a reader must know of a method before reading its scores."""

from dataclasses import dataclass
from typing import Literal

from zslib.core.errors import DataError

FAMILIES = {
    "baseline": "baselines",
    "own": "embeddings of your own",
    "foundation": "foundation models",
    "tuned": "models fine-tuned, or trained on an atlas of such cells: not zero-shot",
    "control": "controls",
    "small": "small models of this book",
}
"""What each family is called, in the order of tables."""
STYLES = {
    "baseline": ("#5B8AA6", "$b$"),
    "foundation": ("#B3446C", "$f$"),
    "own": ("#A66A00", "X"),
    "tuned": ("#6B4E1F", "$t$"),
    "control": ("#8C8C8C", "$c$"),
    "small": ("#8A5FE8", "$m$"),
}
"""Color and marker of each family in figures, for methods whose cards give none."""
NOT_STATED = "Not stated."


@dataclass(frozen=True, kw_only=True)
class MethodCard:
    """A method's card: shown on its page, and read by the grid."""

    name: str
    """Lower case, hyphens; the file is the same name with underscores."""
    title: str
    """The name as people say it."""
    family: Literal["control", "baseline", "own", "foundation", "tuned", "small"]
    """``"foundation"`` is a frozen model and nothing else: what stands there is zero-shot. ``"own"`` was made elsewhere, and no
    more is known of it than its rows. ``"small"`` is a small model of this book or a control of one: shown beside its
    untrained control, never ranked."""
    summary: str = NOT_STATED
    """What it is, in a sentence or two, for a biologist."""
    recipe: str = NOT_STATED
    """What exactly is run, step by step."""
    caveat: str = NOT_STATED
    """What to keep in mind when reading its scores."""
    citation: str = NOT_STATED
    trained_on_target: bool | None = False
    """Whether it is fitted to the very cells it embeds; None if not known, as below."""
    sees_batch: bool | None = False
    """Whether it uses the batch of each cell."""
    sees_labels: bool | None = False
    """Whether it uses the cell types, which only a positive control may do."""
    tests_metrics: bool = False
    """Whether it is a control of the metrics alone, and left out where methods are compared."""
    beside_model: bool = False
    """Whether it is a control of certain models alone, such as their untrained network, and shown beside them only."""
    tuned: str | None = None
    """What the model was fine-tuned or trained for besides its pre-training, in words: it is of the family ``"tuned"`` then,
    shown where methods are compared, and never ranked."""
    looked_up: str | None = None
    """The model whose embedding its owners computed, such as ``"scGPT"``, and which is looked up here by the names of cells."""
    weights: str | None = None
    """The pre-trained weights it loads, in words."""
    weights_sha256: str | None = None
    """SHA-256 of the file they are read from."""
    checkpoint: str | None = None
    """The checkpoint it needs, by its name in :mod:`zslib.frozen.weights`; where that is in the cache, the method joins
    every grid."""
    control: str | None = None
    """Its untrained control: the method with the same input, architecture and size, and weights that were never trained."""
    architecture: str | None = None
    """``"scgpt"`` or ``"geneformer"`` of a network of that architecture, see :mod:`zslib.frozen.architectures`."""
    variant: Literal["trained", "untrained", "permuted"] | None = None
    """Weights of such a network: as trained, as initialized, or as trained but with the genes permuted."""
    permutes: str | None = None
    """The method whose weights it runs with permuted genes."""
    corpus: str | None = None
    """Name of the corpus of a small model of this book, see :data:`zslib.frozen.pretrain.checkpoints.CORPORA`."""
    in_record: tuple[str, ...] = ()
    """What it goes by in the public record: a baseline's name, the checkpoint whose embeddings it gives, a model's name."""
    slow: bool = False
    """Whether its runs take long, so that a grid starts them first."""
    streams: bool = False
    """Whether it reads X and counts by :mod:`zslib.datasets.parts`, and never changes them, so that cells that do not fit
    into memory can stay on the disk; others get them in memory."""
    cheap: bool = False
    """Whether it takes a second or so for thousands of cells, and is run again on cells drawn and altered anew; see
    :mod:`zslib.results.robustness`."""
    color: str = ""
    """Color in figures: cool for baselines, warm for foundation models, gray for controls; that of the family if not given."""
    marker: str = ""
    """Matplotlib marker in figures; that of the family if not given."""

    def __post_init__(self):
        if (self.tuned is not None) != (self.family == "tuned"):
            raise DataError(
                f"{self.name}: the family of what was fine-tuned or trained is 'tuned', its card says by `tuned` what for, and "
                "nothing else is of that family."
            )
        if self.tuned and self.in_record:
            raise DataError(
                f"{self.name} is not zero-shot and cannot stand for {self.in_record[0]} of the record."
            )
        if self.family == "foundation" and (self.trained_on_target or self.sees_batch or self.sees_labels):
            raise DataError(
                f"{self.name} is fitted to the cells, or told their batches or labels: it is no frozen foundation model."
            )
        color, marker = STYLES[self.family]
        object.__setattr__(self, "color", self.color or color)
        object.__setattr__(self, "marker", self.marker or marker)

    @property
    def place(self) -> tuple[int, str]:
        """Where it stands in tables: by family, then by title."""
        return list(FAMILIES).index(self.family), self.title.casefold()

    @property
    def competes(self) -> bool:
        """Whether it can be ranked: baselines, foundation models and embeddings of one's own."""
        return self.family in ("baseline", "own", "foundation")

    @property
    def compared(self) -> bool:
        """Whether it is shown where methods are compared: not what is for the metrics, or for certain models alone."""
        return self.family != "small" and not (self.tests_metrics or self.beside_model)
