"""How much is pre-trained for the chapter on pre-training data. Loads without torch."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from zslib.core.errors import DataError
from zslib.frozen.pretrain.corpus import overlapping


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How much is pre-trained. The defaults are those of the default profile, about a minute on one core."""

    corpus: str = "kang"
    """Dataset that is pre-trained on."""
    held_out: tuple[str, ...] = ("pbmc3k", "baron")
    """Datasets that are scored: none of their cells is in the corpus."""
    sizes: tuple[int, ...] = (100, 300, 1000, 3000)
    """Cells of the subsets, ascending; a smaller one is part of a larger one."""
    epochs: int = 20
    """Passes of scVI over a subset, whatever its size."""
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    """Of the subsets, the weights at the start, and the training."""
    n_cells: int = 600
    """Most cells of each held-out dataset."""
    n_genes: int = 1000
    """Genes that are read: the most variable of the corpus, the same for every size and for the untrained models."""

    @property
    def datasets(self) -> tuple[str, ...]:
        """All that are read."""
        return self.corpus, *self.held_out

    def __post_init__(self):
        if list(self.sizes) != sorted(set(self.sizes)) or self.sizes[0] < 3:
            raise DataError(
                f"composition: sizes must ascend from 3 cells or more; they are {list(self.sizes)}."
            )
        if shared := {self.corpus, *overlapping(self.corpus)} & set(self.held_out):
            raise DataError(
                f"composition: {', '.join(sorted(shared))} shares cells with {self.corpus}; take it out."
            )

    @classmethod
    def of(cls, content: Mapping | None) -> "Settings":
        """Settings from what a profile says, lists for tuples; a word that is not known here is an error."""
        known, content = [field.name for field in fields(cls)], content or {}
        if unknown := set(content) - set(known):
            raise DataError(f"composition has {', '.join(sorted(unknown))}; it may hold {', '.join(known)}.")
        return cls(**{name: tuple(v) if isinstance(v, list) else v for name, v in content.items()})
