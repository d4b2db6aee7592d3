"""What is pre-trained on what, how often, and where it is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from zslib.errors import DataError

MODELS = {
    "pca": "PCA",
    "scvi": "scVI",
    "autoencoder": "masked autoencoder",
    "rank-transformer": "tiny rank transformer",
    "bin-transformer": "tiny bin transformer",
}
"""Models by name, and what they are called in figures. The last two have the architectures of
Geneformer and of scGPT, and are neither."""
SCHEMES = {
    "uniform": "at random",
    "balanced": "types in turn",
    "sketch": "by geometric sketching",
    "few-batches": "batch after batch",
}
"""Schemes by name, and what they are called in figures."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One experiment. The defaults are those of the default profile, minutes on two cores."""

    corpus: tuple[str, ...] = ("kang", "baron")
    """Datasets that are pre-trained on."""
    targets: tuple[str, ...] = ("pbmc3k", "hao")
    """Held-out studies: none of their cells is in the corpus."""
    models: tuple[str, ...] = tuple(MODELS)
    shares: tuple[float, ...] = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
    """Sizes of the subsets drawn at random, as shares of the corpus."""
    scheme_shares: tuple[float, ...] = (0.03,)
    """Sizes, among these, at which the other schemes are compared with chance."""
    seeds: tuple[int, ...] = (0, 1, 2)
    """Of the subset, of the weights at the start, and of the training."""
    steps: int = 300
    """Steps of the optimizer, the same for a subset of any size."""
    n_cells: int | None = None
    """Most cells of each dataset of the corpus."""
    n_target: int = 600
    """Most cells of each held-out study."""
    n_genes: int = 1000
    """Genes that are read: those found in most cells of the corpus."""
    width: int = 32
    """Features of a token of the two transformers."""
    max_length: int = 64
    """Most tokens of a cell."""
    n_boot: int = 200
    """Resamples of the held-out cells behind every interval."""

    def __post_init__(self):
        if unknown := set(self.models) - set(MODELS):
            raise DataError(f"There is no model {', '.join(sorted(unknown))}; there are {', '.join(MODELS)}.")
        if set(self.corpus) & set(self.targets):
            raise DataError("A held-out study must not be in the corpus.")
        ascending = (
            list(self.shares) == sorted(set(self.shares)) and self.shares[0] > 0 and self.shares[-1] <= 1
        )
        if not ascending or not set(self.scheme_shares) <= set(self.shares):
            raise DataError(
                f"shares must ascend within (0, 1], and scheme_shares be some of them; they are {list(self.shares)} "
                f"and {list(self.scheme_shares)}."
            )

    @classmethod
    def of(cls, content: Mapping) -> "Settings":
        """Settings from what a profile says, lists for tuples.

        Raises
        ------
        DataError
            If the profile has a word that is not known here.
        """
        known = {field.name for field in fields(cls)}
        if unknown := set(content) - known:
            raise DataError(
                f"composition has {', '.join(sorted(unknown))}; it may hold {', '.join(sorted(known))}."
            )
        return cls(**{name: tuple(v) if isinstance(v, list) else v for name, v in content.items()})
